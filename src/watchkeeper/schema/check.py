"""Rows against the schema: which faults each row has, one bit a kind, and how many of each a feature shows.

| bit | fault | meaning |
|---|---|---|
| 1 | missing | null |
| 2 | nan | a float that is not a number |
| 4 | infinite | plus or minus infinity |
| 8 | unseen | a category outside the closed set of the schema |
| 16 | out_of_range | a finite number beyond the declared minimum or maximum |
| 32 | wrong_type | text or a fraction where the schema says otherwise |
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.events.inference import INPUT
from watchkeeper.schema.feature import Feature, FeatureType
from watchkeeper.schema.numbers import as_floats
from watchkeeper.schema.schema import Schema

FlagArray = npt.NDArray[np.uint32]
BoolArray = npt.NDArray[np.bool_]


class Fault(IntFlag):
    """The bits of a row's flags."""

    MISSING = 1
    NAN = 2
    INFINITE = 4
    UNSEEN = 8
    OUT_OF_RANGE = 16
    WRONG_TYPE = 32

    @property
    def label(self) -> str:
        """The name that counts and pages use."""
        return (self.name or "").lower()


@dataclass(frozen=True)
class Check:
    """`flags` uint32 (n,): each row's faults over all features. `counts`: rows per feature and fault, without zeros."""

    flags: FlagArray
    counts: dict[str, dict[str, int]]


def check_batch(schema: Schema, batch: pa.RecordBatch | pa.Table, prefix: str = INPUT) -> Check:
    """Check every feature of `schema` in `batch`, whose columns are named `prefix` + feature.

    A column that the batch lacks is missing in every row.
    """
    flags: FlagArray = np.zeros(batch.num_rows, np.uint32)
    counts: dict[str, dict[str, int]] = {}
    for feature in schema.features:
        index = batch.schema.get_field_index(prefix + feature.name)
        faults = _missing_everywhere(batch.num_rows) if index < 0 else _faults(feature, batch.column(index))
        seen = {fault.label: int(rows.sum()) for fault, rows in faults.items()}
        counts[feature.name] = {label: rows for label, rows in seen.items() if rows}
        for fault, rows in faults.items():
            flags |= rows.astype(np.uint32) * np.uint32(fault)
    return Check(flags, {name: faults for name, faults in counts.items() if faults})


def _missing_everywhere(rows: int) -> dict[Fault, BoolArray]:
    return {Fault.MISSING: np.ones(rows, bool)}


def _faults(feature: Feature, column: pa.Array | pa.ChunkedArray) -> dict[Fault, BoolArray]:
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if feature.type.is_number:
        faults = _number_faults(feature, column)
    elif feature.type in (FeatureType.CATEGORICAL, FeatureType.BOOLEAN):
        faults = _category_faults(feature, column)
    else:
        faults = {}
    if column.null_count:
        faults[Fault.MISSING] = _mask(column.is_null())
    return {fault: rows for fault, rows in faults.items() if rows.any()}


def _number_faults(feature: Feature, column: pa.Array) -> dict[Fault, BoolArray]:
    values, missing, unreadable = as_floats(column)
    faults = {}
    with np.errstate(invalid="ignore", over="ignore"):
        if not np.isfinite(values.sum()):  # one reduction clears the ordinary column
            no_value = np.zeros(len(values), bool) if missing is None else missing
            no_value = no_value if unreadable is None else no_value | unreadable
            faults[Fault.NAN] = np.isnan(values) & ~no_value
            faults[Fault.INFINITE] = np.isinf(values)
        low = values < feature.minimum if feature.minimum is not None else np.zeros(len(values), bool)
        high = values > feature.maximum if feature.maximum is not None else np.zeros(len(values), bool)
        wrong = np.zeros(len(values), bool) if unreadable is None else unreadable
        if feature.type is FeatureType.INTEGER and not pa.types.is_integer(column.type):
            wrong = wrong | ((values != np.rint(values)) & np.isfinite(values))
    faults[Fault.OUT_OF_RANGE] = (low | high) & ~np.isinf(values)
    faults[Fault.WRONG_TYPE] = wrong
    return faults


def _category_faults(feature: Feature, column: pa.Array) -> dict[Fault, BoolArray]:
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_boolean(kind):
        column, kind = column.cast(pa.string()), pa.string()
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind)):
        return {Fault.WRONG_TYPE: _mask(column.is_valid())}
    if feature.categories is None or pa.types.is_null(kind):
        return {}
    known = pa.array(feature.categories, kind)
    if pa.types.is_dictionary(column.type):
        unknown = np.append(~_mask(pc.is_in(column.dictionary, value_set=known)), False)
        unseen = unknown[column.indices.fill_null(len(column.dictionary)).to_numpy(zero_copy_only=False)]
    else:
        unseen = _mask(pc.and_(column.is_valid(), pc.invert(pc.is_in(column, value_set=known))))
    return {Fault.UNSEEN: unseen}


def _mask(column: pa.Array) -> BoolArray:
    return np.asarray(column.to_numpy(zero_copy_only=False), bool)
