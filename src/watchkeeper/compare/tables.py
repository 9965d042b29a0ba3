"""Two tables brought onto one set of bins: the reference chooses, both are counted, and what does not fit is told.

Ugly data is a finding, never a crash: a column that the current table lacks alarms, one that it adds warns, one of a
type that cannot be watched is "not computable". None of them touches its neighbours.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.errors import BadInput
from watchkeeper.events.inference import INPUT
from watchkeeper.events.verdict import Verdict
from watchkeeper.reference.compiling import compile_reference
from watchkeeper.reference.joining import join_columns
from watchkeeper.reference.reference import Reference, prefixed
from watchkeeper.schema.inference import infer_schema, unsupported_columns
from watchkeeper.schema.numbers import as_floats
from watchkeeper.schema.table import as_table, encode_text
from watchkeeper.tallies.tally import Tally


@dataclass(frozen=True)
class Sides:
    """Both tables as tallies over the reference's bins. `rows` are the current table's; `seconds` the time it spans."""

    reference: Reference
    current: Tally
    rows: int
    seconds: float | None
    odd: tuple[Finding, ...]

    @property
    def common(self) -> tuple[str, ...]:
        """Column keys (`input.x`) that both tables have."""
        lacking = {finding.column for finding in self.odd}
        return tuple(name for name in self.reference.binning.columns if name not in lacking)


def two_sides(reference: Any, current: Any, time: str | None) -> Sides:
    """Read, compile and count both tables. Raises BadInput for no table, an empty one, or no column in common."""
    before, now = as_table(reference), as_table(current)
    _refuse_empty(before, now)
    times = _times(before, "reference", time), _times(now, "current", time)
    left_out = () if time is None else (time,)
    watched = [name for name in before.column_names if name not in {*left_out, *unsupported_columns(before)}]
    if not set(watched) & set(now.column_names):
        raise BadInput(
            "The two tables have no column in common.",
            hint=f"The reference has {_some(before)}; the current table has {_some(now)}.",
        )
    compiled, counted = _count_columns(before, now, watched, times[0])
    return Sides(
        reference=compiled,
        current=counted,
        rows=now.num_rows,
        seconds=None if times[1] is None else _span(times[1], time),
        odd=tuple(_odd_columns(before, now, set(watched), set(left_out))),
    )


def _count_columns(
    before: pa.Table, now: pa.Table, watched: list[str], times: pa.ChunkedArray | None
) -> tuple[Reference, Tally]:
    """Both tables over the reference's bins, the columns shared out among the processors: no column needs another."""
    threads = min(os.cpu_count() or 1, len(watched))
    shares = [watched[first::threads] for first in range(threads)]
    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(lambda share: _count_share(before.select(share), now, times), shares))
    reference = join_columns([part for part, _ in parts], watched)
    return reference, reference.binning.gather((part.binning, tally) for part, tally in parts)


def _count_share(before: pa.Table, now: pa.Table, times: pa.ChunkedArray | None) -> tuple[Reference, Tally]:
    before = encode_text(before)
    reference = compile_reference(before, infer_schema(before), times=times)
    common = [name for name in before.column_names if name in now.column_names]
    return reference, reference.binning.tally(prefixed(encode_text(now.select(common)), INPUT))


def _refuse_empty(before: pa.Table, now: pa.Table) -> None:
    for name, table in (("reference", before), ("current table", now)):
        if table.num_rows == 0:
            raise BadInput(f"The {name} has no rows.", hint="Nothing can be said of nothing.")


def _times(table: pa.Table, name: str, time: str | None) -> pa.ChunkedArray | None:
    if time is None:
        return None
    if time not in table.column_names:
        raise BadInput(f"The {name} table has no column {time!r} for the time.", hint=f"It has {_some(table)}.")
    return table[time]


def _span(times: pa.ChunkedArray, name: str | None) -> float:
    seconds, _, _ = as_floats(times)
    if not np.isfinite(seconds).all():
        raise BadInput(f"The column {name!r} of the current table has rows without a readable time.")
    return float(seconds.max() - seconds.min())


def _some(table: pa.Table) -> str:
    return ", ".join(table.column_names[:20]) or "no columns"


def _odd_columns(before: pa.Table, now: pa.Table, watched: set[str], left_out: set[str]) -> list[Finding]:
    """Columns that only one table has, or that nobody can watch."""
    mine, theirs = set(now.column_names), set(before.column_names)
    unwatchable = set(unsupported_columns(before))
    findings = [
        _odd(name, "missing_column", Verdict.ALARM, f"The current table has no column `{name}`.")
        for name in before.column_names
        if name in watched - mine
    ]
    findings += [
        _odd(name, "new_column", Verdict.WARN, f"The reference has no column `{name}`; nothing is known of it.")
        for name in now.column_names
        if name not in theirs | left_out
    ]
    findings += [
        _odd(
            name,
            "type",
            Verdict.NOT_COMPUTABLE,
            f"`{name}` holds {before.schema.field(name).type}, which has no tally.",
        )
        for name in before.column_names
        if name in unwatchable - left_out
    ]
    return findings


def _odd(name: str, detector: str, verdict: Verdict, sentence: str) -> Finding:
    return Finding(
        feature=name,
        column=INPUT + name,
        detector=detector,
        statement=Statement.DIFFERENT,
        verdict=verdict,
        sentence=sentence,
        note=sentence if verdict is Verdict.NOT_COMPUTABLE else "",
    )
