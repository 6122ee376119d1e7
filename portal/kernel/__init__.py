"""Shared ground that touches frameworks; imports no module."""
