"""Columns without a tally of their own (vectors, text, images) replaced by a few numbers a row, on both sides alike.

The embedding of a column is fitted on a sample of the reference and then frozen (detectors/embedding). What it gives
are numeric columns, `photo.brightness`, `photo[0]`, …, which are tallied, tested and drawn like any other; the column
itself is left out. Lists of numbers of one length are projected without being asked; lists of different lengths (tags,
words) are no vectors, and stay what nobody can watch. Data in memory is transformed once, larger data
batch by batch, as often as it is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from watchkeeper.compare.sides import Side
from watchkeeper.detectors.embedding.embedding import Embedding
from watchkeeper.detectors.embedding.registry import Asked, fitted
from watchkeeper.detectors.embedding.vectors import holds_vectors, vectors
from watchkeeper.events.errors import BadInput
from watchkeeper.reference.reference import Reference
from watchkeeper.reference.rows import RowSample, sampled_rows
from watchkeeper.schema.source import Source, TableSource

_ROWS = {"image": 200}
_ROWS_OTHERWISE = 10_000
_LISTS, _ONE_LENGTH = "embedding", 0.9


class Derived(NamedTuple):
    """Both sides, what a person must know of their derived columns, and the names that were derived."""

    before: Side
    now: Side
    notes: tuple[str, ...] = ()


def derived(before: Side, now: Side, embed: Mapping[str, Asked] | None) -> Derived:
    """Replace the columns that `embed` names, and lists of numbers; raises BadInput for what cannot be embedded."""
    asked = dict(embed or {})
    if isinstance(before, Reference) or isinstance(now, Reference):
        if asked:
            raise BadInput("A profile keeps no rows to learn an embedding from.", hint="Compare the tables themselves.")
        return Derived(before, now)
    unknown = [name for name in asked if name not in before.fields.names]
    if unknown:
        raise BadInput(f"The reference has no column {unknown[0]!r} to embed.", hint="Check the name.")
    frozen = {name: _asked(before, name, kind) for name, kind in asked.items() if _has(now, name)}
    unasked = [name for name in _lists(before) if name in _lists(now) and name not in asked]
    frozen |= {name: one for name in unasked if (one := _of_lists(before, name)) is not None}
    if not frozen:
        return Derived(before, now)
    notes = [_note(name, embedding, name in unasked) for name, embedding in frozen.items()]
    return Derived(_with(before, frozen), _with(now, frozen), tuple(notes))


def _lists(source: Source) -> list[str]:
    return [field.name for field in source.fields if holds_vectors(field.type)]


def _has(source: Source, name: str) -> bool:
    return name in source.fields.names


def _of_lists(source: Source, name: str) -> Embedding | None:
    """The embedding of a column of lists that nobody named; None where they are no vectors of one length."""
    values = _sampled(source, name, _LISTS)
    try:
        known, _ = vectors(values)
        embedding = _fitted(_LISTS, values)
    except BadInput:
        return None
    one_length = known.sum() >= _ONE_LENGTH * (len(values) - values.null_count)
    free = not any(_has(source, name + label) for label in embedding.labels)
    return embedding if one_length and free else None


def _sampled(source: Source, name: str, asked: Asked) -> pa.ChunkedArray:
    """Rows of a column of the reference to learn from."""
    most = _ROWS.get(asked, _ROWS_OTHERWISE) if isinstance(asked, str) else _ROWS_OTHERWISE
    sample = RowSample(pa.schema([source.fields.field(name)]), sampled_rows(source.rows, most))
    for batch in source.batches([name]):
        sample.see(batch)
    return sample.table().column(name)


def _asked(source: Source, name: str, asked: Asked) -> Embedding:
    try:
        return _fitted(asked, _sampled(source, name, asked))
    except BadInput as error:
        raise BadInput(f"Column {name!r}: {error.message}", hint=error.hint) from error


def _fitted(asked: Asked, values: pa.ChunkedArray) -> Embedding:
    return fitted(asked, values, np.random.default_rng(0))  # the same tables, the same columns


def _note(name: str, embedding: Embedding, unasked: bool) -> str:
    labels = [f"`{name}{label}`" for label in embedding.labels]
    watched = labels[0] if len(labels) == 1 else f"{len(labels)} columns, {labels[0]} to {labels[-1]}"
    why = ", for it holds lists of numbers" if unasked else ""
    return f"`{name}` is watched through {watched}{why}; what they do not keep is not seen."


def _with(source: Source, frozen: Mapping[str, Embedding]) -> Source:
    wrapped = DerivedSource(source, frozen)
    if not isinstance(source, TableSource):
        return wrapped
    (table,) = wrapped.batches(wrapped.fields.names)
    held = TableSource(table, wrapped.fields)
    held.repeated, held.rows = source.repeated, source.rows
    return held


class DerivedSource:
    """A source with some columns replaced by the numbers of their embeddings."""

    def __init__(self, source: Source, frozen: Mapping[str, Embedding]) -> None:
        self._source, self._frozen = source, frozen
        self._home = {name + label: name for name, one in frozen.items() for label in one.labels}
        taken = [name for name in self._home if name in source.fields.names]
        if taken or len(self._home) != sum(len(one.labels) for one in frozen.values()):
            raise BadInput(f"There is a column {taken[0]!r} already." if taken else "Derived columns share a name.")
        self.rows, self.repeated, self.apart = source.rows, source.repeated, source.apart
        self.fields: pa.Schema = pa.schema([new for field in source.fields for new in self._new(field)])

    def batches(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        needed = list(dict.fromkeys(self._home.get(name, name) for name in columns))
        for batch in self._source.batches(needed):
            ready = {name: self._columns(name, batch) for name in needed if name in self._frozen}
            arrays = [ready[self._home[name]][name] if name in self._home else batch.column(name) for name in columns]
            yield pa.Table.from_arrays(arrays, names=list(columns))

    def _new(self, field: pa.Field) -> list[pa.Field]:
        if field.name not in self._frozen:
            return [field]
        return [pa.field(field.name + label, pa.float64()) for label in self._frozen[field.name].labels]

    def _columns(self, name: str, batch: pa.Table) -> dict[str, pa.Array]:
        try:
            numbers = self._frozen[name].transform(batch.column(name))
        except BadInput as error:
            raise BadInput(f"Column {name!r}: {error.message}", hint=error.hint) from error
        labels = self._frozen[name].labels
        return {name + label: pa.array(numbers[:, i], mask=np.isnan(numbers[:, i])) for i, label in enumerate(labels)}
