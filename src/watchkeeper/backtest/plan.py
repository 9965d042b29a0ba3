"""What is replayed, and how: the questions of a backtest, checked once and put into plain numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from watchkeeper.events.errors import BadInput
from watchkeeper.events.quantities import duration
from watchkeeper.events.times import time_micros
from watchkeeper.monitors.policy import DAY, MONTH

TASKS = ("binary", "multiclass", "regression")
_PERIODS = {"hour": 3600, "day": DAY, "week": 7 * DAY, "month": MONTH, "year": 365 * DAY}
_MOST_A_WINDOW = 1.0
_BUDGET = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)\s*(?:/|per|a)\s*(hour|day|week|month|year)", re.ASCII)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How a history is replayed.

    `time`, `prediction`, `label` and `scores` name columns; `ignore` those that are not watched. `until` (Unix
    seconds) ends the reference. `window` and `label_delay` are seconds. `alarms_per_month` is the budget. `task` is
    one of TASKS, or empty to tell it from the data. `name` is what the history is called.
    """

    time: str
    until: float
    window: int = DAY
    prediction: str | None = None
    scores: tuple[str, ...] = ()
    label: str | None = None
    label_delay: int = 0
    alarms_per_month: float = 1.0
    task: str = ""
    ignore: tuple[str, ...] = ()
    name: str = "history"

    @property
    def outputs(self) -> tuple[str, ...]:
        """The columns that the model gave."""
        return (*((self.prediction,) if self.prediction else ()), *self.scores)

    @property
    def named(self) -> tuple[str, ...]:
        """Every column that has a part of its own, and so is no feature."""
        return (self.time, *self.outputs, *((self.label,) if self.label else ()), *dict.fromkeys(self.ignore))


def plan_of(
    *,
    time: str,
    reference_until: object,
    window: object,
    prediction: str | None,
    score: str | Sequence[str] | None,
    label: str | None,
    label_delay: object,
    budget: object,
    task: str | None,
    ignore: Sequence[str],
    name: str,
) -> Plan:
    """The plan that these arguments make. Raises BadInput that names the first that makes no sense."""
    scores = () if score is None else (score,) if isinstance(score, str) else tuple(score)
    plan = Plan(
        time=time,
        until=_moment(reference_until),
        window=_seconds(window, "window", least=1),
        prediction=prediction,
        scores=scores,
        label=label,
        label_delay=_seconds(label_delay, "label-delay", least=0),
        alarms_per_month=_per_month(budget),
        task=_task(task),
        ignore=(ignore,) if isinstance(ignore, str) else tuple(ignore),
        name=name,
    )
    _check_names(plan)
    _check_budget(plan, budget)
    return plan


def _moment(value: object) -> float:
    """Unix seconds of a date, a time, ISO text or a Unix time."""
    if isinstance(value, date | datetime):
        value = value.isoformat()
    return time_micros(value, "reference-until") / 1e6


def _seconds(value: object, name: str, least: int) -> int:
    try:
        seconds = duration(value)
    except ValueError as error:
        raise BadInput(f"{name} is {value!r}.", hint=f"It must be {error}.") from error
    if seconds < least:
        raise BadInput(f"{name} is {value!r}.", hint=f"It must be at least {least} s.")
    return seconds


def _per_month(budget: object) -> float:
    """Alarms in 30 days of `"1/month"`, `"2/week"`, `"1/day"`, or a number of alarms a month."""
    match = _BUDGET.fullmatch(budget.strip()) if isinstance(budget, str) else None
    if match is not None:
        monthly = float(match[1]) * MONTH / _PERIODS[match[2]]
    elif isinstance(budget, int | float) and not isinstance(budget, bool):
        monthly = float(budget)
    else:
        monthly = math.nan
    if not (math.isfinite(monthly) and monthly > 0):
        raise BadInput(f"budget is {budget!r}.", hint='Say how many false alarms you accept: "1/month", "2/week".')
    return monthly


def _check_budget(plan: Plan, budget: object) -> None:
    if plan.alarms_per_month * plan.window / MONTH > _MOST_A_WINDOW:
        raise BadInput(
            f"budget is {budget!r}: more than one false alarm in every window.",
            hint='Say how many false alarms you accept: "1/month", "2/week".',
        )


def _task(task: str | None) -> str:
    if task and task not in TASKS:
        raise BadInput(f"There is no task {task!r}.", hint=f"There are {', '.join(TASKS)}.")
    return task or ""


def _check_names(plan: Plan) -> None:
    twice = [name for name in plan.named if plan.named.count(name) > 1]
    if twice:
        raise BadInput(f"The column {twice[0]!r} is given two parts.", hint="Each column has one part.")
    if plan.label and not plan.outputs:
        raise BadInput(
            "A label alone says nothing of a model.", hint="Name what the model said with prediction or score."
        )
    if plan.task == "regression" and plan.scores:
        raise BadInput("A regression has no scores.", hint="Name its answer with prediction.")
    if plan.task == "binary" and len(plan.scores) > 1:
        raise BadInput(
            f"A binary model has one score, not {len(plan.scores)}.", hint="Give that of the positive class."
        )
