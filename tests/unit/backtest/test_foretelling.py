"""An estimate has the record that it had earned by then."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.helpers.histories import history
from watchkeeper.backtest.foretelling import Foretelling, records
from watchkeeper.backtest.history import read_history
from watchkeeper.backtest.outputs import read_outputs
from watchkeeper.backtest.plan import Plan
from watchkeeper.backtest.truth import Truth, measure
from watchkeeper.events.verdict import Verdict
from watchkeeper.performance.metric import Metric

PLAN = Plan(time="at", until=40 * 86_400.0, scores=("score",), label="truth", ignore=("said",), label_delay=86_400)
READ = read_history(history(), PLAN)
ROWS = tuple(READ.rows.tolist())


def truth() -> Truth:
    found = measure(READ, read_outputs(READ, PLAN), PLAN)
    assert found is not None
    return found


def told(found: Truth, places: range) -> list[Verdict]:
    foretell = Foretelling(found, tuple(1000 for _ in ROWS))
    findings = [foretell(place) for place in places]
    return [finding.verdict for finding in findings if finding is not None]


def rising(found: Truth, *, right: bool) -> Truth:
    """The error rises window by window; the estimate follows it, or falls instead."""
    values = 0.2 + 0.02 * np.arange(len(ROWS))
    real = [{"error": Metric(value=v, low=v - 0.02, high=v + 0.02, n=1000)} for v in values.tolist()]
    said = values if right else 0.4 - values
    guess = [{"error": Metric(value=v, low=v - 0.05, high=v + 0.05, n=1000)} for v in said.tolist()]
    return dataclasses.replace(found, realised=tuple(real), estimated=tuple(guess), usual={"error": 0.2})


def test_nothing_speaks_before_eight_windows_have_labels() -> None:
    verdicts = told(rising(truth(), right=True), range(20))
    assert set(verdicts[:8]) <= {Verdict.OK}
    assert set(verdicts[12:]) <= {Verdict.WARN, Verdict.ALARM}


def test_an_estimate_that_was_wrong_never_speaks() -> None:
    found = rising(truth(), right=False)
    assert set(told(found, range(20))) == {Verdict.OK}
    record = records(found, ROWS)[0]
    assert not record.good
    assert "nothing changes" in record.note
    assert record.rank_correlation == pytest.approx(-1.0)


def test_the_loss_has_the_first_record_and_every_metric_one() -> None:
    found = records(truth(), ROWS)
    assert found[0].metric == "error"
    assert {"accuracy", "roc_auc", "brier"} <= {record.metric for record in found}
    assert all(record.windows for record in found)
