"""The public face of backtesting: `backtest` and the `Backtest` that it answers with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from watchkeeper.backtest.answers import labelled
from watchkeeper.backtest.assemble import Calendar, alert_records, window_records
from watchkeeper.backtest.estimates import estimators
from watchkeeper.backtest.foretelling import Foretelling
from watchkeeper.backtest.history import History, read_history
from watchkeeper.backtest.labels import Labels
from watchkeeper.backtest.notebook import notebook_html
from watchkeeper.backtest.outputs import Outputs, read_outputs
from watchkeeper.backtest.page import backtest_html
from watchkeeper.backtest.plan import Plan, plan_of
from watchkeeper.backtest.records import AlertRecord, BacktestDocument, Summary, WindowRecord
from watchkeeper.backtest.replay import Replay, compile_history, replay
from watchkeeper.backtest.summary import summarise
from watchkeeper.backtest.truth import measure
from watchkeeper.events.verdict import Verdict
from watchkeeper.reference.compiling import Progress
from watchkeeper.report.words import iso

SCHEMA = "watchkeeper.backtest/1"


@dataclass(frozen=True, eq=False, repr=False)
class Backtest:
    """A history replayed. In a notebook it shows itself.

    `windows` has a record for every window in order, `alerts` one for every alert that would have been told, `summary`
    the sums; `document` holds them all, with what was asked, and is what `to_json` writes.
    """

    document: BacktestDocument

    @property
    def windows(self) -> tuple[WindowRecord, ...]:
        """Every window in order of time."""
        return self.document.windows

    @property
    def alerts(self) -> tuple[AlertRecord, ...]:
        """Every alert that would have been told, in the order of the telling."""
        return self.document.alerts

    @property
    def summary(self) -> Summary:
        """How often it would have paged, how often in vain, and what harm there was."""
        return self.document.summary

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The verdict of each window, as it was when the window closed."""
        return tuple(window.verdict for window in self.windows)

    def to_json(self) -> str:
        """One JSON object, by the published schema `watchkeeper.backtest/1`."""
        return msgspec.json.encode(self.document).decode()

    def to_html(self) -> str:
        """One self-contained page: no network, light and dark."""
        return backtest_html(self.document)

    def _repr_html_(self) -> str:
        return notebook_html(self.document)

    def __repr__(self) -> str:
        told = self.summary
        return f"<Backtest of {told.windows} windows: {told.pages} pages, {told.alarms} unusual windows>"


def backtest(
    history: Any,
    *,
    time: str,
    reference_until: Any,
    window: str | int = "1d",
    prediction: str | None = None,
    score: str | Sequence[str] | None = None,
    label: str | None = None,
    label_delay: str | int = 0,
    budget: str | float = "1/month",
    task: str | None = None,
    ignore: Sequence[str] = (),
    progress: Progress | None = None,
) -> Backtest:
    """Replay `history` as if it had been watched, and say what would have paged beside what truly happened.

    `history` is anything that Arrow can read (pandas, polars, pyarrow, a DuckDB relation), a mapping of column names to
    values, the path of a .parquet, .csv, .arrow, .feather or .jsonl file, or of a directory of Parquet files. `time`
    names the column that holds each row's time; rows before `reference_until` (a date, a time or its ISO text) are what
    is known as normal, the others are judged in windows of length `window` ("1d", "6h", seconds). `prediction` (a class
    or a number), `score` (the probability of the positive class, or one column for each class in order) and `label`
    (the truth; null where it never came) name columns, and all others but `ignore` are watched as features. A label is
    known `label_delay` after its row. `budget` is how many false alarms are accepted: "1/month", "2/week". `task`
    (binary, multiclass, regression) is told from the data unless it is given. `progress` is called with a stage and the
    share of it that is done. Raises `BadInput` that says what to do.

    >>> import numpy as np
    >>> rng, hours = np.random.default_rng(1), np.arange(40 * 24)
    >>> price = rng.normal(10, 1, 40 * 24) + 5 * (hours > 30 * 24)
    >>> backtest({"at": hours * 3600, "price": price}, time="at", reference_until="1970-01-21").summary.pages
    0
    """
    plan = plan_of(
        time=time,
        reference_until=reference_until,
        window=window,
        prediction=prediction,
        score=score,
        label=label,
        label_delay=label_delay,
        budget=budget,
        task=task,
        ignore=ignore,
        name=Path(history).stem if isinstance(history, str | Path) else "history",
    )
    read = read_history(history, plan)
    outputs = read_outputs(read, plan)
    known = labelled(read, outputs, plan)
    reference = compile_history(read, outputs, plan, progress)
    if known is None:
        return Backtest(_document(read, outputs, plan, replay(read, outputs, plan, reference, progress=progress)))
    truth = measure(read, known, plan)
    foretold = Foretelling(truth, tuple(read.rows.tolist()), estimators(known, read, outputs, plan, reference))
    replayed = replay(read, outputs, plan, reference, heard=Labels(read, truth), foretold=foretold, progress=progress)
    return Backtest(_document(read, outputs, plan, replayed, foretold))


def _document(
    history: History, outputs: Outputs, plan: Plan, replayed: Replay, foretold: Foretelling | None = None
) -> BacktestDocument:
    truth = None if foretold is None else foretold.truth
    calendar = Calendar(history.starts, history.rows, plan.window)
    windows = window_records(calendar, replayed, truth, () if foretold is None else foretold.estimated)
    alerts = alert_records(calendar, replayed, windows)
    return BacktestDocument(
        schema=SCHEMA,
        name=plan.name,
        task=outputs.task,
        classes=outputs.classes,
        window_seconds=plan.window,
        label_delay_seconds=plan.label_delay,
        reference_until=iso(plan.until) or "",
        reference_rows=history.trained,
        reference_blocks=replayed.blocks,
        notes=tuple(note for note in (replayed.note, *history.notes) if note),
        summary=summarise(plan, windows, alerts, truth),
        alerts=alerts,
        windows=windows,
        estimates=() if foretold is None else foretold.records(),
    )
