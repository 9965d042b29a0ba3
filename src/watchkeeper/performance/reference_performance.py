"""The labelled reference of a version, counted as its live labels are: what the model did before it went live.

Pairs of output and truth are counted by the version's own layout, so counts of the reference and of live labels add.
Where the reference has time they are kept in blocks of a window's length (of whole windows where those would be too
many): tallies add, so blocks give the sum, and how far blocks lie from each other is what ordinary movement is learned
from. Without time there are folds of consecutive rows, taken as exchangeable: no time moves between them.

A model does better on rows it learned from than on new ones (Efron, *How biased is the apparent error rate of a
prediction rule?*, JASA 81, 1986), by an amount that nothing in the counts can show. So whoever registers it says
whether these rows were `training` or `holdout`; where nobody said, what is read from them says so.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import msgspec
import numpy as np

from watchkeeper.events.errors import BadInput
from watchkeeper.performance.layout import Layout, layout_from_dict
from watchkeeper.performance.said_counts import bins_of, questions
from watchkeeper.tallies.tally import IntArray, Tally

TRAINING, HOLDOUT = "training", "holdout"
IN_SAMPLE = "rows the model may have been trained on: it looks better there than it is"
_FORMAT = "watchkeeper.reference-performance/1"


class _File(msgspec.Struct, frozen=True, kw_only=True):
    format: str
    layout: dict[str, Any]
    width: int | None
    starts: tuple[int, ...]
    whole: bytes
    counts: tuple[bytes, ...]
    said: tuple[bytes, ...] | None
    in_sample: bool | None


class ReferencePerformance:
    """Labelled reference rows in K blocks, by time.

    `starts` (K,) in Unix seconds, blocks `width` seconds long; without time they are the numbers of the folds, and
    `width` is None. `whole` (size,) counts all `rows` that have a truth, by `layout`. `in_sample` says whether the
    model was trained on them, None where nobody said. Blocks are unpacked when they are asked for.
    """

    def __init__(self, file: _File) -> None:
        self._file = file
        self.layout = layout_from_dict(file.layout)
        self.starts, self.width = np.array(file.starts, np.int64), file.width
        self.whole = Tally.from_bytes(file.whole).counts
        self.rows, self.in_sample = int(self.layout.cells.rows(self.whole)), file.in_sample

    @classmethod
    def of(
        cls,
        layout: Layout,
        starts: IntArray,
        counts: IntArray,
        said: IntArray | None = None,
        *,
        width: int | None = None,
        in_sample: bool | None = None,
    ) -> ReferencePerformance:
        """From the counts of blocks: see `starts`, `counts` and `said`."""
        return cls(
            _File(
                format=_FORMAT,
                layout=layout.to_dict(),
                width=width,
                starts=tuple(starts.tolist()),
                whole=_packed(counts.sum(0)),
                counts=tuple(_packed(block) for block in counts),
                said=None if said is None else tuple(_packed(block.ravel()) for block in said),
                in_sample=in_sample,
            )
        )

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return len(self.starts)

    @functools.cached_property
    def counts(self) -> IntArray:
        """(K, size) counts of each block."""
        return _unpacked(self._file.counts, self.layout.size)

    @functools.cached_property
    def said(self) -> IntArray | None:
        """(K, questions, 2, bins) the same rows by decision and score bin; None where the model gives no scores."""
        if self._file.said is None:
            return None
        shape = (questions(self.layout), 2, bins_of(self.layout).size)
        return _unpacked(self._file.said, math.prod(shape)).reshape(-1, *shape)

    @property
    def teaches(self) -> bool:
        """Whether estimates may learn from these rows: not where the model is known to have learned from them."""
        return not self.in_sample

    @property
    def note(self) -> str:
        """What must be known to read numbers of these rows right."""
        time = "" if self.width else "; without time, so every row is taken as exchangeable with every other"
        if self.in_sample is None:
            return f"{IN_SAMPLE}{time}"
        if self.in_sample:
            return f"rows the model was trained on: it looks better there than it is{time}"
        return f"rows the model was not trained on{time}"

    def marked(self, in_sample: bool | None) -> ReferencePerformance:
        """The same counts, with what is said of them."""
        return ReferencePerformance(msgspec.structs.replace(self._file, in_sample=in_sample))

    def same_truth(self, other: ReferencePerformance) -> bool:
        """Whether the same pairs were counted in both, by the same layout, whatever the blocks."""
        return self._file.layout == other._file.layout and np.array_equal(self.whole, other.whole)

    def to_bytes(self) -> bytes:
        """The file form: MessagePack, the same bytes for the same counts."""
        return msgspec.msgpack.encode(self._file)

    @classmethod
    def from_bytes(cls, data: bytes) -> ReferencePerformance:
        """What `to_bytes` wrote. Raises BadInput if it is nothing of the kind."""
        try:
            file = msgspec.msgpack.decode(data, type=_File)
        except msgspec.DecodeError as error:
            raise BadInput(f"This is not the performance of a reference: {error}.") from error
        if file.format != _FORMAT:
            raise BadInput(f"The performance of a reference has format {file.format!r}; this one reads {_FORMAT!r}.")
        return cls(file)


def _packed(counts: IntArray) -> bytes:
    return Tally(counts, np.zeros(0), np.zeros(0)).to_bytes()


def _unpacked(blocks: tuple[bytes, ...], size: int) -> IntArray:
    counts = np.zeros((len(blocks), size), np.int64)
    for place, block in enumerate(blocks):
        counts[place] = Tally.from_bytes(block).counts
    return counts
