"""A small client for Python programs: ask for predictions, and send what came of them."""
