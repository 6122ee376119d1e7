"""A portal for prisons in Indonesia: five rooms under one roof."""
