from __future__ import annotations

from typing import Any

import numpy as np

from watchkeeper.compare.by_rows import compare_by_rows
from watchkeeper.compare.tables import two_sides
from watchkeeper.detectors.finding import Finding
from watchkeeper.detectors.registry import DETECTORS
from watchkeeper.events.verdict import Verdict

RNG = np.random.default_rng(0)


def table(rng: np.random.Generator, n: int) -> dict[str, Any]:
    return {"x": rng.normal(size=n), "y": rng.gamma(2, 1, n), "c": rng.choice(np.array(list("abc")), n)}


def findings(before: object, now: object) -> list[Finding]:
    return compare_by_rows(two_sides(before, now, None))


def test_two_samples_of_one_law_do_not_differ() -> None:
    told = findings(table(RNG, 5000), table(RNG, 800))
    assert {finding.verdict for finding in told} == {Verdict.OK}
    assert all(finding.smallest_effect is not None for finding in told)
    assert all("exchangeable" in finding.note for finding in told)


def test_every_detector_that_applies_has_its_say() -> None:
    told = findings(table(RNG, 5000), table(RNG, 800))
    numeric = {finding.detector for finding in told if finding.feature == "x"}
    categorical = {finding.detector for finding in told if finding.feature == "c"}
    assert {"kolmogorov_smirnov", "wasserstein", "stability_index", "jensen_shannon", "range", "missing"} <= numeric
    assert {"levels", "g_test", "largest_gap", "jensen_shannon", "unseen", "missing"} <= categorical
    assert numeric | categorical | {"error"} == set(DETECTORS)


def test_what_moved_alarms_and_the_rest_does_not() -> None:
    now = table(RNG, 800)
    now["x"] = now["x"] + 0.5
    told = findings(table(RNG, 5000), now)
    assert {finding.feature for finding in told if finding.verdict is Verdict.ALARM} == {"x"}
    location = next(f for f in told if f.feature == "x" and f.detector == "location")
    assert location.effect is not None
    assert location.effect > 0.05
    assert "`x` differs" in location.sentence


def test_a_detector_that_describes_never_says_more_than_its_column() -> None:
    told = findings({"x": RNG.normal(size=400_000)}, {"x": RNG.normal(0.01, 1, 400_000)})
    assert {finding.verdict for finding in told} == {Verdict.OK}


def test_a_missing_half_is_said_as_a_rate() -> None:
    now = table(RNG, 400)
    now["x"][::2] = np.nan
    told = findings(table(RNG, 5000), now)
    missing = next(f for f in told if f.feature == "x" and f.detector == "missing")
    assert missing.verdict is Verdict.ALARM
    assert missing.sentence == "50 % of `x` is missing; the reference had 0 %."


def test_a_window_larger_than_its_reference_is_warned_about() -> None:
    told = findings(table(RNG, 500), table(RNG, 5000))
    assert all("larger than the reference" in finding.note for finding in told)


def test_false_alarms_stay_within_the_budget() -> None:
    rng = np.random.default_rng(3)
    wide = [{f"n{i}": rng.normal(size=n) for i in range(20)} for n in (2000, *[300] * 25)]
    alarms = [any(f.verdict is Verdict.ALARM for f in findings(wide[0], now)) for now in wide[1:]]
    assert sum(alarms) <= 1  # expected 0.03
