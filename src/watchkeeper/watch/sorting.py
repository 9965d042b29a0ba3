"""Journal entries sorted out: rows to store by source, feedback by model, and what must be put aside.

One bad entry never costs its neighbours: whatever is wrong with it is said in a dead letter that keeps its bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec
import numpy as np
import pyarrow as pa

from watchkeeper.events.arrow import decode_batch
from watchkeeper.events.errors import BadInput
from watchkeeper.events.feedback import FEEDBACK, ORDER
from watchkeeper.events.inference import ENVELOPE
from watchkeeper.journal.protocol import StoredEntry
from watchkeeper.store.buckets import Source
from watchkeeper.store.dead_letters import DeadLetter
from watchkeeper.store.losses import DEAD_LETTERED
from watchkeeper.store.records import FEEDBACK as FEEDBACK_KIND
from watchkeeper.store.records import INFERENCE
from watchkeeper.watch.registry import Registry

LOSS = "loss"
UNKNOWN = "?"
"""The model under which rows are counted whose own model cannot be read or does not exist."""

ROWS_AN_ENTRY = 2048
"""More than any feedback entry has, so that position and row make one number that grows along the journal.

An entry of inferences may have more: its rows from there on share the last number that is the entry's.
Positions of a new file begin at its microseconds since 1970: their products fit 64 bits until the year 2112.
"""

Counts = Counter[tuple[str, str]]


class Poison(Exception):
    """An entry that cannot be kept: `reason` in one word for counting, the message in a sentence."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class _Loss(msgspec.Struct):
    reason: str


@dataclass
class Sorted:
    """The content of some entries. `received` counts rows by (model, kind), `losses` by (model, reason).

    `placed` are the inferences of each model as they lie in the journal: (order of the first row, rows).
    """

    inferences: dict[Source, list[pa.RecordBatch]] = field(default_factory=dict)
    placed: dict[str, list[tuple[int, pa.RecordBatch]]] = field(default_factory=dict)
    feedback: dict[str, list[pa.RecordBatch]] = field(default_factory=dict)
    letters: list[DeadLetter] = field(default_factory=list)
    received: Counts = field(default_factory=Counter)
    losses: Counts = field(default_factory=Counter)


def sort_entries(entries: Iterable[StoredEntry], registry: Registry) -> Sorted:
    """Sort `entries` out; no entry makes this fail."""
    out = Sorted()
    for entry in entries:
        try:
            _sort(entry, registry, out)
        except Poison as poison:
            put_aside(entry, poison.reason, str(poison), registry, out)
    return out


def put_aside(entry: StoredEntry, reason: str, detail: str, registry: Registry, out: Sorted) -> None:
    """Make `entry` a dead letter, and count its rows so."""
    model = entry.model if registry.settings(entry.model) is not None else UNKNOWN
    kind = entry.kind if entry.kind in (INFERENCE, FEEDBACK_KIND) else UNKNOWN
    out.received[model, kind] += entry.rows
    out.losses[model, DEAD_LETTERED] += entry.rows
    out.letters.append(
        DeadLetter(
            received_at=entry.appended_at,
            reason=reason,
            detail=detail[:1000],
            kind=entry.kind,
            model=entry.model,
            rows=entry.rows,
            position=entry.position,
            payload=entry.payload,
        )
    )


def _sort(entry: StoredEntry, registry: Registry, out: Sorted) -> None:
    if entry.damaged:
        raise Poison("damaged", "The bytes no longer match the checksum that was taken when they were appended.")
    if entry.kind == LOSS:
        out.losses[entry.model, _loss_reason(entry)] += entry.rows
        return
    if entry.kind not in (INFERENCE, FEEDBACK_KIND):
        raise Poison("unknown_kind", f"Entries of kind {entry.kind!r} are not known to this version.")
    batch = _decoded(entry)
    if entry.kind == INFERENCE:
        source = _source(batch, registry)
        _check_columns(batch, ENVELOPE)
        out.inferences.setdefault(source, []).append(batch)
        out.placed.setdefault(source.model, []).append((entry.position * ROWS_AN_ENTRY, batch))
        out.received[source.model, INFERENCE] += batch.num_rows
    else:
        model = _model(batch, registry)
        _check_columns(batch, FEEDBACK)
        out.feedback.setdefault(model, []).append(_ordered(batch, entry.position))
        out.received[model, FEEDBACK_KIND] += batch.num_rows


def _ordered(batch: pa.RecordBatch, position: int) -> pa.RecordBatch:
    """`batch` with the place of each row in the journal."""
    order = pa.array(position * ROWS_AN_ENTRY + np.arange(batch.num_rows), ORDER.type)
    return batch.append_column(ORDER, order)


def _decoded(entry: StoredEntry) -> pa.RecordBatch:
    try:
        batch = decode_batch(entry.payload)
        batch.validate()
    except (BadInput, pa.ArrowException, UnicodeDecodeError) as error:
        raise Poison("undecodable", str(error)) from error
    if batch.num_rows != entry.rows:
        raise Poison("malformed", f"The entry says {entry.rows} rows and holds {batch.num_rows}.")
    return batch


def _source(batch: pa.RecordBatch, registry: Registry) -> Source:
    source = Source(_said(batch, "model"), _said(batch, "version"), _said(batch, "route"))
    if registry.watched(source.model, source.version) is None:
        raise Poison("unknown_version", f"Model {source.model!r} has no version {source.version!r} here.")
    return source


def _model(batch: pa.RecordBatch, registry: Registry) -> str:
    model = _said(batch, "model")
    if registry.settings(model) is None:
        raise Poison("unknown_model", f"No model {model!r} is registered here.")
    return model


def _said(batch: pa.RecordBatch, name: str) -> str:
    value = (batch.schema.metadata or {}).get(name.encode())
    if value is None:
        raise Poison("malformed", f"The batch does not say its {name}.")
    text: str = value.decode(errors="replace")
    return text


def _check_columns(batch: pa.RecordBatch, wanted: Iterable[pa.Field]) -> None:
    for column in wanted:
        place = batch.schema.get_field_index(column.name)
        if place < 0:
            raise Poison("malformed", f"The batch has no column {column.name!r}.")
        if batch.schema.field(place).type != column.type:
            raise Poison("malformed", f"Column {column.name!r} is {batch.schema.field(place).type}, not {column.type}.")
        if not column.nullable and batch.column(place).null_count:
            raise Poison("malformed", f"Column {column.name!r} has missing values.")


def _loss_reason(entry: StoredEntry) -> str:
    try:
        return msgspec.json.decode(entry.payload, type=_Loss).reason[:64]
    except msgspec.DecodeError:
        return "unknown"
