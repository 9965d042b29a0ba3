from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pyarrow.compute as pc
import pytest

from tests.helpers.histories import A_DAY, DAYS, TURNED, history
from watchkeeper.backtest.answers import labelled
from watchkeeper.backtest.history import read_history
from watchkeeper.backtest.outputs import read_outputs
from watchkeeper.backtest.plan import Plan
from watchkeeper.backtest.truth import HarmLine, Truth, due_windows, measure

PLAN = Plan(time="at", until=40 * 86_400.0, scores=("score",), label="truth", ignore=("said",), label_delay=86_400)
TABLE = history()


def measured(table: Any, plan: Plan) -> Truth | None:
    read = read_history(table, plan)
    known = labelled(read, read_outputs(read, plan), plan)
    return None if known is None else measure(read, known, plan)


def truth(plan: Plan = PLAN, drop: slice | None = None) -> Truth | None:
    table = TABLE
    if drop is not None:
        lost = np.zeros(len(table), bool)
        lost[drop] = True
        place = table.column_names.index("truth")
        table = table.set_column(place, "truth", pc.if_else(lost, None, table["truth"]))
    return measured(table, plan)


def by_hand() -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """(90,) the share of wrong decisions of each day."""
    wrong = (np.asarray(TABLE["score"]) > 0.5) != np.asarray(TABLE["truth"])
    means: np.ndarray[tuple[int], np.dtype[np.float64]] = wrong.reshape(DAYS, A_DAY).mean(1)
    return means


def test_losses_are_those_of_the_rows() -> None:
    found = truth()
    assert found is not None
    assert found.loss == pytest.approx(by_hand()[40:])
    assert found.ordinary.mean == pytest.approx(by_hand()[:40])
    assert (found.labelled == A_DAY).all()
    realised = found.realised[0]["error"]
    assert realised.value == pytest.approx(by_hand()[40])
    assert realised.n == A_DAY
    assert realised.low is not None
    assert realised.high is not None
    assert realised.low < by_hand()[40] < realised.high
    assert found.realised[0]["roc_auc"].value == pytest.approx(0.9, abs=0.15)


def test_harm_is_beyond_the_ordinary_and_a_fifth() -> None:
    found = truth()
    assert found is not None
    assert found.line is not None
    before = by_hand()[:40]
    assert found.line.loss == pytest.approx(max(1.2 * before.mean(), before.mean() + 2 * before.std(ddof=1)))
    harmed = [40 + w for w, is_harmed in enumerate(found.harmed) if is_harmed]
    assert set(range(*TURNED)) <= set(harmed)


def test_a_steady_loss_is_held_to_a_fifth() -> None:
    line = HarmLine.of(np.full(10, 0.5), np.full(10, 100))
    assert line is not None
    assert line.loss == pytest.approx(0.6)
    assert (line.harmed(0.61, 50), line.harmed(0.59, 50)) == (True, False)
    assert line.harmed(0.9, 19) is None


def test_too_few_blocks_know_no_line() -> None:
    assert HarmLine.of(np.full(8, 0.5), np.array([100] * 7 + [19])) is None


def test_missing_labels_are_counted_not_guessed() -> None:
    found = truth(drop=slice(50 * A_DAY, 51 * A_DAY + 45))
    assert found is not None
    assert found.labelled[9:12].tolist() == [A_DAY, 0, A_DAY - 45]
    assert found.harmed[10:12] == (None, None)
    assert found.realised[10] == {}


def test_without_labels_there_is_no_truth() -> None:
    assert truth(msgspec.structs.replace(PLAN, label=None, ignore=("said", "truth"))) is None


@pytest.mark.parametrize(("delay", "due"), [(0, [0, 1, 2]), (1, [1, 2, 3]), (86_400, [1, 2, 3]), (2e5, [3, 3, 3])])
def test_labels_are_due_when_the_last_of_a_window_is_known(delay: float, due: list[int]) -> None:
    assert due_windows(3, 86_400, int(delay)).tolist() == due


def test_regressions_and_many_classes_have_losses_too() -> None:
    rng = np.random.default_rng(0)
    at, y = np.arange(400) * 8_640.0, rng.normal(size=400)
    numbers = {"at": at, "x": y, "guess": y + 0.5, "y": y}
    plan = Plan(time="at", until=20 * 86_400.0, prediction="guess", label="y")
    found = measured(numbers, plan)
    assert found is not None
    assert found.loss_name == "absolute error"
    assert found.loss == pytest.approx(0.5, abs=1e-3)
    names = rng.choice(np.array(["a", "b", "c"]), 400)
    scores = {f"p{k}": np.where(names == k, 0.8, 0.1) for k in "abc"}
    plan = Plan(time="at", until=20 * 86_400.0, scores=tuple(scores), label="y")
    found = measured({"at": at, "x": y, "y": names, **scores}, plan)
    assert found is not None
    assert found.loss == pytest.approx(0.0)
