"""Keeps machine-learning models safe in production."""
