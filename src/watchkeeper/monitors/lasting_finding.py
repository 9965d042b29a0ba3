"""A column that stays off its reference, told as a finding (persistence.py).

A notice is news for three windows; after them the finding stays, with its numbers, and is no warning any more: on
streams with seasons some column is off its reference for months, and a notice that is always on is not read.
"""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import numpy as np

from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.findings import Seen
from watchkeeper.monitors.history import UNKNOWN
from watchkeeper.monitors.persistence import FLOOR, Lasting
from watchkeeper.tallies.tally import IntArray

DETECTOR = "persistent"
NEWS = 3
_OLD = " No news: it was told when it began."


def lasting_finding(seen: Seen, found: Lasting, column: int, starts: IntArray) -> Finding | None:
    """What lasts in `column`, None where nothing does; `starts` (T,) are those of the windows asked about."""
    baseline = seen.baseline
    threshold = baseline.policy.patience * len(baseline.columns)
    if found.statistic[column] < threshold:
        return None
    part = baseline.statistics.parts[int(found.part[column])]
    by_rows = baseline.fixed is None
    pages = by_rows and bool(found.exchangeable[column])
    said = Verdict.ALARM if pages else Verdict.WARN if found.age(column, threshold) <= NEWS else Verdict.OK
    windows, effect = len(starts) - int(found.since[column]), float(found.effect[column])
    return msgspec.structs.replace(
        seen.blank(Statement.UNUSUAL if pages else Statement.MOVED, DETECTOR, said),
        statistic=float(found.statistic[column]),
        effect=effect,
        effect_name=part.effect,
        smallest_effect=FLOOR,
        floor=FLOOR,
        null="rows" if by_rows else "blocks",
        blocks=len(baseline.blocks),
        sentence=f"{part.what[0].upper()}{part.what[1:]} has stayed {effect:+.2g} off the reference for {windows} "
        f"windows{_since(starts, int(found.since[column]))}.",
        note=_note(threshold, by_rows=by_rows, pages=pages) + ("" if said is not Verdict.OK else _OLD),
    )


def _since(starts: IntArray, place: int) -> str:
    known = place < len(starts) and bool(np.asarray(starts)[place] != UNKNOWN)
    return f", since {datetime.fromtimestamp(int(starts[place]), UTC):%Y-%m-%d %H:%M} UTC" if known else ""


def _note(threshold: float, *, by_rows: bool, pages: bool) -> str:
    budget = f"An e-value; {threshold:.4g} is needed, for all columns and the time between false alarms."
    if pages:
        return f"{budget} Successive windows differ by no more than their rows explain, so rows count as exchangeable."
    if by_rows:
        return f"{budget} Windows differ by more than their rows explain: a notice only."
    return budget
