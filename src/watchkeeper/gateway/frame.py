"""The tensors of a request to the rows of a model, and nothing but the features of its schema.

Two forms are taken:
- ONE 2-D tensor [n, F]: its columns are the features in the schema's order (any name; models of numbers only);
- one tensor a feature, [n] or [n, 1], named as the feature.
Numbers and booleans go into FP*, INT*, UINT* or BOOL tensors, texts and categories into BYTES, timestamps into BYTES
(ISO 8601) or numbers (Unix time). What each feature may be in is looked up, not inferred from the values.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from watchkeeper.events.errors import BadInput, TooLarge
from watchkeeper.events.times import time_micros
from watchkeeper.gateway.limits import Limits
from watchkeeper.gateway.protocol import Tensor
from watchkeeper.gateway.tensors import shown, tensor_array
from watchkeeper.models.rows import Layout, Rows, is_numeric
from watchkeeper.schema.feature import Feature, FeatureType

Convert = Callable[[Tensor, NDArray[Any]], NDArray[Any]]


class FrameReader:
    """Reads requests for one model version; made once, used for each request."""

    def __init__(self, features: tuple[Feature, ...], layout: Layout, limits: Limits) -> None:
        self._features = features
        self._names = {feature.name: index for index, feature in enumerate(features)}
        self._convert: list[Convert] = [_converter(feature) for feature in features]
        self._width = len(features)
        self._numeric = all(is_numeric(feature) for feature in features)
        self._matrix = layout is Layout.MATRIX
        self._limits = limits

    def read(self, inputs: list[Tensor]) -> tuple[int, Rows]:
        """How many rows, and the rows in the predictor's layout. BadInput names the tensor that does not fit."""
        if len(inputs) == 1 and inputs[0].name not in self._names:
            return self._read_matrix(inputs[0])
        return self._read_columns(inputs)

    def _read_matrix(self, tensor: Tensor) -> tuple[int, Rows]:
        if not self._numeric:
            text = next(feature.name for feature in self._features if not is_numeric(feature))
            raise BadInput(
                f"Input {shown(tensor.name)} is no feature, and a matrix cannot hold {text!r}, which is not a number.",
                hint=f"Send one tensor a feature: {self._listed()}.",
            )
        hint = f"Send shape [rows, {self._width}] with {self._listed()} in this order, or one tensor a feature."
        if len(tensor.shape) != 2:
            raise BadInput(
                f"Input {shown(tensor.name)} is no feature, and has {len(tensor.shape)} dimensions.", hint=hint
            )
        if tensor.shape[1] != self._width:
            raise BadInput(
                f"Input {shown(tensor.name)} has {tensor.shape[1]} columns; the model takes {self._width}.", hint=hint
            )
        if tensor.datatype == "BYTES":
            raise BadInput(f"Input {shown(tensor.name)} is BYTES; the features are numbers.", hint="Send FP64.")
        matrix = tensor_array(tensor, self._limits)
        if self._matrix:
            return tensor.shape[0], matrix
        return tensor.shape[0], {name: matrix[:, index] for name, index in self._names.items()}

    def _read_columns(self, inputs: list[Tensor]) -> tuple[int, Rows]:
        self._check_names(inputs)
        rows = inputs[0].shape[0] if inputs[0].shape else 0
        if rows * self._width > self._limits.elements:
            raise TooLarge(
                f"The request holds {rows} rows of {self._width} features, more than {self._limits.elements} values.",
                hint="Send the rows in several requests.",
            )
        columns = {tensor.name: self._column(tensor, rows, inputs[0].name) for tensor in inputs}
        if not self._matrix:
            return rows, columns
        matrix = np.empty((rows, self._width))
        for name, index in self._names.items():
            matrix[:, index] = columns[name]
        return rows, matrix

    def _check_names(self, inputs: list[Tensor]) -> None:
        names = {tensor.name for tensor in inputs}
        if len(inputs) > self._limits.tensors:
            raise TooLarge(f"The request has {len(inputs)} tensors, more than {self._limits.tensors}.")
        if names == self._names.keys() and len(inputs) == len(names):
            return
        if not inputs:
            raise BadInput("The request has no inputs.", hint=f"Send {self._listed()}.")
        for tensor in inputs:
            if tensor.name not in self._names:
                raise BadInput(
                    f"Input {shown(tensor.name)} is no feature of this model.", hint=f"Send {self._listed()}."
                )
        missing = [name for name in self._names if name not in names]
        if missing:
            raise BadInput(
                f"Feature {missing[0]!r} is missing from the request.",
                hint=f"Send a tensor for each feature: {self._listed()}; null stands for a missing value.",
            )
        repeated = next(tensor.name for tensor in inputs if sum(t.name == tensor.name for t in inputs) > 1)
        raise BadInput(f"Feature {repeated!r} is sent more than once.", hint="Send one tensor a feature.")

    def _column(self, tensor: Tensor, rows: int, first: str) -> NDArray[Any]:
        shape = tensor.shape
        if shape and shape[0] != rows:
            raise BadInput(
                f"Feature {tensor.name!r} has {shape[0]} rows, but {first!r} has {rows}.",
                hint="Every tensor must have the same number of rows.",
            )
        if len(shape) == 2 and shape[1] != 1:
            raise BadInput(
                f"Feature {tensor.name!r} has shape {shape}.",
                hint=f"Send shape [{rows}] or [{rows}, 1] for one feature.",
            )
        array = tensor_array(tensor, self._limits)
        return self._convert[self._names[tensor.name]](tensor, array.reshape(-1))

    def _listed(self) -> str:
        names = list(self._names)
        return ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")


def _converter(feature: Feature) -> Convert:
    if is_numeric(feature):
        return _numbers
    return _timestamps if feature.type is FeatureType.TIMESTAMP else _texts


def _numbers(tensor: Tensor, array: NDArray[Any]) -> NDArray[Any]:
    if tensor.datatype == "BYTES":
        raise BadInput(
            f"Feature {tensor.name!r} is a number, but its tensor is BYTES (text).",
            hint="Send numbers with datatype FP64 or INT64, and null for a missing value.",
        )
    return array


def _texts(tensor: Tensor, array: NDArray[Any]) -> NDArray[Any]:
    if tensor.datatype != "BYTES":
        raise BadInput(
            f"Feature {tensor.name!r} is text, but its tensor is {tensor.datatype}.",
            hint="Send strings with datatype BYTES, and null for a missing value.",
        )
    return array


def _timestamps(tensor: Tensor, array: NDArray[Any]) -> NDArray[Any]:
    found = np.empty(len(array), dtype="datetime64[us]")
    for index, value in enumerate(array.tolist()):
        missing = value is None or (isinstance(value, float) and math.isnan(value))
        micros = None if missing else time_micros(value, f"Feature {tensor.name!r}, row {index},")
        found[index] = np.datetime64("NaT") if micros is None else np.datetime64(micros, "us")
    return found
