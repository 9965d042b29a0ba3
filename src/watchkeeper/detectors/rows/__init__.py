"""Two-sample tests on rows, for those who ask: monitors work on tallies and never need them. One test per file."""
