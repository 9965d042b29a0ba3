from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from watchkeeper.backtest.plan import Plan, plan_of
from watchkeeper.events.errors import BadInput


def plan(**given: Any) -> Plan:
    defaults: dict[str, Any] = {
        "time": "at", "reference_until": "2014-01-01", "window": "1d", "prediction": None, "score": None,
        "label": None, "label_delay": 0, "budget": "1/month", "task": None, "ignore": (), "name": "h",
    }  # fmt: skip
    return plan_of(**{**defaults, **given})


@pytest.mark.parametrize(
    "until", ["2014-01-01", "2014-01-01T00:00:00Z", date(2014, 1, 1), datetime(2014, 1, 1, tzinfo=UTC), 1388534400]
)
def test_the_end_of_the_reference_may_be_said_in_many_ways(until: object) -> None:
    assert plan(reference_until=until).until == 1388534400


@pytest.mark.parametrize(
    ("budget", "monthly"), [("1/month", 1.0), ("2/week", 60 / 7), ("1/day", 30.0), ("1 per month", 1.0), (0.5, 0.5)]
)
def test_a_budget_becomes_alarms_a_month(budget: object, monthly: float) -> None:
    assert plan(budget=budget).alarms_per_month == pytest.approx(monthly)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"reference_until": "soon"}, "reference-until is not a time"),
        ({"window": "1y"}, "window is '1y'"),
        ({"window": 0}, "at least 1 s"),
        ({"label_delay": "late"}, "label-delay is 'late'"),
        ({"budget": "0/month"}, "budget is '0/month'"),
        ({"budget": "often"}, "1/month"),
        ({"budget": True}, "budget is True"),
        ({"budget": "2/day"}, "more than one false alarm in every window"),
        ({"task": "ranking"}, "no task 'ranking'"),
        ({"label": "y"}, "prediction or score"),
        ({"score": "p", "label": "p"}, "'p' is given two parts"),
        ({"score": "p", "ignore": ["p"]}, "'p' is given two parts"),
        ({"score": ["p", "q"], "task": "binary"}, "one score, not 2"),
        ({"score": "p", "task": "regression"}, "no scores"),
    ],
)
def test_what_makes_no_sense_is_said(given: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput) as raised:
        plan(**given)
    assert says in str(raised.value)
    assert raised.value.hint


def test_every_named_column_has_a_part() -> None:
    asked = plan(prediction="p", score=["a", "b"], label="y", ignore=["id"])
    assert asked.outputs == ("p", "a", "b")
    assert asked.named == ("at", "p", "a", "b", "y", "id")
