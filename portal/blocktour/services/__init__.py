"""What can be done: to a case, from the cell and back to the cell, and to a tour."""
