from __future__ import annotations

import pytest

from watchkeeper.detectors.registry import CATEGORICAL_WEIGHTS, DETECTORS, NUMERIC_WEIGHTS, Evidence


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
