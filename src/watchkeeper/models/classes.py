"""From what a classifier computes to `label` and probabilities, the same for every runtime."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from watchkeeper.events.errors import BadInput
from watchkeeper.models.predictor import Output, Outputs
from watchkeeper.models.task import Task, label_text, output_names

_LABEL_KINDS = {"b": "BOOL", "i": "INT64", "u": "INT64"}


def datatype_of(array: NDArray[Any]) -> str:
    """The protocol's datatype for an output array; anything that is no number or boolean travels as BYTES."""
    if array.dtype.kind == "f":
        return "FP32" if array.dtype.itemsize == 4 else "FP64"
    return _LABEL_KINDS.get(array.dtype.kind, "BYTES")


def describe(task: Task, classes: tuple[str, ...], outputs: Outputs) -> tuple[Output, ...]:
    """Names and datatypes for the arrays that a predictor gave."""
    names = output_names(task, classes)
    return tuple(Output(name, datatype_of(array)) for name, array in zip(names, outputs, strict=True))


def label_values(classes: tuple[str, ...]) -> NDArray[Any]:
    """The labels in the type they are answered in: whole numbers where every class is one, text otherwise."""
    if classes and all(_is_whole(text) for text in classes):
        return np.array([int(text) for text in classes], dtype=np.int64)
    values = np.empty(len(classes), dtype=object)
    values[:] = classes
    return values


def _is_whole(text: str) -> bool:
    return text.lstrip("-").isdigit() and text.isascii() and len(text) <= 18


def class_texts(labels: NDArray[Any]) -> tuple[str, ...]:
    """The recorded text of each class, in order."""
    return tuple(label_text(label) for label in labels.tolist())


def from_probabilities(task: Task, labels: NDArray[Any], probabilities: NDArray[Any]) -> Outputs:
    """Outputs from probabilities: [n] or [n, 1] of the positive class, or [n, K] in the order of `labels`.

    The label is the most probable class; of two equal ones the first.
    """
    if task is Task.BINARY:
        positive = positive_column(probabilities)
        return labels[(positive > 0.5).astype(np.intp)], positive
    if probabilities.ndim != 2 or probabilities.shape[1] != len(labels):
        raise BadInput(f"The model gives probabilities of shape {probabilities.shape} for {len(labels)} classes.")
    return (labels[probabilities.argmax(axis=1)], *probabilities.T)


def positive_column(probabilities: NDArray[Any]) -> NDArray[Any]:
    """The probability of the positive class, [n], of a binary model's [n], [n, 1] or [n, 2]."""
    if probabilities.ndim == 1:
        return probabilities
    if probabilities.ndim == 2 and probabilities.shape[1] in (1, 2):
        return probabilities[:, -1]
    raise BadInput(f"A binary model must give probabilities of shape [n], [n, 1] or [n, 2], not {probabilities.shape}.")


def check_probabilities(probabilities: NDArray[Any]) -> None:
    """BadInput when finite values leave 0..1: then the model gives scores, not probabilities."""
    finite = probabilities[np.isfinite(probabilities)]
    if finite.size and (finite.min() < -1e-6 or finite.max() > 1 + 1e-6):
        raise BadInput(
            f"The model's output runs from {finite.min():.4g} to {finite.max():.4g}: these are not probabilities.",
            hint="Export the model with its last activation (sigmoid, softmax), or register it with --task regression.",
        )
