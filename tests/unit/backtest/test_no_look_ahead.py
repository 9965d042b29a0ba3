"""What a backtest says of a time rests on nothing that came after it: change the future, and it says the same."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from tests.helpers.histories import DAY, MISSING, TURNED, WITH_LABELS, history, replayed
from watchkeeper.backtest.backtest import Backtest, backtest
from watchkeeper.backtest.records import AlertRecord, WindowRecord
from watchkeeper.report.words import iso

HINDSIGHT = ("loss", "labelled", "harmed", "realised")
OUTCOME = ("resolved_at", "windows", "harmed")
DELAY = 2  # days, as WITH_LABELS


def rewritten(day: int) -> pa.Table:
    """The history as it was known on `day`: whatever came later is noise."""
    rng, table = np.random.default_rng(5), history()
    days = table["at"].cast(pa.int64()).to_numpy() // (DAY * 1_000_000)
    later, unknown, n = days >= day, days + DELAY >= day, table.num_rows
    noise: dict[str, tuple[np.ndarray[Any, Any], Any]] = {
        "x": (later, rng.normal(50, 9, n)),
        "kind": (later, rng.choice(np.array(["a", "never"]), n)),
        "score": (later, rng.uniform(size=n)),
        "said": (later, rng.uniform(size=n) < 0.5),
        "truth": (unknown, rng.uniform(size=n) < 0.5),
    }
    columns = {name: table[name].combine_chunks() for name in table.column_names}
    for name, (where, values) in noise.items():
        chosen = pa.array(where)
        columns[name] = pa.compute.if_else(chosen, pa.array(values), columns[name])
    return pa.table(columns)


def told_of(window: WindowRecord, now: str) -> dict[str, Any]:
    """All that was said of a window by `now`."""
    said = {name: value for name, value in msgspec.structs.asdict(window).items() if name not in HINDSIGHT}
    return said if window.harm is None or window.harm.told_at <= now else {**said, "harm": None}


def told_by(alert: AlertRecord) -> dict[str, Any]:
    """What an alert said as it was told."""
    return {name: value for name, value in msgspec.structs.asdict(alert).items() if name not in OUTCOME}


def said_by(found: Backtest, now: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Everything that was known at `now`: of windows, and of alerts."""
    return (
        [told_of(window, now) for window in found.windows if window.end <= now],
        [told_by(alert) for alert in found.alerts if alert.told_at <= now],
    )


@pytest.mark.parametrize("day", [MISSING[0] + 1, TURNED[0] + 3, TURNED[1]])
def test_the_future_changes_nothing_that_was_said(day: int) -> None:
    now = iso(float(day * DAY)) or ""
    windows, alerts = said_by(backtest(rewritten(day), **WITH_LABELS), now)
    assert len(windows) == day - 40
    assert alerts
    assert (windows, alerts) == said_by(replayed(), now)


def test_the_future_would_have_been_seen() -> None:
    day = TURNED[0] + 3
    assert said_by(backtest(rewritten(day), **WITH_LABELS), "1971") != said_by(replayed(), "1971")
