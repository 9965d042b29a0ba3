"""Privacy policy, applied to a batch before its first byte reaches a disk.

`drop` replaces every value by null (the column stays, so that schemas match), `hash` by the first 16 hexadecimal
digits of its HMAC-SHA256 under the pepper (a plain hash of a phone number is undone in minutes by trying them all),
`mask` keeps the first and last character of texts longer than four. Hashed and masked columns become text, and are
watched as such.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

import msgspec
import pyarrow as pa

from watchkeeper.events.inference import INPUT, OUTPUT
from watchkeeper.schema.feature import Feature, FeatureType, Privacy
from watchkeeper.schema.schema import Schema


def redact(batch: pa.RecordBatch, schema: Schema, pepper: bytes) -> pa.RecordBatch:
    """`batch` with each feature and output treated by its policy; the very same batch where all are kept.

    `pepper` is a secret of at least 16 bytes; with another pepper the hashes differ.
    """
    private = {prefix + column.name: column for prefix, column in _private(schema)}
    if not private:
        return batch
    columns, fields = [], []
    for field, column in zip(batch.schema, batch.columns, strict=True):
        policy = private[field.name].privacy if field.name in private else Privacy.KEEP
        columns.append(_redact_column(column, policy, pepper))
        fields.append(pa.field(field.name, columns[-1].type, field.nullable))
    return pa.RecordBatch.from_arrays(columns, schema=pa.schema(fields, metadata=batch.schema.metadata))


def redacted_schema(schema: Schema) -> Schema:
    """The schema of what is left after redaction: what the reference and the watch must be made for."""
    return Schema(
        features=tuple(
            _redacted_feature(feature) for feature in schema.features if feature.privacy is not Privacy.DROP
        ),
        outputs=tuple(_redacted_feature(output) for output in schema.outputs if output.privacy is not Privacy.DROP),
        revision=schema.revision,
    )


def without_values(schema: Schema) -> Schema:
    """The schema as it may be kept and shown: of private columns it tells name and type, and nothing that was seen."""

    def told(column: Feature) -> Feature:
        if column.privacy is Privacy.KEEP:
            return column
        return msgspec.structs.replace(column, minimum=None, maximum=None, categories=None)

    return msgspec.structs.replace(
        schema, features=tuple(map(told, schema.features)), outputs=tuple(map(told, schema.outputs))
    )


def redact_table(table: pa.Table, schema: Schema, pepper: bytes) -> pa.Table:
    """A table of plain feature columns treated by the policy, dropped features left out."""
    for feature in schema.features:
        index = table.schema.get_field_index(feature.name)
        if index < 0 or feature.privacy is Privacy.KEEP:
            continue
        if feature.privacy is Privacy.DROP:
            table = table.remove_column(index)
        else:
            column = table.column(index).combine_chunks()
            table = table.set_column(index, feature.name, _redact_column(column, feature.privacy, pepper))
    return table


def _private(schema: Schema) -> list[tuple[str, Feature]]:
    columns = [(INPUT, feature) for feature in schema.features] + [(OUTPUT, output) for output in schema.outputs]
    return [(prefix, column) for prefix, column in columns if column.privacy is not Privacy.KEEP]


def _redacted_feature(feature: Feature) -> Feature:
    if feature.privacy is Privacy.KEEP:
        return feature
    return Feature(
        name=feature.name,
        type=FeatureType.CATEGORICAL,
        nullable=feature.nullable,
        null_rate=feature.null_rate,
        privacy=feature.privacy,
        description=feature.description,
    )


def _redact_column(column: pa.Array, privacy: Privacy, pepper: bytes) -> pa.Array:
    if privacy is Privacy.KEEP:
        return column
    if privacy is Privacy.DROP:
        return pa.nulls(len(column), column.type)
    change = _hasher(pepper) if privacy is Privacy.HASH else _mask
    text = column.cast(pa.string()).dictionary_encode()
    levels = pa.array([change(level) for level in text.dictionary.to_pylist()], pa.string())
    return pa.DictionaryArray.from_arrays(text.indices, levels).cast(pa.string())


def _hasher(pepper: bytes) -> Callable[[str], str]:
    return lambda text: hmac.new(pepper, text.encode(), hashlib.sha256).hexdigest()[:16]


def _mask(text: str) -> str:
    return f"{text[0]}…{text[-1]}" if len(text) > 4 else "…"
