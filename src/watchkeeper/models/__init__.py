"""Runtimes that turn a pinned artifact into predictions, one file each; see `runtimes.RUNTIMES`."""
