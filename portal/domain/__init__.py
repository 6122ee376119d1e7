"""Values all modules speak; standard library only."""
