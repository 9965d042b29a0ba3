"""Is harm to a part of the rows found, and how often is an ordinary part called harmed?

A model is trained on the first quarter of a real stream and judged on the rest, one pass a block: the 8 newest blocks
against the 32 before them, as the watch does. No alarm is right here as far as anybody knows, though on streams that
change some are. An ordinary pass is one whose recent rows, all together, have less than 1.2 times the loss of those
before. Alerts begin where the same segment alarms in two passes in a row.

Power is on flights of all three airports in blocks of 500 and 2,000 rows, where a tenth or a twentieth of the rows (a
real airline or airport) has its error rate multiplied in the 8 newest blocks; and on the same rows shuffled, where
blocks move by chance alone. Needs scikit-learn.

    python -m bench.segment_harm [--data DIR] [--trials N]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from bench.detection.harm import _matrix, errors
from bench.detection.setting import Missing, generator
from bench.detection.streams import DAY, NAMES, Stream, load_stream
from watchkeeper.api.labelled import levels
from watchkeeper.demo.flights import FEATURES, TARGET, TIME, as_table, load_flights
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.segment_harm import SegmentJudge, column_of
from watchkeeper.performance.levels import Levels
from watchkeeper.performance.segment_blocks import LossRows, Sums
from watchkeeper.schema.numbers import as_floats
from watchkeeper.tallies.tally import IntArray
from watchkeeper.watch.segments import RECENT, WINDOWS

RATIO, TRAIN = 1.2, 0.25
SHARES, TIMES, ROWS = (0.05, 0.1), (1.5, 2.0), (500, 2_000)


@dataclass(frozen=True)
class Passes:
    """Of `passes` on a stream: those that alarmed, alerts that began, and the same of the ordinary ones."""

    passes: int
    alarms: int
    alerts: int
    ordinary: int
    ordinary_alarms: int
    ordinary_alerts: int

    def __add__(self, other: Passes) -> Passes:
        mine, theirs = (tuple(vars(one).values()) for one in (self, other))
        return Passes(*(a + b for a, b in zip(mine, theirs, strict=True)))


def rows_of(stream: Stream) -> LossRows:
    """Errors, on the rest, of a model trained on the first quarter of a stream with labels."""
    if stream.label is None:
        raise Missing(f"{stream.name} has no labels")
    known = np.isfinite(stream.label)
    features, label, times = stream.features.filter(pa.array(known)), stream.label[known], stream.times[known]
    past = np.arange(len(label)) < TRAIN * len(label)
    block = times[~past] // stream.block
    loss = errors(_matrix(features), label, past)
    place = np.unique(block, return_inverse=True)[1]
    later = features.filter(pa.array(~past))
    cut = {name: Levels(*levels(later[name])) for name in later.column_names}
    return LossRows(loss, np.ones(len(loss)), place, int(place.max()) + 1, cut)


def in_blocks(rows: LossRows, size: int) -> LossRows:
    """The same rows in blocks of `size` of them."""
    block = np.arange(len(rows.loss)) // size
    return replace(rows, block=block, blocks=int(block.max()) + 1)


def all_flights() -> Stream:
    """The flights of all three airports as one stream."""
    flights = load_flights()
    table = as_table(flights, landed_only=False)
    times = np.floor(as_floats(table[TIME])[0]).astype(np.int64)
    return Stream("flights", "flights", table.select(list(FEATURES)), times, as_floats(table[TARGET])[0], DAY)


def runs(blocks: int) -> Iterator[tuple[IntArray, IntArray]]:
    """(ordinary, recent) of every pass."""
    for end in range(WINDOWS, blocks + 1):
        yield np.arange(end - WINDOWS, end - RECENT), np.arange(end - RECENT, end)


def judged(rows: LossRows) -> Passes:
    """Every pass over these rows."""
    judge, whole = SegmentJudge(rows), Sums.whole(rows)
    found: list[tuple[bool, frozenset[str]]] = []
    for ordinary, recent in runs(rows.blocks):
        means = [float(whole.at(part).total().mean[0, 0]) for part in (ordinary, recent)]
        columns = frozenset(one.column for one in judge.judge(ordinary, recent) if one.verdict is Verdict.ALARM)
        found.append((means[1] < RATIO * means[0], columns))
    begun = [bool(_begins(found, place)) for place in range(len(found))]
    usual = [is_usual for is_usual, _ in found]
    alarms = [bool(columns) for _, columns in found]
    both = [sum(a and b for a, b in zip(usual, counted, strict=True)) for counted in (alarms, begun)]
    return Passes(len(found), sum(alarms), sum(begun), sum(usual), *both)


def _begins(found: list[tuple[bool, frozenset[str]]], place: int) -> frozenset[str]:
    """Segments of which an alert begins in a pass: two alarms in a row, and none in the three passes before."""
    columns = [found[k][1] if k >= 0 else frozenset[str]() for k in range(place - 4, place + 1)]
    return (columns[4] & columns[3]) - columns[2] - columns[1] - columns[0]


def power(rows: LossRows, share: float, times: float, trials: int, name: str) -> tuple[float, float]:
    """(share of trials that alarmed, that named the very segment) with the errors of one such segment multiplied."""
    rng = generator(f"{name}.{share}.{times}")
    sizes = Sums.of(rows).weight.sum(1) / len(rows.loss)
    segments = [one for one, size in zip(rows.segments(), sizes, strict=True) if 0.8 <= size / share <= 1.2]
    ends = list(runs(rows.blocks))
    alarmed = named = 0
    for _ in range(trials):
        ordinary, recent = ends[rng.integers(len(ends))]
        segment = segments[rng.integers(len(segments))]
        some = rows.only((rows.block >= ordinary[0]) & (rows.block <= recent[-1]))
        judge = SegmentJudge(harmed(some, segment, times, recent, rng))
        found = [one.column for one in judge.judge(ordinary, recent) if one.verdict is Verdict.ALARM]
        alarmed, named = alarmed + bool(found), named + (column_of(segment) in found)
    return alarmed / trials, named / trials


def harmed(
    rows: LossRows, segment: tuple[str, str], times: float, recent: IntArray, rng: np.random.Generator
) -> LossRows:
    """The rows with `times` as many errors in one segment in the `recent` blocks."""
    inside = rows.inside(segment)
    rate = float(rows.loss[inside].mean())
    more = rng.random(len(rows.loss)) < (times - 1) * rate / (1 - rate)
    return replace(rows, loss=np.where(inside & np.isin(rows.block, recent) & more, 1.0, rows.loss))


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--trials", type=int, default=200)
    asked = parser.parse_args()
    print("| stream | passes | alarms / 100 | alerts / 100 | ordinary passes | alarms / 100 | alerts / 100 |")
    print("|---|---|---|---|---|---|---|")
    total = Passes(0, 0, 0, 0, 0, 0)
    flights = rows_of(all_flights())
    for name, rows in _streams(asked.data, flights):
        found = judged(rows)
        total += found
        print(_line(name, found), flush=True)
    print(_line("all", total), end="\n\n")
    print("| rows a block | share | times | alarmed | named | alarmed, shuffled |")
    print("|---|---|---|---|---|---|")
    for a_block in ROWS:
        rows = in_blocks(flights, a_block)
        mixed = shuffled(rows)
        for share in SHARES:
            for times in TIMES:
                real = power(rows, share, times, asked.trials, f"real.{a_block}")
                chance = power(mixed, share, times, asked.trials, f"mixed.{a_block}")
                numbers = f"{real[0]:.2f} | {real[1]:.2f} | {chance[0]:.2f}"
                print(f"| {a_block} | {share:.0%} | {times} | {numbers} |", flush=True)


def shuffled(rows: LossRows) -> LossRows:
    """The same rows, in blocks by chance."""
    return replace(rows, block=generator("shuffled").permutation(rows.block))


def _streams(data: Path | None, flights: LossRows) -> Iterator[tuple[str, LossRows]]:
    yield "flights, day", flights
    for a_block in ROWS:
        yield f"flights, {a_block} rows", in_blocks(flights, a_block)
    for name in NAMES:
        try:
            yield name, rows_of(load_stream(name, data))
        except Missing as missing:
            print(f"| {name}: {missing} | | | | | | |")


def _line(name: str, found: Passes) -> str:
    def rate(count: int, of: int) -> str:
        return f"{100 * count / max(of, 1):.2f}"

    every = f"{found.passes} | {rate(found.alarms, found.passes)} | {rate(found.alerts, found.passes)}"
    usual = f"{rate(found.ordinary_alarms, found.ordinary)} | {rate(found.ordinary_alerts, found.ordinary)}"
    return f"| {name} | {every} | {found.ordinary} | {usual} |"


if __name__ == "__main__":
    main()
