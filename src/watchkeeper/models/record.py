"""Model rows and outputs as the Arrow columns in which they are recorded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.events.inference import TIMESTAMP
from watchkeeper.models.predictor import Outputs
from watchkeeper.models.rows import Rows, is_numeric
from watchkeeper.models.task import label_text
from watchkeeper.schema.feature import Feature, FeatureType

TEXTS = pa.dictionary(pa.int32(), pa.string())


def recorded_type(feature: Feature) -> pa.DataType:
    """The Arrow type in which values of this feature or output are recorded."""
    if feature.type is FeatureType.BOOLEAN:
        return pa.bool_()
    if feature.type.is_number:
        return pa.float64()
    return TIMESTAMP if feature.type is FeatureType.TIMESTAMP else TEXTS


def input_arrays(features: Sequence[Feature], rows: Rows) -> list[pa.Array]:
    """One Arrow array a feature, in order. NaN in `rows` stands for a missing value and becomes null."""
    if isinstance(rows, np.ndarray):
        columns = np.ascontiguousarray(rows.T)
        return [_recorded(feature, columns[index]) for index, feature in enumerate(features)]
    return [_recorded(feature, rows[feature.name]) for feature in features]


def output_arrays(outputs: Sequence[Feature], found: Outputs) -> list[pa.Array]:
    """One Arrow array an output, in order; labels as text. NaN stays NaN: the model said so."""
    return [_output(feature, array) for feature, array in zip(outputs, found, strict=True)]


def _recorded(feature: Feature, column: NDArray[Any]) -> pa.Array:
    if is_numeric(feature):
        numbers = pa.array(column, type=pa.float64(), from_pandas=True)
        return numbers.cast(pa.bool_()) if feature.type is FeatureType.BOOLEAN else numbers
    if feature.type is FeatureType.TIMESTAMP:
        return pa.array(column.astype("datetime64[us]"), type=TIMESTAMP)
    return pa.array(column, type=pa.string()).dictionary_encode()


def _output(feature: Feature, array: NDArray[Any]) -> pa.Array:
    if feature.type.is_number:
        return pa.array(np.asarray(array, dtype=np.float64))
    labels = pa.array(array).dictionary_encode()
    texts = pa.array([label_text(value) for value in labels.dictionary.to_pylist()], type=pa.string())
    return pa.DictionaryArray.from_arrays(labels.indices, texts)
