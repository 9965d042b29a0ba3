"""The model's answers and what was true, as pairs: of rows that have a label, and of all rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.backtest.history import History
from watchkeeper.backtest.outputs import Outputs
from watchkeeper.backtest.plan import Plan
from watchkeeper.events.errors import BadInput
from watchkeeper.performance.layout import Layout, layout_for
from watchkeeper.performance.pairs import Pairs
from watchkeeper.schema.numbers import BoolArray
from watchkeeper.schema.outputs import LABEL, PREDICTION, PROBABILITY
from watchkeeper.tallies.binning import group_bounds
from watchkeeper.tallies.tally import IntArray


@dataclass(frozen=True, eq=False)
class Labelled:
    """Rows with both a label and an answer, in order of time, and how they are counted.

    `known` says which rows (n,) of the history `pairs` are; `reference` are those of them before the reference ended.
    `blocks` (K + 1,) cut these into blocks of time, `counts` (K, size) are the tallies of the blocks.
    """

    pairs: Pairs
    known: BoolArray
    reference: Pairs
    layout: Layout
    blocks: IntArray
    counts: IntArray


def labelled(history: History, outputs: Outputs, plan: Plan) -> Labelled | None:
    """The labelled rows; None where the history has no label. Raises BadInput where no row has label and answer."""
    if outputs.labels is None:
        return None
    there = pc.and_(pc.is_valid(outputs.labels), _answered(outputs))
    if not pc.any(there).as_py():
        raise BadInput("No row has both a label and the model's answer.", hint="Are these the right columns?")
    known = np.asarray(there.to_numpy(zero_copy_only=False), bool)
    pairs = Pairs.of(outputs.task, outputs.classes, _named(outputs, plan, there), outputs.labels.filter(there))
    before = known[: history.trained]
    reference = pairs.take(slice(0, int(before.sum())))
    blocks = group_bounds((history.seconds[: history.trained][before] // plan.window).astype(np.int64))
    layout = layout_for(outputs.task, outputs.classes, reference)
    return Labelled(pairs, known, reference, layout, blocks, count(layout, reference, blocks))


def answers(outputs: Outputs, plan: Plan) -> tuple[Pairs, BoolArray]:
    """Rows with an answer as pairs, whose truth means nothing, and which rows (n,) they are."""
    answered = _answered(outputs)
    table = _named(outputs, plan, answered)
    nothing = pa.array([outputs.classes[0] if outputs.classes else 0.0]).take(pa.array(np.zeros(table.num_rows, int)))
    return Pairs.of(outputs.task, outputs.classes, table, nothing), np.asarray(answered.to_numpy(), bool)


def count(layout: Layout, pairs: Pairs, bounds: IntArray) -> IntArray:
    """(G, size) the tally of each group of rows."""
    tallies = layout.tally_groups(pairs, bounds.astype(np.int64))
    return np.stack([tally.counts for tally in tallies]) if tallies else np.zeros((0, layout.size), np.int64)


def _answered(outputs: Outputs) -> pa.ChunkedArray:
    """Which rows (n,) have every output."""
    answered = pc.is_valid(outputs.table[0])
    for column in outputs.table.columns[1:]:
        answered = pc.and_(answered, pc.is_valid(column))
    return answered


def _named(outputs: Outputs, plan: Plan, rows: pa.ChunkedArray) -> pa.Table:
    """Some rows of the outputs, called as the live system calls them."""
    table = outputs.table.filter(rows)
    return table.rename_columns([_called(name, outputs, plan) for name in table.column_names])


def _called(name: str, outputs: Outputs, plan: Plan) -> str:
    """What the live system calls this output."""
    if name == plan.prediction:
        return PREDICTION if outputs.task == "regression" else LABEL
    if outputs.task == "binary":
        return PROBABILITY
    return f"{PROBABILITY}.{outputs.classes[plan.scores.index(name)]}"
