"""A compiled reference: the schema, the bins, and the tallies of the data a version was trained or validated on.

Where the data has time, the reference keeps tallies of short *buckets* too. Tallies add, so the buckets give blocks of
any longer length for free, and a monitor learns ordinary block-to-block movement at its own window length. The rows
themselves are not kept.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from watchkeeper.events.errors import BadInput
from watchkeeper.reference.dependence import Dependence
from watchkeeper.schema.schema import Schema
from watchkeeper.tallies.binning import Binning
from watchkeeper.tallies.tally import IntArray, Tally

_FORMAT = "watchkeeper.reference/1"


class _File(msgspec.Struct, frozen=True, kw_only=True):
    format: str
    schema: msgspec.Raw
    binning: msgspec.Raw
    task: str
    classes: tuple[str, ...]
    rows: int
    whole: bytes
    block_width: int | None
    block_starts: tuple[int, ...]
    blocks: tuple[bytes, ...]
    dependence: Dependence | None = None


class Reference:
    """Normal, as tallies.

    `whole` is the tally of all `rows`. `blocks[k]` tallies the rows of [block_starts[k], block_starts[k] +
    block_width), Unix seconds, ascending, empty ones left out; there are none (and `block_width` is None) where the
    data has no time. `task` is binary, multiclass, regression or none (a plain table); `classes` are its class names
    in order. `dependence` says how the inputs move together, None where that was not learned.
    """

    def __init__(
        self,
        *,
        schema: Schema,
        binning: Binning,
        whole: Tally,
        rows: int,
        task: str = "none",
        classes: tuple[str, ...] = (),
        block_width: int | None = None,
        block_starts: tuple[int, ...] = (),
        blocks: tuple[Tally, ...] = (),
        dependence: Dependence | None = None,
    ) -> None:
        self.schema, self.binning, self.whole, self.rows = schema, binning, whole, rows
        self.task, self.classes = task, classes
        self.block_width, self.block_starts, self.blocks = block_width, block_starts, blocks
        self.dependence = dependence
        self._blocks_of: dict[int, tuple[IntArray, IntArray]] = {}

    def blocks_of(self, width: int) -> tuple[IntArray, IntArray]:
        """(starts int64 (K,), counts int64 (K, size)) of blocks `width` seconds long, aligned to multiples of `width`.

        K is 0 where the reference has no time. Raises BadInput if `width` is not a whole number of reference buckets.
        """
        if width not in self._blocks_of:
            self._blocks_of[width] = self._sum_blocks(width)
        return self._blocks_of[width]

    def _sum_blocks(self, width: int) -> tuple[IntArray, IntArray]:
        if self.block_width is None or not self.blocks:
            return np.zeros(0, np.int64), np.zeros((0, self.binning.size), np.int64)
        if width % self.block_width:
            raise BadInput(
                f"Windows of {width} s cannot be judged: this reference keeps buckets of {self.block_width} s.",
                hint=f"Choose a window that is a multiple of {self.block_width} s.",
            )
        aligned = np.asarray(self.block_starts, np.int64) // width * width
        starts, place = np.unique(aligned, return_inverse=True)
        counts = np.zeros((len(starts), self.binning.size), np.int64)
        for k, block in zip(place, self.blocks, strict=True):
            counts[k] += block.counts
        return starts, counts

    @property
    def digest(self) -> str:
        """sha256 of the file form, in hexadecimal."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def to_bytes(self) -> bytes:
        """The file form: MessagePack, the same bytes for the same reference."""
        return msgspec.msgpack.encode(
            {
                "format": _FORMAT,
                "schema": msgspec.json.decode(self.schema.to_json()),
                "binning": msgspec.json.decode(self.binning.to_json()),
                "task": self.task,
                "classes": self.classes,
                "rows": self.rows,
                "whole": self.whole.to_bytes(),
                "block_width": self.block_width,
                "block_starts": self.block_starts,
                "blocks": [block.to_bytes() for block in self.blocks],
                "dependence": self.dependence,
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Reference:
        """The reference that `to_bytes` wrote. Raises BadInput if the bytes are damaged or of another format."""
        try:
            file = msgspec.msgpack.decode(data, type=_File)
        except msgspec.DecodeError as error:
            raise BadInput(f"This is not a Watchkeeper reference: {error}.") from error
        if file.format != _FORMAT:
            raise BadInput(f"This reference has format {file.format!r}; this version reads {_FORMAT!r}.")
        return cls(
            schema=Schema.from_json(_as_json(file.schema)),
            binning=Binning.from_json(_as_json(file.binning)),
            task=file.task,
            classes=file.classes,
            rows=file.rows,
            whole=Tally.from_bytes(file.whole),
            block_width=file.block_width,
            block_starts=file.block_starts,
            blocks=tuple(Tally.from_bytes(block) for block in file.blocks),
            dependence=file.dependence,
        )


def _as_json(raw: msgspec.Raw) -> bytes:
    fields: Any = msgspec.msgpack.decode(raw)
    return msgspec.json.encode(fields)


def prefixed(table: pa.Table, prefix: str) -> pa.Table:
    """`table` with `prefix` before every column name."""
    return table.rename_columns([prefix + name for name in table.column_names])
