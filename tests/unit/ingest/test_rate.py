"""How much one sender may send."""

from __future__ import annotations

import pytest

from watchkeeper.ingest import rate
from watchkeeper.ingest.rate import Rate, TooMany


def test_a_burst_is_taken_and_then_the_rate_holds() -> None:
    made = Rate(a_second=10, at_once=50)
    made.take("a", 50, 100.0)
    with pytest.raises(TooMany, match="Send them again in 2 s") as caught:
        made.take("a", 20, 100.0)
    assert caught.value.status == 429
    made.take("a", 20, 102.0)
    made.take("b", 50, 102.0)


def test_a_refusal_costs_nothing() -> None:
    made = Rate(a_second=10, at_once=50)
    with pytest.raises(TooMany):
        made.take("a", 51, 0.0)
    made.take("a", 50, 0.0)


def test_senders_that_are_made_up_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate, "SENDERS", 3)
    made = Rate()
    for number in range(10):
        made.take(str(number), 1, 0.0)
    assert list(made._left) == ["7", "8", "9"]
