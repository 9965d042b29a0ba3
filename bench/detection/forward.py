"""The recipe for a monitor on one stream, forward in time: learn from the first blocks, then judge what comes after.

Nothing after a window is ever used to judge it, and nothing is left out as "really changed": the share of ordinary
windows that alarm is an upper bound of false alarms. To see what a monitor can find, one column of the next three
windows is moved by 0.75 of its standard deviation, at many places of the same stream.

    stream = Stream.of("elec2 day", table, times, DAY)
    reference, end = learned(stream, blocks=40, bucket=DAY)
    judge, live = Judge(reference, budget(DAY)), windows(reference, stream, end, DAY)
    verdicts, histories = follow(judge, live)
    alarm_share(verdicts)
    found(judge, moved(stream, "price"), live, histories, column="price", places=range(30, 200, 10))
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.detectors.finding import Statement
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.history import History
from watchkeeper.monitors.judge import Judge
from watchkeeper.monitors.policy import DAY, Policy
from watchkeeper.monitors.window_verdict import WindowVerdict
from watchkeeper.reference.compiling import compile_reference
from watchkeeper.reference.reference import Reference, prefixed
from watchkeeper.schema.inference import infer_schema
from watchkeeper.tallies.tally import IntArray

Q = 1 / 30
AHEAD = 3
SHIFT = 0.75


@dataclass(frozen=True)
class Stream:
    """Rows in time order: `table` (n rows), `times` (n,) Unix seconds, and the seconds of one block."""

    name: str
    table: pa.Table
    times: IntArray
    width: int

    def between(self, start: int, end: int) -> pa.Table:
        """The rows of [start, end)."""
        first, last = np.searchsorted(self.times, [start, end])
        return self.table.slice(first, last - first)


@dataclass(frozen=True)
class Windows:
    """W windows: `starts` (W,) Unix seconds and `counts` (W, size)."""

    starts: IntArray
    counts: IntArray


def budget(width: int, q: float = Q, **changed: object) -> Policy:
    """A policy that gives each window of `width` seconds the level q."""
    return Policy(window=width, alarms_per_month=q * 30 * DAY / width, **changed)  # type: ignore[arg-type]


def learned(stream: Stream, blocks: int, bucket: int) -> tuple[Reference, int]:
    """The reference of the first `blocks` blocks in buckets of `bucket` seconds, and the second at which it ends."""
    begin = int(stream.times[0]) // stream.width * stream.width
    end = begin + blocks * stream.width
    rows = stream.between(begin, end)
    times = pa.array(stream.times[: rows.num_rows])
    return compile_reference(rows, infer_schema(rows), times=times, bucket=bucket), end


def windows(reference: Reference, stream: Stream, start: int, width: int) -> Windows:
    """Windows of `width` seconds from `start` to the end of the stream; those without rows left out."""
    starts = [s for s in range(start, int(stream.times[-1]) + 1, width) if stream.between(s, s + width).num_rows]
    return Windows(
        np.array(starts, np.int64),
        np.stack([_counts(reference, stream.between(s, s + width)) for s in starts]),
    )


def follow(judge: Judge, live: Windows) -> tuple[list[WindowVerdict], list[History]]:
    """The verdict on each window, and the history it was judged against."""
    history, verdicts, histories = judge.begin(int(live.starts[0])), [], []
    for start, counts in zip(live.starts, live.counts, strict=True):
        at = np.array([start])
        (verdict,) = judge.judge(counts[None], history, at)
        verdicts.append(verdict)
        histories.append(history)
        history = judge.follow(history, counts[None], [verdict], at)
    return verdicts, histories


def alarm_share(verdicts: Iterable[WindowVerdict], statement: Statement = Statement.UNUSUAL) -> tuple[int, int]:
    """How many windows alarm with this statement, and of how many that could be judged."""
    judged = [v for v in verdicts if any(f.statement is statement and f.verdict in _SAID for f in v.findings)]
    alarms = sum(any(f.statement is statement and f.verdict is Verdict.ALARM for f in v.findings) for v in judged)
    return alarms, len(judged)


def moved(stream: Stream, column: str, shift: float = SHIFT) -> Stream:
    """The same stream with one column of numbers moved by `shift` standard deviations."""
    values = stream.table[column]
    by = shift * (pc.stddev(values).as_py() or 0.0)
    place = stream.table.column_names.index(column)
    rows = stream.table.set_column(place, column, pc.add(pc.cast(values, pa.float64()), by))
    return Stream(stream.name, rows, stream.times, stream.width)


def found(
    judge: Judge, shifted: Stream, live: Windows, histories: Sequence[History], *, column: str, places: Iterable[int]
) -> list[list[bool]]:
    """At each place: whether each of the next three windows alarms on `column` (or on all together) once it moved."""
    reference, width = judge.baseline.reference, judge.policy.window
    answers = []
    for place in places:
        history, seen = histories[place], []
        for start in live.starts[place : place + AHEAD]:
            counts = _counts(reference, shifted.between(int(start), int(start) + width))[None]
            at = np.array([start])
            (verdict,) = judge.judge(counts, history, at)
            history = judge.follow(history, counts, [verdict], at)
            seen.append(any(f.column in {f"input.{column}", ""} for f in verdict.alarms))
        answers.append(seen)
    return answers


_SAID = (Verdict.OK, Verdict.WARN, Verdict.ALARM)


def _counts(reference: Reference, rows: pa.Table) -> IntArray:
    return reference.binning.tally(prefixed(rows, "input.")).counts
