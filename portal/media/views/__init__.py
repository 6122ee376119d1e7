"""The pages of the newsroom, and those everyone reads."""
