"""100 independent columns of known law: 60 of numbers, 40 of categories, made fast enough for 20,000,000,000 values.

Numbers take five laws in turn: normal, log-normal, t with 3 degrees of freedom, Poisson of mean 4, and 80 % zeros
beside an exponential. Categories have 2, 3, 5, 10, 20 or 50 levels by Zipf's law. Normals and exponentials are float32
from NumPy's ziggurat; discrete laws are read from a table by 16 random bits, so their law is the table's, exactly.
Every row of every window is drawn anew: no row is used twice, so windows are independent given their reference.

A `shift` of s is latent, and keeps the support: s standard deviations for normal and t, s on the log scale, a Poisson
mean of 4 + 2 s (s standard deviations), an exponential 1 + s times as long, levels tilted by exp(s * (1 … -1)). Whole
numbers stay whole: adding s to them would take each off its atom, which no floor should forgive.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import stats

from watchkeeper.tallies.tally import FloatArray

NUMBERS, CATEGORIES = 60, 40
LEVELS = (2, 3, 5, 10, 20, 50)
_CODES = 1 << 16
_MEAN = 4.0

Values = npt.NDArray[np.floating[Any]]
Numbers = Callable[[np.random.Generator, int, float], Values]


@dataclass(frozen=True)
class Law:
    """What is drawn: `shift` of all columns, or of those in `moved` alone where it names any."""

    shift: float = 0.0
    moved: Mapping[str, float] = field(default_factory=dict)

    def of(self, column: str) -> float:
        """The shift of one column."""
        return self.moved.get(column, 0.0) if self.moved else self.shift


UNCHANGED = Law()
COLUMNS = (*(f"number{place}" for place in range(NUMBERS)), *(f"level{place}" for place in range(CATEGORIES)))


def draw(rng: np.random.Generator, rows: int, law: Law = UNCHANGED, columns: tuple[str, ...] = COLUMNS) -> pa.Table:
    """`rows` rows of `columns`; categories are dictionaries."""
    return pa.table({name: _column(name, rng, rows, law.of(name)) for name in columns})


def _column(name: str, rng: np.random.Generator, rows: int, shift: float) -> pa.Array:
    if name.startswith("number"):
        return pa.array(_NUMBERS[int(name.removeprefix("number")) % len(_NUMBERS)](rng, rows, shift))
    levels = LEVELS[int(name.removeprefix("level")) % len(LEVELS)]
    codes = _looked_up(_zipf(levels, shift), rng, rows).astype(np.int8)
    return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array([f"v{level}" for level in range(levels)]))


def _normal(rng: np.random.Generator, rows: int, shift: float) -> Values:
    return rng.standard_normal(rows, np.float32) + np.float32(shift)


def _lognormal(rng: np.random.Generator, rows: int, shift: float) -> Values:
    return np.exp(_normal(rng, rows, shift))


def _t3(rng: np.random.Generator, rows: int, shift: float) -> Values:
    """Normal over the root of a third of a chi-square of 3: twice an exponential, and one more squared normal."""
    square = 2 * rng.standard_exponential(rows, np.float32) + rng.standard_normal(rows, np.float32) ** 2
    return rng.standard_normal(rows, np.float32) / np.sqrt(square / 3) + np.float32(1.73 * shift)


def _counts(rng: np.random.Generator, rows: int, shift: float) -> Values:
    return _looked_up(_poisson(_MEAN + 2 * shift), rng, rows).astype(np.float32)


def _half_zeros(rng: np.random.Generator, rows: int, shift: float) -> Values:
    lengths = rng.standard_exponential(rows, np.float32) * np.float32(1 + shift)
    return lengths * (rng.random(rows, np.float32) >= np.float32(0.8))


_NUMBERS: tuple[Numbers, ...] = (_normal, _lognormal, _t3, _counts, _half_zeros)


@lru_cache
def _poisson(mean: float) -> np.ndarray:
    return _quantised(stats.poisson.pmf(np.arange(60), mean))


@lru_cache
def _zipf(levels: int, shift: float) -> np.ndarray:
    weights = np.exp(shift * np.linspace(1, -1, levels)) / np.arange(1, levels + 1)
    return _quantised(weights / weights.sum())


def _quantised(shares: FloatArray) -> np.ndarray:
    """(65536,) the values 0, 1, … as often as `shares` say, to the nearest 1/65536."""
    ends = np.rint(np.cumsum(shares / shares.sum()) * _CODES).astype(np.int64)
    return np.repeat(np.arange(len(shares), dtype=np.uint8), np.diff(ends, prepend=0))


def _looked_up(table: np.ndarray, rng: np.random.Generator, rows: int) -> np.ndarray:
    return table[rng.integers(0, _CODES, rows, np.uint16, endpoint=False)]
