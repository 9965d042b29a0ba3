"""The truth of a reference, kept as counts: what the model's own answers on it were worth.

It is counted by the layout by which live labels of the version are counted, so both can be held against each other and
added. What cannot be meant is refused: a target without a single value, or one most of whose values are no truth of
this model. Rows without a readable truth are left out, and a note says how many.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from watchkeeper.events.errors import BadInput, Conflict
from watchkeeper.performance.binary import BinaryLayout
from watchkeeper.performance.layout import Layout
from watchkeeper.performance.losses import losses
from watchkeeper.performance.multiclass import MulticlassLayout
from watchkeeper.performance.reference_counts import Blocks, Counted, blocks_by_time, count_blocks, folds, present
from watchkeeper.performance.reference_performance import ReferencePerformance
from watchkeeper.schema.numbers import Column, as_floats
from watchkeeper.tallies.tally import IntArray
from watchkeeper.watch.scoring import Scorer

_REFUSED = 0.5
_HINT = "Name the column that holds the truth of what the model predicts, or leave --target out."


def count_truth(
    scorer: Scorer,
    outputs: pa.Table,
    target: str,
    truth: Column,
    *,
    times: Column | None,
    window: int,
) -> tuple[ReferencePerformance | None, tuple[str, ...]]:
    """What `outputs` (n rows) were worth against `truth` (n,), and notes for the user; `target` is the truth's name.

    `times` (n,) and the length of a `window` in seconds say which rows make a block. None where the model's classes are
    not known. BadInput where the column cannot be what is meant.
    """
    layout, rows = scorer.layout, present(truth)
    if layout is None:
        return None, ("its classes are not known, so the truth of the reference is not counted",)
    if not len(rows):
        raise BadInput(f"Every value of the target column {target!r} is missing.", hint=_HINT)
    blocks = folds(rows) if times is None else blocks_by_time(rows, as_floats(times)[0], window, layout.size)
    counted = _counted(layout, scorer.classes, outputs, truth, blocks, target=target)
    performance = ReferencePerformance.of(layout, blocks.starts, counted.counts, counted.said, width=blocks.width)
    return performance, _notes(performance, counted, target, len(truth) - len(rows))


def agreed(kept: ReferencePerformance, given: ReferencePerformance) -> ReferencePerformance:
    """What a version that is registered again keeps. Raises Conflict where the truth is another one.

    The same pairs may be counted again in blocks of another length, and what was not said of them may be said.
    """
    if not kept.same_truth(given):
        raise Conflict(
            "This version is already registered with another truth of its reference.",
            hint="A version never changes: register the new content under a new version.",
        )
    if given.in_sample is None:
        return given.marked(kept.in_sample)
    if kept.in_sample not in (None, given.in_sample):
        raise Conflict(
            "This version's reference is already known to be "
            f"{'rows that the model was trained on' if kept.in_sample else 'rows that it was not trained on'}.",
            hint="A version never changes: register it under a new version.",
        )
    return given


def _counted(
    layout: Layout, classes: Sequence[str], outputs: pa.Table, truth: Column, blocks: Blocks, *, target: str
) -> Counted:
    try:
        counted = count_blocks(layout, classes, outputs, truth, blocks)
    except BadInput as error:
        raise BadInput(f"The target column {target!r} cannot be the truth: {error.message}", hint=_HINT) from error
    bad, of = counted.left_out, len(blocks.order)
    if bad > _REFUSED * of:
        raise BadInput(
            f"{bad:,} of {of:,} rows with a value in the target column {target!r} cannot be counted for this "
            f"{layout.kind} model. The first: {counted.reason}.",
            hint=_HINT,
        )
    return counted


def _notes(performance: ReferencePerformance, counted: Counted, target: str, missing: int) -> tuple[str, ...]:
    notes = []
    if missing:
        notes.append(f"left out: {missing:,} without a truth in {target!r}")
    if counted.left_out:
        notes.append(f"left out: {counted.left_out:,} that cannot be counted. The first: {counted.reason}")
    return (*notes, *_oddities(performance))


def _oddities(performance: ReferencePerformance) -> tuple[str, ...]:
    """What a user would want to know of a truth that is all alike, or all as predicted."""
    seen = _classes_seen(performance.layout, performance.whole)
    if len(seen) == 1:
        return (f"every truth is {seen[0]!r}: how well the model tells classes apart cannot be said",)
    if performance.rows > 1 and losses(performance.layout, performance.whole[None])[0][0] == 0:
        return ("the model is right on every row: is the target what it predicts, or was it trained on these rows?",)
    return ()


def _classes_seen(layout: Layout, counts: IntArray) -> list[str]:
    """The classes that some truth is of; none for a regression."""
    match layout:
        case BinaryLayout():
            names, rows = layout.classes, layout.decisions(counts).sum(-1)
        case MulticlassLayout():
            names, rows = layout.shown, layout.confusion(counts).sum(-1)
        case _:
            return []
    return [name for name, n in zip(names, rows.tolist(), strict=True) if n > 0]
