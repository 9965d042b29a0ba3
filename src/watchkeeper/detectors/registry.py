"""Every detector by name: what it looks at, how it is measured, and the floor below which nobody cares.

Weights say which detectors decide. They split a column's budget (weighted Bonferroni, so each table sums to 1); those
of numbers were fixed before power was measured, those of categories on other references than it is reported for: most
goes to one category that moves, for moves of many are seen by the omnibus too. A detector without a weight describes
the change and never decides alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from watchkeeper.detectors.beyond import beyond
from watchkeeper.detectors.chi_square import chi_square
from watchkeeper.detectors.cramer_von_mises import cramer_von_mises
from watchkeeper.detectors.g_test import g_test
from watchkeeper.detectors.hellinger import hellinger
from watchkeeper.detectors.jensen_shannon import jensen_shannon
from watchkeeper.detectors.kolmogorov_smirnov import kolmogorov_smirnov
from watchkeeper.detectors.kullback_leibler import kullback_leibler
from watchkeeper.detectors.largest_gap import largest_gap
from watchkeeper.detectors.location import location
from watchkeeper.detectors.rate import rate
from watchkeeper.detectors.result import Bar, Result
from watchkeeper.detectors.spread import spread
from watchkeeper.detectors.stability_index import stability_index
from watchkeeper.detectors.total_variation import total_variation
from watchkeeper.detectors.unseen import unseen
from watchkeeper.detectors.wasserstein import wasserstein
from watchkeeper.detectors.worst_cell import worst_cell


class Evidence(StrEnum):
    """What a detector is given. The first three are `Samples`, the rest `Rates`."""

    VALUES = "values"  # bins of a numeric column, ascending
    SHAPE = "shape"  # the same bins folded into about 12 cells
    LEVELS = "levels"  # levels and hash buckets of a categorical column
    MISSING = "missing"
    INFINITE = "infinite"
    WRONG_TYPE = "wrong_type"
    RANGE = "range"
    TAIL = "tail"
    UNSEEN = "unseen"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Detector:
    """`measure` takes Samples or Rates as `on` says, and a Bar. `effect` names the unit of its effect."""

    measure: Callable[[Any, Bar], Result]
    on: tuple[Evidence, ...]
    effect: str
    floor: float


E = Evidence
DETECTORS: dict[str, Detector] = {
    "location": Detector(location, (E.VALUES,), "rank shift", 0.01),
    "spread": Detector(spread, (E.VALUES,), "rank spread shift", 0.01),
    "kolmogorov_smirnov": Detector(kolmogorov_smirnov, (E.VALUES,), "KS distance", 0.02),
    "cramer_von_mises": Detector(cramer_von_mises, (E.VALUES,), "root mean squared gap", 0.01),
    "wasserstein": Detector(wasserstein, (E.VALUES,), "reference sd", 0.05),
    "shape": Detector(chi_square, (E.SHAPE,), "Cohen's w", 0.04),
    "levels": Detector(chi_square, (E.LEVELS,), "Cohen's w", 0.04),
    "g_test": Detector(g_test, (E.LEVELS,), "root of G / effective n", 0.04),
    "worst_cell": Detector(worst_cell, (E.SHAPE, E.LEVELS), "change of share", 0.04),
    "largest_gap": Detector(largest_gap, (E.LEVELS,), "largest change of share", 0.01),
    "stability_index": Detector(stability_index, (E.SHAPE, E.LEVELS), "PSI", 0.02),
    "jensen_shannon": Detector(jensen_shannon, (E.SHAPE, E.LEVELS), "JS distance", 0.02),
    "kullback_leibler": Detector(kullback_leibler, (E.SHAPE, E.LEVELS), "KL divergence, nats", 0.01),
    "hellinger": Detector(hellinger, (E.SHAPE, E.LEVELS), "Hellinger distance", 0.02),
    "total_variation": Detector(total_variation, (E.SHAPE, E.LEVELS), "share of rows moved", 0.02),
    "missing": Detector(rate, (E.MISSING,), "change of rate", 0.005),
    "infinite": Detector(rate, (E.INFINITE,), "change of rate", 0.0005),
    "wrong_type": Detector(rate, (E.WRONG_TYPE,), "change of rate", 0.0005),
    "range": Detector(beyond, (E.RANGE,), "change of rate", 0.0005),
    "tail": Detector(beyond, (E.TAIL,), "change of rate", 0.005),
    "unseen": Detector(unseen, (E.UNSEEN,), "change of rate", 0.001),
    "error": Detector(rate, (E.ERROR,), "change of rate", 0.005),
}

NUMERIC_WEIGHTS: dict[str, float] = {
    "location": 0.25,
    "kolmogorov_smirnov": 0.20,
    "shape": 0.15,
    "spread": 0.10,
    "worst_cell": 0.10,
    "missing": 0.08,
    "range": 0.05,
    "tail": 0.04,
    "infinite": 0.015,
    "wrong_type": 0.015,
}
CATEGORICAL_WEIGHTS: dict[str, float] = {
    "levels": 0.20,
    "worst_cell": 0.60,
    "unseen": 0.10,
    "missing": 0.09,
    "wrong_type": 0.01,
}

OTHER_NAMES: dict[str, tuple[str, ...]] = {
    "Ansari-Bradley": ("spread",),
    "chi-square": ("shape", "levels"),
    "earth mover's distance": ("wasserstein",),
    "Fisher's exact test": ("worst_cell", "largest_gap", "missing", "infinite", "wrong_type", "error"),
    "L-infinity": ("largest_gap",),
    "log-likelihood ratio": ("g_test",),
    "Mann-Whitney U": ("location",),
    "population stability index": ("stability_index",),
    "relative entropy": ("kullback_leibler",),
    "Wilcoxon rank-sum": ("location",),
}
"""Detectors by the names that people look for."""

SHORT_NAMES: dict[str, str] = {
    "ad": "anderson_darling",
    "ansari_bradley": "spread",
    "c2st": "classifier",
    "chi2": "shape",
    "chi_square": "shape",
    "cvm": "cramer_von_mises",
    "energy": "energy_distance",
    "fisher_exact": "fisher",
    "g": "g_test",
    "js": "jensen_shannon",
    "kl": "kullback_leibler",
    "ks": "kolmogorov_smirnov",
    "l_infinity": "largest_gap",
    "linf": "largest_gap",
    "mann_whitney": "location",
    "psi": "stability_index",
    "tv": "total_variation",
    "tvd": "total_variation",
    "wilcoxon": "location",
}
"""Short names, for those who ask for one detector; `fisher` is the test of one share in `rate`."""
