"""Every cause says what to do next."""

from __future__ import annotations

import pytest

from watchkeeper.alerts.advice import NEXT_STEP, REFERENCE_STEP, SOURCE_STEP, next_step
from watchkeeper.alerts.alert import EVERYTHING
from watchkeeper.alerts.cause import CAUSES, Cause
from watchkeeper.monitors.against_reference import COLUMN


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_a_next_step(cause: Cause) -> None:
    assert next_step(cause, "input.age") == NEXT_STEP[cause]
    assert NEXT_STEP[cause].endswith((".", "it."))


def test_a_version_that_is_worse_than_the_one_before_is_told_which_to_go_back_to() -> None:
    assert next_step(Cause.HARM, "performance.error against v7").startswith("Go back to version v7,")
    assert next_step(Cause.HARM, "performance.error") == NEXT_STEP[Cause.HARM]
    assert next_step(Cause.HARM, COLUMN) == REFERENCE_STEP


def test_a_broken_source_has_its_own() -> None:
    assert all(next_step(cause, EVERYTHING) == SOURCE_STEP for cause, kind in CAUSES.items() if kind.hard)
