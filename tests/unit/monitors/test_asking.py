"""How many labels are asked for."""

from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.events.errors import BadInput
from watchkeeper.monitors.asking import DOUBT, AskPolicy, Price, buys, first_ask, further_ask, worth_having, worth_of
from watchkeeper.monitors.harm import BlockLosses
from watchkeeper.monitors.suspicion import Suspicion

POLICY = AskPolicy()
ORDINARY = BlockLosses(0.2 + 0.05 * np.sin(np.arange(30)), np.full(30, 500.0), 0.16)


def test_a_window_is_asked_for_twenty_first() -> None:
    ask = first_ask(POLICY, 500)
    assert ask is not None
    assert (ask.size, ask.had, ask.fresh) == (20, 0, 20)
    small = first_ask(POLICY, 3)
    assert small is not None
    assert small.size == 3
    assert first_ask(POLICY, 0) is None


@pytest.mark.parametrize(("suspicion", "size"), [(0.05, None), (0.5, 100), (0.99, None)])
def test_more_is_asked_only_in_doubt(suspicion: float, size: int | None) -> None:
    ask = further_ask(POLICY, suspicion, asked=20, rows=500)
    assert (None if ask is None else ask.size) == size
    if ask is not None:
        assert ask.reason == DOUBT
        assert ask.fresh == 80


def test_a_window_is_not_asked_beyond_what_it_has_or_was_asked() -> None:
    assert further_ask(POLICY, 0.5, asked=100, rows=500) is None
    assert further_ask(AskPolicy(more=0), 0.5, asked=20, rows=500, needed=200) is None
    ask = further_ask(POLICY, 0.5, asked=20, rows=60)
    assert ask is not None
    assert ask.size == 60


def test_what_is_needed_raises_the_number_up_to_the_most() -> None:
    for needed, size in ((50, 100), (200, 200), (5000, 300)):
        ask = further_ask(POLICY, 0.5, asked=20, rows=900, needed=needed)
        assert ask is not None
        assert ask.size == size


def test_what_labels_buy_and_cost() -> None:
    assert worth_having(Suspicion(ORDINARY)) == pytest.approx(0.16 / (0.8 * 0.0362) ** 2, rel=0.05)
    worth = worth_of(ORDINARY, 20, 100)
    assert 0 < worth.smaller < worth.rise
    words = buys(worth)
    assert "With 20 labels" in words
    assert "; with 100, +" in words
    assert "; with 100, for 32.00 EUR more a window, +" in buys(worth, Price(0.4, "EUR"))


@pytest.mark.parametrize(
    ("price", "labels", "words"),
    [
        (Price(0.4, "EUR"), 20, "8.00 EUR"),
        (Price(3, ""), 1000, "3,000"),
        (Price(1e-5, "$"), 2, "2e-05 $"),
        (Price(), 20, ""),
    ],
)
def test_a_price_is_said_only_where_it_is_known(price: Price, labels: int, words: str) -> None:
    assert price.of(labels) == words


def test_a_policy_must_make_sense() -> None:
    with pytest.raises(BadInput):
        AskPolicy(low=0.9, high=0.1)
