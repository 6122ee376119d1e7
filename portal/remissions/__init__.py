"""Remissions, parole and leave: what the law allows, from when, and what is still missing.

The portal calculates and cites; a named person decides. Every number of the law is a dated row.
"""
