"""What truly happened: the model's loss on the labels of each window, and when those labels could be known.

Performance is counted as the live system counts it (watchkeeper/performance): one tally a window and a block of the
reference, read as metrics and as the main loss. All labels are used here, whenever they came: this is hindsight. What
could be known at the time is said by `due`, and nothing else is ever heard by the harm monitor.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from watchkeeper.backtest.answers import Labelled, count
from watchkeeper.backtest.history import History
from watchkeeper.backtest.plan import Plan
from watchkeeper.monitors.harm import BlockLosses
from watchkeeper.performance.estimated_loss import estimated_loss
from watchkeeper.performance.losses import losses
from watchkeeper.performance.metric import Metric
from watchkeeper.performance.metrics import metrics
from watchkeeper.performance.pairs import REGRESSION
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
    it cannot be said. `realised` are the measures by name. `due` is the place of the window at whose end all labels of
    this one are known, W where the history ends before.
    """

    loss_name: str
    ordinary: BlockLosses
    line: HarmLine | None
    labelled: IntArray
    loss: FloatArray
    harmed: tuple[bool | None, ...]
    realised: tuple[dict[str, Metric], ...]
    due: IntArray


def measure(history: History, known: Labelled, plan: Plan) -> Truth:
    """Performance of every window on its labels."""
    layout = known.layout
    inside = np.concatenate([[0], np.cumsum(known.known)])[history.bounds]
    counts = count(layout, known.pairs.take(slice(int(inside[0]), int(inside[-1]))), inside - inside[0])
    mean, rows, variance = losses(layout, known.counts)
    line = HarmLine.of(mean, rows)
    loss, labelled = losses(layout, counts)[0], np.diff(inside)
    name = loss_name(known.pairs.task)
    return Truth(
        loss_name=name,
        ordinary=BlockLosses.of(mean, rows, variance),
        line=line,
        labelled=labelled,
        loss=loss,
        harmed=tuple(None if line is None else line.harmed(*one) for one in zip(loss, labelled.tolist(), strict=True)),
        realised=tuple(
            with_loss(known.pairs.task, metrics(layout, own)) if n else {}
            for own, n in zip(counts, labelled.tolist(), strict=True)
        ),
        due=due_windows(len(labelled), plan.window, plan.label_delay),
    )


def loss_name(task: str) -> str:
    """What the main loss is called."""
    return "absolute error" if task == REGRESSION else "error"


def with_loss(task: str, found: dict[str, Metric]) -> dict[str, Metric]:
    """Metrics and, first of them, the main loss under its own name."""
    loss = estimated_loss(task, found)
    return found if loss is None else {loss_name(task): loss, **found}


def due_windows(windows: int, window: int, delay: int) -> IntArray:
    """(W,) the place of the window that closes when the labels of each are `delay` seconds old; W if none does."""
    return np.minimum(np.arange(windows, dtype=np.int64) - (-delay // window), windows)
