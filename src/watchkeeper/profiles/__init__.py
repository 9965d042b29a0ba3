"""A table as a profile: its tallies in a small file that adds to others and stands for the table in a comparison."""
