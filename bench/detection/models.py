"""The model that a stream's harm is measured on: gradient boosting fitted on the first blocks, then left alone."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from sklearn.ensemble import HistGradientBoostingClassifier

from bench.detection.streams import Stream
from watchkeeper.schema.numbers import as_floats
from watchkeeper.tallies.tally import FloatArray


def wrong(stream: Stream, blocks: int) -> FloatArray:
    """(n,) 1 where a model fitted on the first `blocks` blocks is wrong, NaN without a label and in those blocks."""
    if stream.label is None:
        raise ValueError(f"{stream.name} has no label")
    until = int(stream.bounds()[blocks])
    values, known = matrix(stream.features), np.isfinite(stream.label)
    fitted = known & (np.arange(len(stream)) < until)
    model = HistGradientBoostingClassifier(max_iter=60, random_state=0)
    model.fit(values[fitted], stream.label[fitted])
    losses = np.where(known, model.predict(values) != stream.label, np.nan).astype(np.float64)
    losses[:until] = np.nan
    return losses


def matrix(features: pa.Table) -> FloatArray:
    """(n, columns) numbers as they are, categories as the place of their level."""
    return np.column_stack([_numbers(features[name]) for name in features.column_names])


def _numbers(column: pa.ChunkedArray) -> FloatArray:
    if pa.types.is_dictionary(column.type) or pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        coded = coded.unify_dictionaries().combine_chunks()
        coded = coded.chunk(0) if isinstance(coded, pa.ChunkedArray) else coded
        return coded.indices.to_numpy(zero_copy_only=False).astype(np.float64)
    return as_floats(column)[0]
