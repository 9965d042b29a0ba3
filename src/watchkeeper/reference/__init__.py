"""What normal looks like: training data compiled once per version into bins, tallies and time blocks."""
