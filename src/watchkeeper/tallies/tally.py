"""A tally: an additive summary of rows, as one int64 vector.

`tally(a) + tally(b) == tally(a and b)`, bit for bit, in any order and any grouping: counts and fixed-point sums add as
integers, extremes merge as minimum and maximum. What each cell means is said by the bins that made it, never by the
tally. On disk a tally is its non-zero cells only, so a bucket of one row costs tens of bytes whatever the layout.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchkeeper.events.errors import BadInput

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

_MAGIC = b"WKT1"
_CODEC = "zstd"


@dataclass(frozen=True, eq=False, slots=True)
class Tally:
    """`counts` int64 (size,); `low` and `high` float64 (extremes,), +inf and -inf where nothing was seen."""

    counts: IntArray
    low: FloatArray
    high: FloatArray

    @classmethod
    def zero(cls, size: int, extremes: int) -> Tally:
        """The tally of no rows."""
        return cls(np.zeros(size, np.int64), np.full(extremes, np.inf), np.full(extremes, -np.inf))

    def __add__(self, other: Tally) -> Tally:
        if self.counts.shape != other.counts.shape or self.low.shape != other.low.shape:
            raise BadInput(
                f"Tallies of different layouts cannot be added ({self.counts.size} and {other.counts.size} cells).",
                hint="Tally both sides with the same bins.",
            )
        return Tally(self.counts + other.counts, np.minimum(self.low, other.low), np.maximum(self.high, other.high))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Tally):
            return NotImplemented
        return (
            np.array_equal(self.counts, other.counts)
            and np.array_equal(self.low, other.low)
            and np.array_equal(self.high, other.high)
        )

    __hash__ = None  # type: ignore[assignment]  # arrays are mutable, so a tally must not be a key

    def to_bytes(self) -> bytes:
        """Non-zero cells and extremes, compressed. The same bytes for equal tallies."""
        cells = np.flatnonzero(self.counts)
        steps = np.diff(cells, prepend=0).astype("<u4")
        body = b"".join(
            (steps.tobytes(), self.counts[cells].astype("<i8").tobytes(), self.low.tobytes(), self.high.tobytes())
        )
        head = np.array([self.counts.size, cells.size, self.low.size], "<u4").tobytes()
        packed: bytes = pa.compress(body, codec=_CODEC, asbytes=True) if body else b""
        return _MAGIC + head + packed

    @classmethod
    def from_bytes(cls, data: bytes) -> Tally:
        """The tally that `to_bytes` wrote. Raises BadInput if the bytes are damaged."""
        if data[:4] != _MAGIC or len(data) < 16:
            raise BadInput("These bytes are not a tally.", hint="The file or row may be damaged.")
        size, used, extremes = (int(v) for v in np.frombuffer(data, "<u4", 3, 4))
        body = _decompress(data[16:], used * 12 + extremes * 16)
        counts = np.zeros(size, np.int64)
        cells = np.cumsum(np.frombuffer(body, "<u4", used), dtype=np.int64)
        if used and cells[-1] >= size:
            raise BadInput("A damaged tally: a cell lies outside its layout.")
        counts[cells] = np.frombuffer(body, "<i8", used, used * 4)
        ends = np.frombuffer(body, "<f8", 2 * extremes, used * 12)
        return cls(counts, ends[:extremes].copy(), ends[extremes:].copy())


def _decompress(packed: bytes, length: int) -> bytes:
    if not length:
        return b""
    try:
        body: bytes = pa.decompress(packed, decompressed_size=length, codec=_CODEC, asbytes=True)
    except (pa.ArrowInvalid, OSError) as error:
        raise BadInput(f"A damaged tally: {error}.") from error
    return body


def add_up(tallies: Iterable[Tally], size: int, extremes: int) -> Tally:
    """The sum of any number of tallies of one layout, made in place: one allocation however many there are."""
    total = Tally.zero(size, extremes)
    for tally in tallies:
        np.add(total.counts, tally.counts, out=total.counts)
        np.minimum(total.low, tally.low, out=total.low)
        np.maximum(total.high, tally.high, out=total.high)
    return total
