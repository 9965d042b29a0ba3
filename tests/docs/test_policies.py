"""Every policy on feedback stands in the docs in the words of the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from watchkeeper.app import rating
from watchkeeper.events.outcomes import POLICY, Outcome
from watchkeeper.ingest import feedback, feedback_body

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "delivery-guarantees.md"


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_of_feedback_is_documented(outcome: Outcome) -> None:
    assert f"| `{outcome.value}` | {POLICY[outcome]} |" in PAGE.read_text()


@pytest.mark.parametrize(
    "reason",
    [
        feedback_body.MALFORMED,
        feedback_body.NO_LABEL,
        feedback_body.IN_FUTURE,
        feedback_body.NO_PREDICTION,
        feedback.TOO_FAST,
        rating.NOT_ASKED,
    ],
)
def test_every_reason_of_a_refusal_is_documented(reason: str) -> None:
    assert f"| `{reason}` |" in PAGE.read_text()
