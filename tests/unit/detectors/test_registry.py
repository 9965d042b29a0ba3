from __future__ import annotations

import inspect

import pytest

from watchkeeper.detectors.registry import CATEGORICAL_WEIGHTS, DETECTORS, NUMERIC_WEIGHTS, SHORT_NAMES, Evidence
from watchkeeper.detectors.rows.registry import ROW_TESTS


@pytest.mark.parametrize("weights", [NUMERIC_WEIGHTS, CATEGORICAL_WEIGHTS])
def test_weights_split_one_budget_among_known_detectors(weights: dict[str, float]) -> None:
    assert sum(weights.values()) == pytest.approx(1.0)
    assert weights.keys() <= DETECTORS.keys()


def test_every_detector_says_what_it_looks_at() -> None:
    for detector in DETECTORS.values():
        assert detector.on
        assert detector.effect
        assert detector.floor > 0


def test_the_catalogue_has_what_was_promised() -> None:
    assert {
        "kolmogorov_smirnov",
        "wasserstein",
        "stability_index",
        "jensen_shannon",
        "g_test",
        "levels",
        "largest_gap",
        "missing",
        "unseen",
        "range",
        "error",
    } <= DETECTORS.keys()


def test_every_kind_of_evidence_is_looked_at() -> None:
    assert {on for detector in DETECTORS.values() for on in detector.on} == set(Evidence)


@pytest.mark.parametrize("name", DETECTORS)
def test_the_docstring_is_a_spec(name: str) -> None:
    words = inspect.getdoc(inspect.getmodule(DETECTORS[name].measure)) or ""
    assert "Cannot see:" in words or "Sees and misses what" in words
    assert "Sees" in words
    assert "Parameters:" in words


def test_short_names_stand_for_detectors_and_hide_none_but_mann_whitney() -> None:
    """`location` is the same test, with an effect and its interval."""
    assert set(SHORT_NAMES.values()) <= {*DETECTORS, *ROW_TESTS, "fisher"}
    assert set(SHORT_NAMES) & {*DETECTORS, *ROW_TESTS} == {"mann_whitney"}
