"""Publish releases: written by one, approved by another, public when their time has come."""
