"""What truly happened: the model's loss on the labels of each window, and when those labels could be known.

Performance is counted as the live system counts it (watchkeeper/performance): one tally a window and a block of the
reference, read as metrics and as the main loss. All labels are used here, whenever they came: this is hindsight. What
could be known at the time is said by `due`, and nothing else is ever heard by the harm monitor.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.backtest.estimates import Taught, estimates
from watchkeeper.backtest.history import History
from watchkeeper.backtest.outputs import Outputs
from watchkeeper.backtest.plan import Plan
from watchkeeper.events.errors import BadInput
from watchkeeper.monitors.harm import BlockLosses
from watchkeeper.performance.layout import Layout, layout_for
from watchkeeper.performance.losses import losses
from watchkeeper.performance.metric import Metric
from watchkeeper.performance.metrics import metrics
from watchkeeper.performance.pairs import Pairs
from watchkeeper.schema.numbers import BoolArray
from watchkeeper.schema.outputs import LABEL, PREDICTION, PROBABILITY
from watchkeeper.tallies.binning import group_bounds
from watchkeeper.tallies.tally import FloatArray, IntArray

TIMES, SDS = 1.2, 2.0
LEAST_ROWS = 20
LEAST_BLOCKS = 8


@dataclass(frozen=True)
class HarmLine:
    """What loss is ordinary, and from where on a window counts as harmed.

    The rule is fixed before anything is seen: a mean loss of at least 1.2 times that of the reference's blocks, and
    beyond their mean plus 2 standard deviations. With fewer than 8 blocks nobody knows what is ordinary: no line.
    """

    mean: float
    sd: float
    blocks: int

    @classmethod
    def of(cls, losses: FloatArray, rows: FloatArray | IntArray) -> HarmLine | None:
        """From the mean losses (K,) of blocks of `rows` (K,) with labels; blocks of fewer than 20 teach nothing."""
        taught = losses[(rows >= LEAST_ROWS) & np.isfinite(losses)]
        if len(taught) < LEAST_BLOCKS:
            return None
        return cls(float(taught.mean()), float(taught.std(ddof=1)), len(taught))

    @property
    def loss(self) -> float:
        """The loss beyond which a window is harmed."""
        return max(TIMES * self.mean, self.mean + SDS * self.sd)

    def harmed(self, loss: float, rows: int) -> bool | None:
        """Whether a window is; None where too few labels came to say."""
        return None if rows < LEAST_ROWS or not np.isfinite(loss) else bool(loss > self.loss)


@dataclass(frozen=True)
class Truth:
    """Performance on labels. Arrays and tuples have one entry a window (W).

    `loss_name` is the loss that harm is told by, `ordinary` that of the reference's blocks, and `line` what of it is
    ordinary (None: not known). `labelled` rows have a label, `loss` is their mean (NaN without). `harmed` is None where
    it cannot be said. `realised` are the measures by name, `estimated` those without labels by `estimator` (empty where
    there are none), `usual` their values in the reference. `due` is the place of the window at whose end all labels of
    this one are known, W where the history ends before.
    """

    loss_name: str
    ordinary: BlockLosses
    line: HarmLine | None
    labelled: IntArray
    loss: FloatArray
    harmed: tuple[bool | None, ...]
    realised: tuple[dict[str, Metric], ...]
    estimated: tuple[dict[str, Metric], ...]
    due: IntArray
    estimator: str = ""
    usual: dict[str, float] = field(default_factory=dict)


def measure(history: History, outputs: Outputs, plan: Plan) -> Truth | None:
    """Performance of every window on its labels; None where the history has no label."""
    if outputs.labels is None:
        return None
    known, pairs = _pairs(outputs.labels, outputs, plan)
    at = np.concatenate([[0], np.cumsum(known)])  # rows before each one that have a label
    trained = int(at[history.trained])
    layout = layout_for(outputs.task, outputs.classes, pairs.take(slice(0, trained)))
    seconds = history.seconds[: history.trained][known[: history.trained]]
    blocks = group_bounds((seconds // plan.window).astype(np.int64))
    before = _count(layout, pairs.take(slice(0, trained)), blocks)
    inside = at[history.bounds]
    counts = _count(layout, pairs.take(slice(int(inside[0]), int(inside[-1]))), inside - inside[0])
    mean, rows, variance = losses(layout, before)
    ordinary = BlockLosses.of(mean, rows, variance)
    line = HarmLine.of(mean, rows)
    loss, labelled = losses(layout, counts)[0], np.diff(inside)
    taught = Taught(layout, pairs.take(slice(0, trained)), known[: history.trained], blocks, before)
    guessed = estimates(taught, *_answers(outputs, plan), history, outputs)
    return Truth(
        loss_name="absolute error" if outputs.task == "regression" else "error",
        ordinary=ordinary,
        line=line,
        labelled=labelled,
        loss=loss,
        harmed=tuple(None if line is None else line.harmed(*one) for one in zip(loss, labelled.tolist(), strict=True)),
        realised=tuple(_realised(layout, own, n) for own, n in zip(counts, labelled.tolist(), strict=True)),
        estimated=guessed.windows,
        due=due_windows(len(labelled), plan.window, plan.label_delay),
        estimator=guessed.method,
        usual=guessed.ordinary,
    )


def due_windows(windows: int, window: int, delay: int) -> IntArray:
    """(W,) the place of the window that closes when the labels of each are `delay` seconds old; W if none does."""
    return np.minimum(np.arange(windows, dtype=np.int64) - (-delay // window), windows)


def _pairs(labels: pa.ChunkedArray, outputs: Outputs, plan: Plan) -> tuple[BoolArray, Pairs]:
    """Which rows (n,) have a label and an answer, and those rows as pairs."""
    known = pc.and_(pc.is_valid(labels), _answered(outputs))
    if not pc.any(known).as_py():
        raise BadInput("No row has both a label and the model's answer.", hint="Are these the right columns?")
    pairs = Pairs.of(outputs.task, outputs.classes, _named(outputs, plan, known), labels.filter(known))
    return np.asarray(known.to_numpy(zero_copy_only=False), bool), pairs


def _answers(outputs: Outputs, plan: Plan) -> tuple[Pairs, BoolArray]:
    """Rows with an answer as pairs, whose truth means nothing, and which rows (n,) they are."""
    answered = _answered(outputs)
    table = _named(outputs, plan, answered)
    nothing = pa.array([outputs.classes[0] if outputs.classes else 0.0]).take(pa.array(np.zeros(table.num_rows, int)))
    return Pairs.of(outputs.task, outputs.classes, table, nothing), np.asarray(answered.to_numpy(), bool)


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


def _count(layout: Layout, pairs: Pairs, bounds: IntArray) -> IntArray:
    """(G, size) the tally of each group of rows."""
    tallies = layout.tally_groups(pairs, bounds.astype(np.int64))
    return np.stack([tally.counts for tally in tallies]) if tallies else np.zeros((0, layout.size), np.int64)


def _realised(layout: Layout, counts: IntArray, rows: int) -> dict[str, Metric]:
    """The metrics of a window; the loss itself under its own name."""
    if not rows:
        return {}
    found = metrics(layout, counts)
    if "mae" in found:
        return {"absolute error": found["mae"], **found}
    return {"error": _turned(found["accuracy"]), **found}


def _turned(share: Metric) -> Metric:
    """1 minus a share."""
    if share.value is None:
        return share
    low, high = (None if end is None else 1 - end for end in (share.high, share.low))
    return msgspec.structs.replace(share, value=1 - share.value, low=low, high=high)
