"""Vectors, text and images as a few numbers a row, for tests on rows and for tallies. One way per file."""
