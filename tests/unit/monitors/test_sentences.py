from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.detectors.registry import Evidence
from watchkeeper.monitors.sentences import apart, level_words, number, percent, rate_sentence
from watchkeeper.tallies.bins import count
from watchkeeper.tallies.numeric import NumericBins


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.314, "31 %"), (0.0, "0 %"), (1.0, "100 %"), (0.9961, "99.6 %"), (0.052, "5.2 %"), (0.0008, "0.080 %")],
)
def test_shares(share: float, words: str) -> None:
    assert percent(share) == words


def test_numbers() -> None:
    assert number(1657.4) == "1,657"
    assert number(0.031234) == "0.03123"
    assert number(float("nan")) == "none"


def test_two_numbers_are_told_apart() -> None:
    assert apart(2.0, 1.0) == "2 against 1"
    assert apart(1.00003, 1.0) == "1.00003 against 1"
    assert apart(5.0, 5.0) == "5 against 5"
    assert apart(float("nan"), 1.0) == "none against 1"


def test_a_rate_is_set_against_the_worst_that_was() -> None:
    said = rate_sentence("wind", Evidence.MISSING, rate=0.31, ordinary=0.001, worst=0.05, blocks=90)
    assert said == "31 % of `wind` is missing; the reference had 0.10 %, 5.0 % in its worst window."
    assert rate_sentence("wind", Evidence.MISSING, rate=0.31, ordinary=0.0, worst=0.0, blocks=90).endswith("had 0 %.")


def test_levels_of_numbers() -> None:
    bins = NumericBins.fit(pa.array(np.arange(1000.0)))
    now, before = count(bins, pa.array(np.full(10, 100.0))), count(bins, pa.array(np.full(10, 200.0)))
    assert level_words(bins, before.counts, now.counts).startswith("mean 100 against 200")
    assert level_words(bins, before.counts, np.zeros(bins.size, np.int64)) == "no values"


def test_levels_that_were_clipped_are_told_as_bounds() -> None:
    values = np.random.default_rng(0).gamma(3, 4, 5000)
    bins = NumericBins.fit(pa.array(values))
    before = count(bins, pa.array(values)).counts
    above = level_words(bins, before, count(bins, pa.array(values * 1000)).counts)
    below = level_words(bins, before, count(bins, pa.array(-values * 1000)).counts)
    both = level_words(bins, before, count(bins, pa.array(np.array([-1e9, 1e9]))).counts)
    assert above.startswith("mean over ")
    assert "standard deviation over " in above
    assert below.startswith("mean under -")
    assert both.startswith("mean unknown, clipped ")
    assert level_words(bins, before, count(bins, pa.array(values * 3)).counts).startswith("mean 3")
