"""What happened: frozen records, identifiers and the Arrow envelope. Imports nothing of ours."""
