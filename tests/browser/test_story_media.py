"""A release: written by one, approved by another, read by a journalist without scripts."""
