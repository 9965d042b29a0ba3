"""What every runtime gives: rows in, one array an output."""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

import msgspec
from numpy.typing import NDArray

from watchkeeper.models.rows import Layout, Rows

Outputs: TypeAlias = tuple[NDArray[Any], ...]


class Output(msgspec.Struct, frozen=True):
    """One output of a model: its name, and its datatype in the protocol (FP32, FP64, INT64, BOOL, BYTES)."""

    name: str
    datatype: str


class Predictor(Protocol):
    """A loaded model. `predict` may be called from several threads at once.

    `layout` says how rows are taken. `outputs` describes the arrays of `predict`, each [n], in that order.
    `classes` are the texts of the labels in the order of the probabilities (empty for a regression).
    """

    layout: Layout
    outputs: tuple[Output, ...]
    classes: tuple[str, ...]

    def predict(self, rows: Rows) -> Outputs:
        """The outputs for `rows`. May raise anything: the caller answers 500 and records it."""
        ...

    def close(self) -> None:
        """Let go of threads and memory."""
        ...
