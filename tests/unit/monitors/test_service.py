from __future__ import annotations

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.detectors.finding import Finding
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.service import ServicePolicy, ServiceWindow, judge_service, service_window
from watchkeeper.tallies.binning import LATENCY, Binning, service_bins

RNG = np.random.default_rng(0)


def window(rows: int = 1000, errors: int = 0, milliseconds: float = 10.0) -> ServiceWindow:
    return ServiceWindow(
        rows=rows,
        errors=errors,
        latency_us={name: 1000 * milliseconds * times for name, times in (("p50", 1), ("p95", 3), ("p99", 6))},
    )


def past(windows: int = 20) -> list[ServiceWindow]:
    return [
        window(int(RNG.normal(1000, 60)), int(RNG.poisson(1)), 10 * np.exp(0.1 * RNG.normal())) for _ in range(windows)
    ]


def told(now: ServiceWindow, recent: list[ServiceWindow], policy: ServicePolicy | None = None) -> dict[str, Finding]:
    return {finding.feature: finding for finding in judge_service(now, recent, policy)}


def test_the_figures_of_a_window_come_from_its_tallies() -> None:
    binning = Binning(service_bins())
    latency = RNG.lognormal(9, 0.5, 5000)
    status = np.where(np.arange(5000) < 50, 503, 200)
    batch = pa.table({"latency_us": pa.array(latency.astype(np.int32)), "status": pa.array(status, pa.int16())})
    figures = service_window(binning, binning.tally(batch).counts)
    assert (figures.rows, figures.errors) == (5000, 50)
    for name, q in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
        assert figures.latency_us[name] == pytest.approx(np.quantile(latency, q), rel=0.1)


def test_tallies_without_service_columns_are_silent() -> None:
    figures = service_window(Binning({}), np.zeros(0, np.int64))
    assert {f.verdict for f in judge_service(figures, [])} == {Verdict.NOT_ENOUGH_DATA}


def test_an_ordinary_window_is_ok() -> None:
    assert {finding.verdict for finding in told(window(errors=1), past()).values()} == {Verdict.OK}


def test_errors_alarm_against_the_past_and_against_a_limit() -> None:
    assert told(window(errors=40), past())["error rate"].verdict is Verdict.ALARM
    assert told(window(errors=100), [])["error rate"].verdict is Verdict.ALARM
    assert told(window(rows=10, errors=1), past())["error rate"].verdict is Verdict.OK


def test_slowness_alarms_against_the_past() -> None:
    findings = told(window(milliseconds=30.0), past())
    assert findings["latency p95"].verdict is Verdict.ALARM
    assert findings["latency p95"].effect == pytest.approx(3.0, rel=0.15)
    assert told(window(milliseconds=12.0), past())["latency p95"].verdict is Verdict.OK


def test_a_rise_too_small_to_feel_is_ok() -> None:
    quick = [msgspec.structs.replace(w, latency_us={k: v and v / 100 for k, v in w.latency_us.items()}) for w in past()]
    assert told(window(milliseconds=0.15), quick)["latency p95"].verdict is Verdict.OK
    assert told(window(milliseconds=1.5), quick)["latency p95"].verdict is Verdict.ALARM


def test_one_error_in_a_quiet_night_is_no_outage() -> None:
    assert told(window(rows=4, errors=4), past())["error rate"].verdict is Verdict.OK
    assert told(window(rows=10, errors=5), past())["error rate"].verdict is Verdict.ALARM


def test_replayed_latency_is_held_against_stated_limits_only() -> None:
    for policy, verdict in ((None, Verdict.NOT_ENOUGH_DATA), (ServicePolicy(latency_ms={"p95": 50.0}), Verdict.ALARM)):
        found = judge_service(window(milliseconds=30.0), past(), policy, live=False)[2]
        assert (found.feature, found.verdict) == ("latency p95", verdict)
        assert "replayed" in found.note


def test_an_alarm_lasts_until_it_is_usual() -> None:
    slow = msgspec.structs.replace(window(milliseconds=30.0), flagged=frozenset({LATENCY}))
    short, long = [*past(), *[slow] * 10], [*past(), *[slow] * 28]
    assert told(window(milliseconds=30.0), short)["latency p95"].verdict is Verdict.ALARM
    assert told(window(milliseconds=30.0), long)["latency p95"].verdict is Verdict.OK


def test_a_limit_of_the_teams_own_needs_no_past() -> None:
    policy = ServicePolicy(latency_ms={"p99": 50.0})
    assert told(window(), [], policy)["latency p99"].verdict is Verdict.ALARM
    assert told(window(milliseconds=1.0), [], policy)["latency p99"].verdict is Verdict.OK
    assert told(window(), [], policy)["latency p50"].verdict is Verdict.NOT_ENOUGH_DATA


def test_traffic_that_falls_away_alarms() -> None:
    assert told(window(rows=100), past())["throughput"].verdict is Verdict.ALARM
    assert told(window(rows=900), past())["throughput"].verdict is Verdict.OK


def test_no_request_at_all_is_not_ok() -> None:
    findings = told(ServiceWindow(rows=0, errors=0, latency_us=dict.fromkeys(("p50", "p95", "p99"))), past())
    assert findings["error rate"].verdict is Verdict.NOT_ENOUGH_DATA
    assert findings["throughput"].verdict is Verdict.ALARM


def test_silence_says_what_it_could_have_seen() -> None:
    for finding in told(window(), past()).values():
        assert finding.smallest_effect is not None
