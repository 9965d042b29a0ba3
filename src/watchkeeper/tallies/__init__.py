"""The additive counts that everything watched is made of, one kind per file."""
