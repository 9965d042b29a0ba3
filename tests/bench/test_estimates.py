"""The bench of estimates runs without its peer."""

from __future__ import annotations

from pathlib import Path

from bench.estimates import METRICS, measured, run, simulated


def test_the_short_form_needs_no_peer() -> None:
    times, errors = run(short=True, environments=Path("nowhere"))
    assert {line.name for line in times.lines} == {"Watchkeeper, CPU", "Watchkeeper, wall"}
    assert len(errors.lines) == len(METRICS)


def test_rows_whose_input_moved_are_estimated_to_a_hundredth() -> None:
    found = measured(*simulated(), repeats=1)
    for name in METRICS:
        for guess, truth in zip(found["estimated"][name], found["truth"][name], strict=True):
            assert abs(guess - truth) < 0.03, name
