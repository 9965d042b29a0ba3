"""Pairs of prediction and label, counted into the buckets of the predictions' event times."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import pyarrow as pa

from watchkeeper.events.errors import BadInput, NotFound
from watchkeeper.events.feedback import Feedback, FeedbackKind
from watchkeeper.events.inference import OUTPUT
from watchkeeper.models.task import classes_of
from watchkeeper.performance.delays import DelayLayout
from watchkeeper.performance.layout import Layout, layout_for
from watchkeeper.performance.pairs import Pairs
from watchkeeper.performance.reward import millionths
from watchkeeper.reference.reference import Reference
from watchkeeper.schema.feature import Privacy
from watchkeeper.schema.numbers import BoolArray
from watchkeeper.schema.outputs import LABEL, PREDICTION, label_text
from watchkeeper.schema.truth import REGRESSION, truth_of
from watchkeeper.store.performance import Scored, read_layouts
from watchkeeper.store.store import Store
from watchkeeper.store.versions import ModelSettings, Version
from watchkeeper.tallies.numeric import NumericBins
from watchkeeper.tallies.tally import FloatArray, IntArray
from watchkeeper.watch.precedence import Prediction
from watchkeeper.watch.registry import Registry
from watchkeeper.watch.settling import Change, Reward

HOUR = 3600
BINARY_CLASSES = ("0", "1")
_GROUPS_AT_ONCE = 256
_MICRO = 1_000_000
_MISSING = {OUTPUT + LABEL: pa.string()}


class Scorer(NamedTuple):
    """How predictions of one version are scored; `layout` is None where they cannot be, `fresh` if it is not kept.

    `delays` says how the time that labels took is counted. `outputs` are the columns of the version's outputs.
    """

    task: str
    classes: tuple[str, ...]
    layout: Layout | None
    delays: DelayLayout = DelayLayout()
    fresh: bool = False
    outputs: tuple[str, ...] = ()

    def kept(self) -> str:
        """The layouts, as `read_layouts` reads them back."""
        layout = None if self.layout is None else self.layout.to_dict()
        return msgspec.json.encode({"pairs": layout, "delays": self.delays.to_dict()}).decode()

    def read(self, feedback: Feedback) -> float | str:
        """The value that `feedback` means. Raises BadInput if there is no such value."""
        if feedback.kind.truth:
            return truth_of(self.task, self.classes, feedback.number, feedback.text)
        if feedback.kind is FeedbackKind.REWARD:
            if feedback.number is None:
                raise BadInput("a reward is a number")
            millionths(feedback.number)
            return feedback.number
        return label_text(feedback.number) if feedback.text is None else feedback.text

    def outputs_of(self, rows: pa.Table) -> pa.Table:
        """Every output that the version has, whichever of `rows` have it; without a schema those that are there."""
        there = [name for name in rows.column_names if name.startswith(OUTPUT)]
        if not self.outputs:
            return rows.select(there)
        found = rows.select([name for name in self.outputs if name in there])
        for name in self.outputs:
            if name not in there:
                found = found.append_column(name, pa.nulls(rows.num_rows, _MISSING.get(name, pa.float64())))
        return found

    def answers(self, outputs: pa.Table) -> tuple[Pairs, BoolArray]:
        """(those rows of `outputs` that can be held against a label, which of the n they are); BadInput if none can."""
        return Pairs.answers(self.task, self.classes, outputs)

    def scorable(self, outputs: pa.Table) -> BoolArray:
        """Which rows of `outputs` (n,) can be held against a label."""
        try:
            return self.answers(outputs)[1]
        except BadInput:
            return np.zeros(outputs.num_rows, bool)


def scorer_of(version: Version, reference: Reference, kept: str | None) -> Scorer:
    """The scorer of a version; `kept` is the layout that its labels were counted by so far (JSON), None before any."""
    classes = tuple(classes_of(version.schema.outputs)) or tuple(reference.classes)
    if not classes and version.task == "binary":
        classes = BINARY_CLASSES
    outputs = tuple(OUTPUT + one.name for one in version.schema.outputs if one.privacy is not Privacy.DROP)
    if kept is not None:
        layout, delays = read_layouts(kept)
        return Scorer(version.task, layout.classes or classes, layout, delays, outputs=outputs)
    nothing = Scorer(version.task, classes, None, outputs=outputs)
    if version.task != REGRESSION and not classes:
        return nothing
    span = _span(reference)
    try:
        made = layout_for(version.task, classes, span=span)
    except BadInput:
        return nothing
    delays = DelayLayout.of(classes, None if span is None else span[0])
    return nothing._replace(layout=made, delays=delays, fresh=True)


class Scorers:
    """The scorer of each version in `store`, made once its layout is kept."""

    def __init__(self, store: Store, registry: Registry) -> None:
        self._store, self._registry = store, registry
        self._made: dict[tuple[str, str], Scorer] = {}
        self._revision = registry.revision

    def of(self, model: str, version: str) -> Scorer:
        """The scorer of a version; of one that is not registered, a scorer of nothing."""
        if self._revision != self._registry.revision:
            self._forget()
        key = (model, version)
        if key not in self._made:
            self._made[key] = self._make(model, version)
        return self._made[key]

    def keep(self, model: str, version: str) -> None:
        """Keep the layout of a version, inside the open transaction in which something is first counted by it."""
        scorer, kept = self.of(model, version), self._store.performance
        if not scorer.fresh:
            return
        if kept.layout(model, version) is None:
            kept.set_layout(model, version, scorer.kept())
        self._store.afterwards(lambda: self._made.update({(model, version): scorer._replace(fresh=False)}))

    def _forget(self) -> None:
        """Versions have changed: what none was counted by yet is chosen anew."""
        self._revision = self._registry.revision
        used = {key: scorer for key, scorer in self._made.items() if scorer.layout is not None and not scorer.fresh}
        self._made = used

    def _make(self, model: str, version: str) -> Scorer:
        try:
            found = self._store.versions.version(model, version)
            reference = self._registry.reference(model, version)
        except NotFound:
            return Scorer("", (), None)
        return scorer_of(found, reference, self._store.performance.layout(model, version))


def _span(reference: Reference) -> tuple[float, float] | None:
    """The middle of the reference's predictions, and the width that 98 % of them lie within."""
    key = OUTPUT + PREDICTION
    bins = reference.binning.columns.get(key)
    if not isinstance(bins, NumericBins):
        return None
    counts = reference.binning.part(reference.whole, key).counts
    low, middle, high = (bins.quantile(counts, q) for q in (0.01, 0.5, 0.99))
    found = float(middle), float(high) - float(low)
    return found if all(map(math.isfinite, found)) and found[1] > 0 else None


def bucket_width(settings: ModelSettings) -> int:
    """The length of a performance bucket in seconds: an hour, or the longest part of it that divides a window."""
    return math.gcd(HOUR, settings.window_seconds)


def scored(
    scorer: Scorer,
    outputs: pa.Table,
    predictions: Mapping[int, Prediction],
    changes: Sequence[Change],
    rewards: Sequence[Reward],
    *,
    width: int,
) -> dict[tuple[str, int], Scored]:
    """What `changes` and `rewards` of one version add to its buckets: {(route, start): what is added}.

    `outputs` holds the predictions' outputs, `predictions` what is known of each row.
    """
    found: dict[tuple[str, int], Scored] = {}
    if changes:
        for key, part in _counted(scorer, outputs, predictions, changes, width=width):
            found[key] = found[key] + part if key in found else part
    for reward in rewards:
        key = _place(predictions[reward.row], width)
        part = _rewarded(key[1], width, reward)
        found[key] = found[key] + part if key in found else part
    return found


def _rewarded(start: int, width: int, reward: Reward) -> Scored:
    """What a reward adds to its bucket, or takes out again."""
    return Scored(
        start,
        width,
        reward_rows=reward.sign,
        reward_micros=reward.micros,
        reward_squares=reward.sign * reward.micros**2,
        reward_zeros=reward.sign if reward.micros == 0 else 0,
    )


def _place(prediction: Prediction, width: int) -> tuple[str, int]:
    return prediction.route, prediction.predicted_at // _MICRO // width * width


def _counted(
    scorer: Scorer,
    outputs: pa.Table,
    predictions: Mapping[int, Prediction],
    changes: Sequence[Change],
    *,
    width: int,
) -> list[tuple[tuple[str, int], Scored]]:
    """Changes of one bucket, sign and kind are counted together."""
    if scorer.layout is None:
        return []
    keyed = [(*_place(predictions[c.row], width), c.sign, c.correction, c.withdrawn) for c in changes]
    order = sorted(range(len(changes)), key=lambda place: keyed[place])
    ordered, keys = [changes[place] for place in order], [keyed[place] for place in order]
    starts = [place for place in range(len(keys)) if place == 0 or keys[place] != keys[place - 1]]
    bounds = np.array([*starts, len(keys)], np.int64)
    parts: list[tuple[tuple[str, int], Scored]] = []
    for first in range(0, len(starts), _GROUPS_AT_ONCE):
        some = bounds[first : first + _GROUPS_AT_ONCE + 1]
        lot = ordered[int(some[0]) : int(some[-1])]
        tallies = scorer.layout.tally_groups(_pairs(scorer, outputs, lot), some - some[0])
        for begin, size, tally in zip(some[:-1].tolist(), np.diff(some).tolist(), tallies, strict=True):
            of = ordered[begin : begin + size]
            parts.append((keys[begin][:2], _part(scorer, of, tally.counts, start=keys[begin][1], width=width)))
    return parts


def _pairs(scorer: Scorer, outputs: pa.Table, changes: Sequence[Change]) -> Pairs:
    rows = outputs.take(pa.array([change.row for change in changes], pa.int64()))
    weights = [1.0 if change.probability is None else 1.0 / change.probability for change in changes]
    return Pairs.of(scorer.task, scorer.classes, rows, [change.label for change in changes], weights)


def _delays(scorer: Scorer, changes: Sequence[Change]) -> IntArray:
    """First labels, or those that are withdrawn, by how long they took, and by what they say."""
    changes = [change for change in changes if change.delay is not None or not change.withdrawn]
    took = np.array([change.delay or 0.0 for change in changes])
    said = [change.label if change.first is None else change.first for change in changes]
    if scorer.task == REGRESSION:
        truth: IntArray | FloatArray = np.array([float(label) for label in said])
    else:
        place = {name: number for number, name in enumerate(scorer.classes)}
        truth = np.array([place.get(str(label), 0) for label in said], np.int64)
    return scorer.delays.tally(took, truth).counts


def _part(scorer: Scorer, changes: Sequence[Change], counts: IntArray, *, start: int, width: int) -> Scored:
    """What `changes` of one bucket, sign and kind, of which `counts` is the tally, add to it."""
    first, n = changes[0], len(changes)
    signed = first.sign * counts
    delays = first.sign * _delays(scorer, changes) if first.withdrawn or not first.correction else None
    rows = first.sign * n if first.withdrawn or not first.correction else 0
    if not first.correction:
        return Scored(start, width, signed, rows, delays=delays)
    corrected = n if first.withdrawn == (first.sign < 0) else 0
    return Scored(start, width, signed, rows, signed, corrected, delays=delays)
