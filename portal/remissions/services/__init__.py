"""What can be done with sentences and their dates: calculate, import, project."""
