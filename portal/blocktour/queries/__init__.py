"""What can be known: of cases behind their door, of tours, and in counts."""
