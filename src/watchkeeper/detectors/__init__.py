"""Tallies of two samples in, findings out: one method per file, its theory and its paper at the top."""
