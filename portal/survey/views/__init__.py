"""Doors of the survey: the tablet's and the officers'."""
