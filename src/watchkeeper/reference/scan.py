"""The first look at a column of the reference, batch by batch: what it holds, its bounds, its levels.

Everything kept adds up exactly, so the feature that comes out is the one that schema/inference.py infers from the whole
column, whatever the batches were. Levels are kept only as long as they may be categories: beyond MAX_CATEGORIES of them
a column is text.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.schema.feature import Feature, FeatureType
from watchkeeper.schema.inference import CLOSED_SET, MAX_CATEGORIES, WHOLE_NUMBERS_ROWS, are_categories, feature_type_of
from watchkeeper.schema.numbers import as_floats
from watchkeeper.tallies.bins import CHUNK
from watchkeeper.tallies.categorical import levels_of
from watchkeeper.tallies.numeric import spread_step
from watchkeeper.tallies.tally import FloatArray


@dataclass
class ColumnScan:
    """What is known of one column so far. `total` is how many rows there will be, `kind` its declared type."""

    name: str
    kind: pa.DataType
    total: int
    rows: int = 0
    nulls: int = 0
    low: float = math.inf
    high: float = -math.inf
    finite: int = 0
    whole: bool = True
    missing: int = 0
    levels: dict[str, int] | None = field(default_factory=dict)
    _spread: list[FloatArray] = field(default_factory=list)

    @property
    def declared(self) -> FeatureType:
        """What the Arrow type says the column holds."""
        found = feature_type_of(self.kind)
        return FeatureType.TEXT if found is None else found

    def see(self, column: pa.ChunkedArray) -> None:
        """Take in the next rows."""
        text = self.declared is FeatureType.TEXT
        self._sample(column, length=text)
        if text or self.declared is FeatureType.BOOLEAN:
            self._count_levels(column)
        elif self.declared.is_number:
            for start in range(0, len(column), CHUNK):
                self._measure(as_floats(column.slice(start, CHUNK))[0])
        self.rows += len(column)
        self.nulls += column.null_count

    def _sample(self, column: pa.ChunkedArray, *, length: bool) -> None:
        """Keep every step-th row of all, to choose a scale by."""
        step = spread_step(self.total)
        places = np.arange(-self.rows % step, len(column), step)
        if self.declared is FeatureType.BOOLEAN or not places.size:
            return
        some = column if step == 1 else column.take(pa.array(places))
        self._spread.append(np.array(as_floats(some, length=length)[0]))

    def _count_levels(self, column: pa.ChunkedArray) -> None:
        if self.levels is None or _many_levels(column):
            self.levels = None
            return
        found = levels_of(column)
        self.missing += found.missing
        for name, rows in found.rows.items():
            self.levels[name] = self.levels.get(name, 0) + rows
        if len(self.levels) > MAX_CATEGORIES:
            self.levels = None

    def _measure(self, values: FloatArray) -> None:
        low, high = float(values.min(initial=math.inf)), float(values.max(initial=-math.inf))
        if not (math.isfinite(low) and math.isfinite(high)):  # NaN and infinities: missing rows and faults
            values = values[np.isfinite(values)]
            low, high = float(values.min(initial=math.inf)), float(values.max(initial=-math.inf))
        self.low, self.high = min(self.low, low), max(self.high, high)
        self.finite += values.size
        if self.whole and self.declared is FeatureType.NUMERIC:
            few = values[:WHOLE_NUMBERS_ROWS]  # most columns are settled by their first values
            self.whole = bool((few == np.rint(few)).all() and (values == np.rint(values)).all())

    @property
    def spread(self) -> FloatArray:
        """The values (of text: lengths) of evenly spaced rows."""
        return np.concatenate([np.zeros(0), *self._spread])

    def feature(self) -> Feature:
        """The feature that the column shows."""
        kind = self._refined()
        bounded = kind.is_number and self.finite
        return Feature(
            name=self.name,
            type=kind,
            nullable=self.nulls > 0,
            minimum=self.low if bounded else None,
            maximum=self.high if bounded else None,
            categories=self._categories(kind),
            null_rate=self.nulls / self.rows if self.rows else 0.0,
        )

    def _refined(self) -> FeatureType:
        if self.declared is FeatureType.NUMERIC and self.whole and self.finite >= WHOLE_NUMBERS_ROWS:
            return FeatureType.INTEGER
        if self.declared is FeatureType.TEXT and self.levels is not None:
            called_so = pa.types.is_dictionary(self.kind)
            if called_so or are_categories(len(self.levels), self.rows - self.nulls):
                return FeatureType.CATEGORICAL
        return self.declared

    def _categories(self, kind: FeatureType) -> tuple[str, ...] | None:
        if kind is FeatureType.BOOLEAN:
            return ("false", "true")
        if kind is not FeatureType.CATEGORICAL or self.levels is None or len(self.levels) > CLOSED_SET:
            return None
        return tuple(sorted(self.levels))


def _many_levels(column: pa.ChunkedArray) -> bool:
    """Whether the first rows alone hold more levels than a category may have."""
    plain = not pa.types.is_dictionary(column.type) and len(column) > MAX_CATEGORIES
    return plain and pc.count_distinct(column.slice(0, MAX_CATEGORIES * 5 // 4)).as_py() > MAX_CATEGORIES
