"""Starts the processes of one Watchkeeper, keeps them running, ends them in order."""
