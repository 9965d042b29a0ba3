"""Verdicts over time: one alert per cause, with a state, a size, an onset and a next step. Pure."""
