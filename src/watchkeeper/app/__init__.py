"""The composition root: it alone reads settings, and puts the parts together."""
