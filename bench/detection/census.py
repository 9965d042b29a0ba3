"""The census income table (`adult.parquet` in `--data`): 48,842 rows, 6 columns of numbers and 8 of categories.

UCI Machine Learning Repository, CC BY 4.0. Numbers are taken as float64 and left whole. For false alarms the table is
the population, and rows are drawn from it with replacement: nothing has changed, exactly. For power it is cut at random
into rows to train a model on (12,000), a reference (20,000) and a pool of which each window is drawn without
replacement, so that no row is in both. The model's score on reference and pool is thus out of its training rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sklearn.ensemble import HistGradientBoostingClassifier

from bench.detection.rule import SCORE
from bench.detection.setting import Setting, generator
from watchkeeper.tallies.tally import FloatArray, IntArray

FILE = "adult.parquet"
LABEL, POSITIVE = "income", ">50K"
NUMBERS = ("age", "fnlwgt", "education_num", "capital_gain", "capital_loss", "hours_per_week")
CATEGORIES = (
    "workclass",
    "education",
    "marital_status",
    "occupation",
    "relationship",
    "race",
    "sex",
    "native_country",
)
TRAINING, REFERENCE = 12_000, 20_000

Codes = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Rows:
    """n rows as arrays that a shift may change: `numbers` float64, NaN missing; `codes` into `levels`, -1 missing."""

    numbers: dict[str, FloatArray]
    codes: dict[str, Codes]
    levels: dict[str, list[str]]
    label: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.label)

    def take(self, at: IntArray) -> Rows:
        """Rows at those places, in memory of their own."""
        return Rows(
            {name: values[at] for name, values in self.numbers.items()},
            {name: values[at] for name, values in self.codes.items()},
            self.levels,
            self.label[at],
        )

    def table(self) -> pa.Table:
        """Arrow columns: numbers, then dictionaries."""
        columns = {name: pa.array(values, from_pandas=True) for name, values in self.numbers.items()}
        columns |= {
            name: pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), pa.array(self.levels[name]))
            for name, codes in self.codes.items()
        }
        return pa.table(columns)

    def matrix(self) -> FloatArray:
        """(n, 14) for a model of trees."""
        return np.column_stack([*self.numbers.values(), *(codes.astype(np.float64) for codes in self.codes.values())])


@dataclass(frozen=True)
class Population:
    """All rows, to be drawn from with replacement; with the model's score where there is one."""

    rows: Rows
    score: FloatArray | None = None

    def draw(self, rng: np.random.Generator, rows: int) -> pa.Table:
        at = rng.integers(0, len(self.rows), rows)
        table = self.rows.take(at).table()
        return table if self.score is None else table.append_column(SCORE, pa.array(self.score[at]))


@dataclass(frozen=True)
class Split:
    """One cut of the table: the model, the reference's rows, and the pool that windows are drawn from."""

    model: HistGradientBoostingClassifier
    reference: Rows
    pool: Rows

    def table(self, rows: Rows, *, score: bool) -> pa.Table:
        """The rows as a table, with the model's score of them if asked for."""
        return rows.table().append_column(SCORE, pa.array(self._score(rows))) if score else rows.table()

    def _score(self, rows: Rows) -> FloatArray:
        return self.model.predict_proba(rows.matrix())[:, 1]


def population(setting: Setting, *, score: bool = False) -> Population:
    """The table as a population; with a score, the rows that trained its model are left out."""
    return _population(setting.file(FILE), score)


def split(setting: Setting, part: int) -> Split:
    """Cut number `part`, the same in every cell."""
    return _split(setting.file(FILE), part)


@lru_cache
def _population(path: Path, score: bool) -> Population:
    rows = _rows(path)
    if not score:
        return Population(rows)
    order = generator("census population").permutation(len(rows))
    model = _trained(rows.take(order[:TRAINING]))
    rest = rows.take(order[TRAINING:])
    return Population(rest, model.predict_proba(rest.matrix())[:, 1])


@lru_cache
def _split(path: Path, part: int) -> Split:
    rows = _rows(path)
    order = generator("census split", part).permutation(len(rows))
    until = TRAINING + REFERENCE
    model = _trained(rows.take(order[:TRAINING]))
    return Split(model, rows.take(order[TRAINING:until]), rows.take(order[until:]))


def _trained(rows: Rows) -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(max_iter=60, random_state=0).fit(rows.matrix(), rows.label)


@lru_cache
def _rows(path: Path) -> Rows:
    table = pq.ParquetFile(path).read()
    codes, levels = {}, {}
    for name in CATEGORIES:
        coded = table[name].cast(pa.string()).combine_chunks().dictionary_encode()
        coded = coded.chunk(0) if isinstance(coded, pa.ChunkedArray) else coded
        codes[name] = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
        levels[name] = coded.dictionary.to_pylist()
    return Rows(
        {name: table[name].cast(pa.float64()).to_numpy() for name in NUMBERS},
        codes,
        levels,
        pc.equal(table[LABEL], POSITIVE).to_numpy(),
    )
