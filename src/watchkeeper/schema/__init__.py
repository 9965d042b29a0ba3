"""Features and outputs: inferred from data, declared, edited; rows checked; privacy applied."""
