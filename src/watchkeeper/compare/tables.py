"""Two tables brought onto one set of bins: the reference chooses, both are counted, and what does not fit is told.

Ugly data is a finding, never a crash: a column that the current table lacks alarms, one that it adds warns, one of a
type that cannot be watched is "not computable". None of them touches its neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.errors import BadInput
from watchkeeper.events.inference import INPUT
from watchkeeper.events.verdict import Verdict
from watchkeeper.reference.compiling import compile_reference
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
    before, now = encode_text(as_table(reference)), encode_text(as_table(current))
    _refuse_empty(before, now)
    times = _times(before, "reference", time), _times(now, "current", time)
    left_out = () if time is None else (time,)
    schema = infer_schema(before, exclude=left_out)
    common = [name for name in schema.feature_names if name in now.column_names]
    if not common:
        raise BadInput(
            "The two tables have no column in common.",
            hint=f"The reference has {_some(before)}; the current table has {_some(now)}.",
        )
    compiled = compile_reference(before, schema, times=times[0])
    return Sides(
        reference=compiled,
        current=compiled.binning.tally(prefixed(now.select(common), INPUT)),
        rows=now.num_rows,
        seconds=None if times[1] is None else _span(times[1], time),
        odd=tuple(_odd_columns(before, now, set(schema.feature_names), set(left_out))),
    )


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
