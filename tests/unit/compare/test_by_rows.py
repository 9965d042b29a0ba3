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
    wide = [{f"n{i}": rng.normal(size=n) for i in range(8)} for n in (2000, *[300] * 12)]
    alarms = [any(f.verdict is Verdict.ALARM for f in findings(wide[0], now)) for now in wide[1:]]
    assert sum(alarms) <= 1  # expected 0.02


def test_small_shifts_of_all_columns_alarm_together() -> None:
    rng = np.random.default_rng(4)
    before = {f"x{i}": rng.normal(size=4_000) for i in range(12)}
    told = findings(before, {name: rng.normal(0.16, 1, 300) for name in before})
    (together,) = (f for f in told if f.detector == "omnibus")
    assert (together.verdict, together.column) == (Verdict.ALARM, "")
    assert together.effect is not None
    assert together.floor is not None
    assert together.effect > together.floor


def test_what_one_column_explains_is_not_said_of_all() -> None:
    rng = np.random.default_rng(5)
    now = table(rng, 800)
    now["x"] = now["x"] + 0.5
    (together,) = (f for f in findings(table(rng, 5_000), now) if f.detector == "omnibus")
    assert together.verdict is Verdict.OK
    assert "named for themselves" in together.note


def test_the_score_is_asked_at_a_level_of_its_own() -> None:
    rng = np.random.default_rng(6)
    before = {f"x{i}": rng.normal(size=5_000) for i in range(12)}
    now = {f"x{i}": rng.normal(size=250) for i in range(12)}
    now["x0"] = now["x0"] + 0.33
    plain = compare_by_rows(two_sides(before, now, None))
    scored = compare_by_rows(two_sides(before, now, None, score="x0"))
    p = {f.p_value for told in (plain, scored) for f in told if (f.column, f.detector) == ("input.x0", "location")}
    smallest = [next(f.smallest_effect for f in t if f.column == "input.x0") for t in (plain, scored)]
    assert len(p) == 1
    assert smallest[1] is not None
    assert smallest[0] is not None
    assert smallest[1] < smallest[0]


def test_a_small_reference_says_that_small_shifts_are_not_looked_for() -> None:
    told = findings(table(RNG, 800), table(RNG, 400))
    assert not [f for f in told if f.detector == "omnibus"]
    assert any("small shifts over all columns" in f.note for f in told)
