"""Two tables, one answer: what differs, by how much, and what could have been seen."""
