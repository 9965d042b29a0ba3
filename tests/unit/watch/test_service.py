"""Errors, latency and traffic of a window."""

from __future__ import annotations

import numpy as np
import pytest

from tests.helpers.watching import START, batch, reference
from watchkeeper.events.verdict import Verdict
from watchkeeper.tallies.binning import Binning
from watchkeeper.tallies.tally import IntArray
from watchkeeper.watch.service import error_finding, latency_finding, latency_p95, traffic_finding, wilson

BINNING = reference().binning


def window(rows: int, failed: int) -> IntArray:
    return BINNING.tally(batch([START] * rows, failed=range(failed))).counts


@pytest.mark.parametrize(
    ("rows", "failed", "verdict"),
    [
        (1000, 0, Verdict.OK),
        (1000, 10, Verdict.OK),
        (1000, 14, Verdict.WARN),
        (1000, 40, Verdict.ALARM),
        (10, 1, Verdict.WARN),
        (4, 4, Verdict.WARN),
        (10, 5, Verdict.ALARM),
    ],
)
def test_an_error_rate_alarms_when_it_is_surely_above_the_floor(rows: int, failed: int, verdict: Verdict) -> None:
    found = error_finding(BINNING, window(rows, failed))
    assert found is not None
    assert found.effect == failed / rows
    low, high = wilson(failed, rows)
    assert (found.effect_low, found.effect_high) == (low, high)
    assert found.verdict is verdict


def test_no_rows_and_no_status_give_no_error_finding() -> None:
    assert error_finding(BINNING, BINNING.zero().counts) is None
    assert error_finding(Binning({}), np.zeros(0, np.int64)) is None
    assert latency_p95(Binning({}), np.zeros(0, np.int64)) is None
    assert latency_p95(BINNING, window(10, 0)) is None


def test_the_95th_percentile_is_near_the_true_one() -> None:
    rows = batch([START] * 2000)
    true = np.quantile(rows.column("latency_us").to_numpy(), 0.95)
    found = latency_p95(BINNING, BINNING.tally(rows).counts)
    assert found == pytest.approx(true, rel=0.1)


@pytest.mark.parametrize(
    ("now", "verdict"), [(9_000.0, Verdict.OK), (12_000.0, Verdict.WARN), (20_000.0, Verdict.ALARM)]
)
def test_latency_is_held_against_its_recent_windows(now: float, verdict: Verdict) -> None:
    found = latency_finding(now, [8_000.0, 7_000.0, 30_000.0], 100, live=True)
    assert (found.verdict, found.effect) == (verdict, now / 8_000.0)


def test_a_rise_too_small_to_feel_is_fine() -> None:
    assert latency_finding(900.0, [200.0] * 5, 100, live=True).verdict is Verdict.OK


def test_latency_without_evidence_is_not_ok() -> None:
    for now, recent, live in ((9.0, [8.0] * 2, True), (None, [8.0] * 5, True), (9.0, [8.0] * 5, False)):
        found = latency_finding(now, recent, 100, live=live)
        assert found.verdict is Verdict.NOT_ENOUGH_DATA
        assert found.note


def test_silence_warns_and_then_alarms() -> None:
    assert [traffic_finding(0, quiet).verdict for quiet in (1, 2, 3)] == [Verdict.WARN, Verdict.ALARM, Verdict.ALARM]
    assert traffic_finding(5, 3).verdict is Verdict.OK


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (10, 10), (1, 1), (3, 100)])
def test_an_interval_holds_its_share(hits: int, n: int) -> None:
    low, high = wilson(hits, n)
    assert 0 <= low <= hits / n <= high <= 1
