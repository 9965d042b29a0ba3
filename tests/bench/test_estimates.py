"""The bench of estimates runs without its peer."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.estimates import METRICS, OURS, WEIGHTED, ours, run, simulated


def test_the_short_form_needs_no_peer() -> None:
    times, errors = run(short=True, environments=Path("nowhere"))
    assert {line.name for line in times.lines} == {
        f"{way}, {what}" for way in (OURS, WEIGHTED) for what in ("CPU", "wall")
    }
    assert len(errors.lines) == 2 * len(METRICS)


@pytest.mark.parametrize("way", [OURS, WEIGHTED])
def test_rows_whose_input_moved_are_estimated_to_a_hundredth(way: str) -> None:
    found = ours(*simulated(), repeats=1)[way]
    for name in METRICS:
        for guess, truth in zip(found["estimated"][name], found["truth"][name], strict=True):
            assert abs(guess - truth) < 0.03, name
