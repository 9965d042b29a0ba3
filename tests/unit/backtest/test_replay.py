from __future__ import annotations

import msgspec
import numpy as np
import pytest

from tests.helpers.histories import history
from watchkeeper.alerts.advance import NoticeKind
from watchkeeper.alerts.cause import BREAKS, Cause
from watchkeeper.backtest import replay as module
from watchkeeper.backtest.history import History, read_history
from watchkeeper.backtest.outputs import Outputs, read_outputs
from watchkeeper.backtest.plan import Plan
from watchkeeper.backtest.replay import Replay, compile_history, replay
from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.errors import BadInput
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.judge import Judge
from watchkeeper.monitors.policy import Policy
from watchkeeper.tallies.tally import IntArray

PLAN = Plan(time="at", until=40 * 86_400.0, scores=("score",), ignore=("said", "truth"))


def parts(plan: Plan = PLAN) -> tuple[History, Outputs]:
    read = read_history(history(), plan)
    return read, read_outputs(read, plan)


def played(plan: Plan = PLAN) -> Replay:
    read, outputs = parts(plan)
    return replay(read, outputs, plan, compile_history(read, outputs, plan))


def test_it_says_what_the_judge_says_window_by_window() -> None:
    read, outputs = parts()
    reference = compile_history(read, outputs, PLAN)
    judge = Judge(reference, Policy(window=86_400))
    past = judge.begin(int(read.starts[0]))
    counts = list(module._windows(read, outputs, reference))
    steps = replay(read, outputs, PLAN, reference).steps
    for step, one, start in zip(steps, counts, read.starts[:, None], strict=True):
        (verdict,) = judge.judge(one[None], past, start)
        past = judge.follow(past, one[None], [verdict], start)
        assert step.verdict is verdict.verdict
        assert step.loud == tuple(f for f in verdict.findings if f.verdict in module.LOUD)


def test_windows_are_the_same_however_many_are_counted_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read, outputs = parts()
    reference = compile_history(read, outputs, PLAN)
    whole = np.stack(list(module._windows(read, outputs, reference)))
    monkeypatch.setattr(module, "CELLS", 3 * reference.binning.size)
    assert (np.stack(list(module._windows(read, outputs, reference))) == whole).all()
    assert whole.sum() > 0


def test_a_broken_feature_is_told_once_and_ended_once() -> None:
    told = [(at, n.kind, n.alert.cause) for at, step in enumerate(played().steps) for n in step.notices]
    assert told == [(15, NoticeKind.FIRING, Cause.MISSING), (20, NoticeKind.RESOLVED, Cause.MISSING)]


def test_silent_columns_are_counted() -> None:
    step = played().steps[0]
    assert step.silent == {"ok": 3}
    assert step.loud == ()


def test_a_window_without_rows_is_no_evidence() -> None:
    gone = np.asarray(history()["at"].cast("int64")) // 86_400_000_000 == 57
    read = read_history(history().filter(~gone), PLAN)
    outputs = read_outputs(read, PLAN)
    empty = replay(read, outputs, PLAN, compile_history(read, outputs, PLAN)).steps[17]
    assert (empty.verdict, empty.notes, len(empty.firing)) == (Verdict.NOT_ENOUGH_DATA, ("No rows.",), 1)


@pytest.mark.parametrize(
    ("alarms", "told"),
    [((3, 4), [(4, NoticeKind.FIRING), (6, NoticeKind.RESOLVED)]), ((3, 5), [])],
    ids=["two in a row fire, and end", "two apart do not"],
)
def test_a_quiet_estimate_is_weighed_too(alarms: tuple[int, ...], told: list[tuple[int, NoticeKind]]) -> None:
    def foretold(place: int, _: IntArray) -> Finding:
        return Finding(
            feature="error",
            column="performance.error",
            detector="d",
            statement=Statement.ESTIMATED,
            verdict=Verdict.ALARM if place in alarms else Verdict.OK,
        )

    read, outputs = parts()
    steps = replay(read, outputs, PLAN, compile_history(read, outputs, PLAN), foretold=foretold).steps
    found = [(at, n.kind) for at, step in enumerate(steps) for n in step.notices if n.alert.cause not in BREAKS]
    assert found == told
    assert [at for at, step in enumerate(steps) for f in step.loud if f.statement is Statement.ESTIMATED] == [*alarms]
    assert steps[0].silent == {"ok": 3}


def test_what_labels_say_later_is_weighed_with_their_own_window() -> None:
    plan = msgspec.structs.replace(PLAN, label="truth", label_delay=3 * 86_400, ignore=("said",))
    read, outputs = parts(plan)
    harm = Finding(
        feature="error", column="performance.error", detector="d", statement=Statement.HARM, verdict=Verdict.ALARM
    )
    found = replay(
        read, outputs, plan, compile_history(read, outputs, plan),
        heard=lambda place: [(place - 3, harm)] if place == 10 else [],
    )  # fmt: skip
    (notice,) = found.steps[10].notices
    assert notice.alert.cause is Cause.HARM
    assert notice.alert.onset == read.starts[7]
    assert found.steps[10].late == ((7, harm),)


def test_too_many_blocks_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BLOCKS", 39)
    read, outputs = parts()
    with pytest.raises(BadInput, match="40 blocks; 39 are the most"):
        compile_history(read, outputs, PLAN)


def test_a_history_of_outputs_alone_can_be_replayed() -> None:
    plan = msgspec.structs.replace(PLAN, ignore=("said", "truth", "x", "kind"))
    assert list(played(plan).reference.binning.columns) == ["output.score"]
