"""An estimate has the record that it had earned by then."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.helpers.histories import history
from watchkeeper.backtest.answers import labelled
from watchkeeper.backtest.estimates import Estimators
from watchkeeper.backtest.foretelling import Foretelling
from watchkeeper.backtest.history import read_history
from watchkeeper.backtest.outputs import read_outputs
from watchkeeper.backtest.plan import Plan
from watchkeeper.backtest.truth import Truth, measure
from watchkeeper.detectors.finding import Finding
from watchkeeper.events.verdict import Verdict
from watchkeeper.performance.metric import Metric, untold
from watchkeeper.tallies.tally import FloatArray, IntArray

PLAN = Plan(time="at", until=40 * 86_400.0, scores=("score",), label="truth", ignore=("said",), label_delay=86_400)
READ = read_history(history(), PLAN)
KNOWN = labelled(READ, read_outputs(READ, PLAN), PLAN)
WINDOWS = len(READ.starts)
RISING: FloatArray = 0.2 + 0.02 * np.arange(WINDOWS, dtype=np.float64)


def metric(value: float, half: float) -> Metric:
    return Metric(value=value, low=value - half, high=value + half, n=1000)


def rising() -> Truth:
    """The error rises window by window."""
    assert KNOWN is not None
    found = measure(READ, KNOWN, PLAN)
    return dataclasses.replace(found, realised=tuple({"error": metric(v, 0.02)} for v in RISING.tolist()))


def foretelling(**said: FloatArray) -> Foretelling:
    """Methods that say these errors, NaN where they say nothing."""
    assert KNOWN is not None
    at = iter(range(WINDOWS))

    def methods(counts: IntArray, rows: object) -> dict[str, dict[str, Metric]]:
        place = next(at)
        values = {name: float(values[place]) for name, values in said.items()}
        told = {name: untold("no rows alike") if np.isnan(v) else metric(1 - v, 0.05) for name, v in values.items()}
        return {name: {"accuracy": one} for name, one in told.items()}

    found = Estimators(methods, {"error": 0.2, "accuracy": 0.8}, KNOWN.pairs, READ.bounds)
    return Foretelling(rising(), (1000,) * WINDOWS, found)


def told(foretell: Foretelling) -> list[Finding]:
    findings = [foretell(place, np.zeros(1, np.int64)) for place in range(20)]
    return [finding for finding in findings if finding is not None]


def test_nothing_speaks_before_eight_windows_have_labels() -> None:
    verdicts = [finding.verdict for finding in told(foretelling(right=RISING))]
    assert set(verdicts[:8]) <= {Verdict.OK}
    assert set(verdicts[12:]) <= {Verdict.WARN, Verdict.ALARM}


def test_an_estimate_that_was_wrong_never_speaks() -> None:
    foretell = foretelling(wrong=0.4 - RISING)
    assert {finding.verdict for finding in told(foretell)} == {Verdict.OK}
    record = foretell.records()[0]
    assert not record.good
    assert "nothing changes" in record.note
    assert record.rank_correlation == pytest.approx(-1.0)


def test_the_method_with_the_better_record_by_then_speaks() -> None:
    foretell = foretelling(wrong=0.4 - RISING, right=RISING)
    assert [finding.detector for finding in told(foretell)] == ["wrong", "wrong", *["right"] * 18]
    assert [(one.metric, one.estimator) for one in foretell.records()] == [
        (name, method) for name in ("error", "accuracy") for method in ("right", "wrong")
    ]


def test_another_speaks_where_the_best_cannot() -> None:
    silent = np.where(np.arange(WINDOWS) == 15, np.nan, RISING)
    found = told(foretelling(right=silent, wrong=0.4 - RISING))
    assert [finding.detector for finding in found[14:17]] == ["right", "wrong", "right"]
    assert found[15].verdict is Verdict.OK


def test_what_nobody_estimates_has_no_finding() -> None:
    assert told(foretelling(right=np.full(WINDOWS, np.nan))) == []
