"""Pages of the block tour: at the cell, at the desk, on the tour, and the figures."""
