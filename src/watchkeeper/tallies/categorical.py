"""Tallies of categories: the reference's top levels, then hash buckets, with missing and unseen counted apart.

Layout of the vector (T levels, H buckets):

    0 … T-1        rows of each top level
    T … T+H-1      every other level by the CRC-32 of its UTF-8 bytes, modulo H
    T+H            missing: with the levels and buckets, each row is in exactly one of these
    T+H+1          overlay: level never seen in the reference (hashed into a bucket too: the cells stay unbiased)
    T+H+2          overlay: value that is not text (a number where a category was expected)

A top chosen and counted on the same reference rows is inflated (winner's curse: on high-cardinality columns it
alarmed in 100 % of windows without drift). So where the reference has more than T levels, `fit` chooses the top from
every fifth row, and `held_out` tells whoever compiles the reference to count the other four.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.schema.numbers import Column
from watchkeeper.tallies.bins import Encoded
from watchkeeper.tallies.tally import IntArray

TOP_LEVELS = 64
HASH_BUCKETS = 16
HOLD_OUT = 5


class CategoricalBins:
    """Bins of one categorical or boolean column.

    `levels` are the top levels in falling order; `rare` the reference's other levels. `singletons` and `doubletons` are
    how many levels the reference holds exactly once and twice, `seen_rows` its rows with a level: what Good and Turing
    need to say how many unseen levels are ordinary.
    """

    kind: ClassVar[str] = "categorical"
    extremes: ClassVar[int] = 0

    def __init__(
        self,
        *,
        levels: Sequence[str],
        rare: Sequence[str] = (),
        buckets: int = HASH_BUCKETS,
        singletons: int = 0,
        doubletons: int = 0,
        seen_rows: int = 0,
    ) -> None:
        self.levels, self.rare, self.buckets = tuple(levels), tuple(rare), buckets
        self.singletons, self.doubletons, self.seen_rows = singletons, doubletons, seen_rows
        self.value_bins = len(self.levels) + buckets
        self.size = self.value_bins + 3
        self._cell_of = {level: i for i, level in enumerate(self.levels)}
        self._cell_of.update((level, self._bucket(level)) for level in self.rare)

    @property
    def held_out(self) -> bool:
        """Whether every fifth reference row chose the top levels and so must not be counted in the reference."""
        return bool(self.rare)

    def _bucket(self, level: str) -> int:
        return len(self.levels) + zlib.crc32(level.encode()) % self.buckets

    def slot(self, name: str) -> int:
        """The cell of `missing`, `unseen` or `wrong_type`."""
        return self.value_bins + ("missing", "unseen", "wrong_type").index(name)

    def encode(self, column: Column) -> Encoded:
        """Where each row goes. Anything that is not text or a boolean is counted as the wrong type, and as its text."""
        text, is_text = as_dictionary(column)
        names = text.dictionary.to_pylist()
        cells = np.array([self._cell_of.get(name, -1) for name in names], np.int64)
        unseen = cells < 0
        for i in np.flatnonzero(unseen):
            cells[i] = self._bucket(names[i])
        indices = text.indices
        overlays = {}
        if indices.null_count:
            cells, unseen = np.append(cells, self.slot("missing")), np.append(unseen, False)
            indices = indices.fill_null(len(names))
        row = indices.to_numpy(zero_copy_only=False)
        cell = cells[row]
        if unseen.any():
            overlays[self.slot("unseen")] = unseen[row]
        if not is_text:
            overlays[self.slot("wrong_type")] = cell != self.slot("missing")
        return Encoded(cell=cell, overlays=overlays)

    def count(self, levels: Levels) -> IntArray:
        """(size,) the cells of a whole column at once, from its levels: as `encode` would count it row by row."""
        cells = np.zeros(self.size, np.int64)
        for name, rows in levels.rows.items():
            cell = self._cell_of.get(name, -1)
            if cell < 0:
                cell = self._bucket(name)
                cells[self.slot("unseen")] += rows
            cells[cell] += rows
        cells[self.slot("missing")] += levels.missing
        cells[self.slot("wrong_type")] += 0 if levels.is_text else sum(levels.rows.values())
        return cells

    def value_counts(self, counts: IntArray) -> IntArray:
        """(..., T+H) rows per level and bucket of `counts` (..., size)."""
        return counts[..., : self.value_bins]

    def rate_counts(self, counts: IntArray) -> dict[str, IntArray]:
        """Rows (...) per fault: missing, unseen, wrong_type."""
        return {name: counts[..., self.slot(name)] for name in ("missing", "unseen", "wrong_type")}

    def rows(self, counts: IntArray) -> IntArray:
        """(...) rows counted, missing ones included."""
        total: IntArray = counts[..., : self.value_bins + 1].sum(-1)
        return total

    @property
    def labels(self) -> tuple[str, ...]:
        """A name for each value bin: the level, or which of the other levels share the bucket."""
        return self.levels + tuple(f"other levels, bucket {i + 1}" for i in range(self.buckets))

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "kind": self.kind,
            "levels": list(self.levels),
            "rare": list(self.rare),
            "buckets": self.buckets,
            "singletons": self.singletons,
            "doubletons": self.doubletons,
            "seen_rows": self.seen_rows,
        }

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> CategoricalBins:
        """The bins that `to_dict` described."""
        return cls(**{key: value for key, value in fields.items() if key != "kind"})

    @classmethod
    def fit(cls, column: Column, *, top: int = TOP_LEVELS, buckets: int = HASH_BUCKETS) -> CategoricalBins:
        """Bins for the reference `column`. Ties between levels are broken by name: same data, same bins."""
        totals = levels_of(column).rows
        ranking = totals
        if len(totals) > top:
            chosen_on = pa.array(np.arange(0, len(column), HOLD_OUT))
            ranking = levels_of(column.take(chosen_on)).rows
        return cls.of_levels(totals, ranking, top=top, buckets=buckets)

    @classmethod
    def of_levels(
        cls,
        totals: Mapping[str, int],
        ranking: Mapping[str, int],
        *,
        top: int = TOP_LEVELS,
        buckets: int = HASH_BUCKETS,
    ) -> CategoricalBins:
        """Bins from the rows of each level: of all rows, and of the rows that choose the top levels."""
        levels = sorted(ranking, key=lambda level: (-ranking[level], level))[:top]
        kept = set(levels)
        times = list(totals.values())
        return cls(
            levels=levels,
            rare=sorted(level for level in totals if level not in kept),
            buckets=buckets,
            singletons=times.count(1),
            doubletons=times.count(2),
            seen_rows=sum(times),
        )


def as_dictionary(column: Column) -> tuple[pa.DictionaryArray, bool]:
    """`column` as a dictionary of text (booleans: "false", "true"), and whether it was text or boolean before."""
    if isinstance(column, pa.ChunkedArray):
        column = column.unify_dictionaries().combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _dictionary_of_text(column)
    text, is_text = _as_text(column)
    return text.dictionary_encode(), is_text


@dataclass(frozen=True, slots=True)
class Levels:
    """A column as its levels: rows of each, rows missing, and whether it held text or booleans."""

    rows: dict[str, int]
    missing: int
    is_text: bool


def levels_of(column: Column) -> Levels:
    """The levels of `column`, of any type, read as `as_dictionary` reads them but not row by row."""
    rows: dict[str, int] = {}
    missing, is_text = 0, True
    for names, counts, text in _level_parts(column):
        is_text = is_text and text
        for name, count in zip(names, counts, strict=True):
            if name is None:
                missing += count
            else:
                rows[name] = rows.get(name, 0) + count
    return Levels(rows, missing, is_text)


def _level_parts(column: Column) -> Iterable[tuple[list[str | None], list[int], bool]]:
    """(levels, rows of each, whether they are text) of each part of the column that can be counted at once."""
    if not pa.types.is_dictionary(column.type):
        if isinstance(column, pa.ChunkedArray) and not _is_plain_text(column.type):
            column = column.combine_chunks()
        text, is_text = (column, True) if _is_plain_text(column.type) else _as_text(column)
        yield *_counted(text), is_text
        return
    for chunk in column.chunks if isinstance(column, pa.ChunkedArray) else [column]:
        names, is_text = _as_text(chunk.dictionary)
        indices, counts = _counted(chunk.indices)
        named = names.to_pylist() if len(names) <= 2 * len(indices) else names.take(pa.array(indices, pa.int64()))
        if isinstance(named, list):
            yield [None if i is None else named[i] for i in indices], counts, is_text
        else:
            yield named.to_pylist(), counts, is_text


def _counted(values: Column) -> tuple[list[Any], list[int]]:
    found = pc.value_counts(values)
    return found.field("values").to_pylist(), found.field("counts").to_pylist()


def _dictionary_of_text(column: pa.DictionaryArray) -> tuple[pa.DictionaryArray, bool]:
    names, is_text = _as_text(column.dictionary)
    if names.null_count:  # a null among the levels means missing: let Arrow say so in the indices
        return pa.DictionaryArray.from_arrays(column.indices, names).cast(names.type).dictionary_encode(), is_text
    return pa.DictionaryArray.from_arrays(column.indices, names), is_text


def _is_plain_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _as_text(column: pa.Array) -> tuple[pa.Array, bool]:
    kind = column.type
    if _is_plain_text(kind):
        return column, True
    if pa.types.is_string_view(kind) or pa.types.is_boolean(kind) or pa.types.is_null(kind):
        return column.cast(pa.string()), True
    try:
        return column.cast(pa.string()), False
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):  # lists, structs, bytes that are not UTF-8
        return pa.array([None if v is None else repr(v) for v in column.to_pylist()], pa.string()), False
