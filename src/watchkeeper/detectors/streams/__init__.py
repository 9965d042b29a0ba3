"""Sequential detectors: one number at a time in, a signal out. One method per file, its theory and paper at the top."""
