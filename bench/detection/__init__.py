"""The detection benchmark: false alarms, power, attribution, delay and speed, each held to its goal, beside peers.

`python -m bench.detection --help`. Every cell is seeded and can be run alone; what is not met is published as missed.
"""
