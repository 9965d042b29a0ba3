"""What is counted of labelled predictions, one layout a task; made once, then fixed like the bins of a reference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Protocol

from watchkeeper.events.errors import BadInput
from watchkeeper.performance.binary import BinaryLayout
from watchkeeper.performance.cells import Cells
from watchkeeper.performance.multiclass import MulticlassLayout
from watchkeeper.performance.pairs import BINARY, MULTICLASS, RANKING, REGRESSION, REWARD, Pairs
from watchkeeper.performance.ranking import RankingLayout
from watchkeeper.performance.regression import RegressionLayout
from watchkeeper.performance.reward import RewardLayout
from watchkeeper.tallies.tally import IntArray, Tally


class Layout(Protocol):
    """What each cell of a performance tally means. `kind` is the task; `classes` are empty but for classifiers."""

    kind: ClassVar[str]
    cells: Cells

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes in order."""
        ...

    @property
    def size(self) -> int:
        """Cells of the vector."""
        ...

    def tally(self, pairs: Pairs) -> Tally:
        """The tally of all rows of `pairs`."""
        ...

    def tally_groups(self, pairs: Pairs, bounds: IntArray) -> list[Tally]:
        """One tally for each group of consecutive rows bounds[g]:bounds[g+1]; `bounds` (G+1,) ascends from 0 to n."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values that `layout_from_dict` reads back."""
        ...


LAYOUTS: dict[str, Any] = {
    BINARY: BinaryLayout,
    MULTICLASS: MulticlassLayout,
    REGRESSION: RegressionLayout,
    RANKING: RankingLayout,
    REWARD: RewardLayout,
}


def layout_for(
    task: str,
    classes: Sequence[str] = (),
    reference_pairs: Pairs | None = None,
    *,
    span: tuple[float, float] | None = None,
) -> Layout:
    """The layout for a task. Raises BadInput if there is no such task.

    A regression or reward is counted relative to what is ordinary: of `reference_pairs` where they are given, else of
    `span` (a middle value, and the width that most values lie within), else (0, 1). Of more than 100 classes the most
    frequent of the reference are counted each, the others together.
    """
    if task == BINARY:
        return BinaryLayout(tuple(classes))
    if task == MULTICLASS:
        return MulticlassLayout.fit(tuple(classes), reference_pairs)
    if task == REGRESSION:
        return RegressionLayout.fit(reference_pairs, span)
    if task == REWARD:
        return RewardLayout.fit(reference_pairs, span)
    if task == RANKING:
        return RankingLayout()
    raise BadInput(f"There is no task {task!r}.", hint=f"Tasks are {', '.join(LAYOUTS)}.")


def layout_from_dict(fields: dict[str, Any]) -> Layout:
    """The layout that `to_dict` described. Raises BadInput if its kind is unknown."""
    kind = fields.get("kind")
    if kind not in LAYOUTS:
        raise BadInput(f"A performance layout of unknown kind {kind!r}.", hint="It may come from a later version.")
    layout: Layout = LAYOUTS[kind](**{key: value for key, value in fields.items() if key != "kind"})
    return layout
