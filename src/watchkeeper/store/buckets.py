"""Buckets in memory: what one counts, how they merge, and the ones changed last."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from watchkeeper.tallies.tally import Tally

TOTAL = 0
"""The width of the running total of everything ever counted."""

CACHE_BYTES = 48 << 20


class Source(NamedTuple):
    """Which rows a bucket counts."""

    model: str
    version: str
    route: str


class Bucket(NamedTuple):
    """Rows counted together: `rows` rows of [start, start + width), changed `revision` times."""

    start: int
    width: int
    tally: Tally
    rows: int
    revision: int = 1


def merged(kept: Bucket | None, added: Bucket) -> Bucket:
    """`kept` and `added` as one bucket, one revision on."""
    if kept is None:
        return added
    total, rows = kept.tally + added.tally, kept.rows + added.rows
    return Bucket(added.start, added.width, total, rows, kept.revision + 1)


def total_of(buckets: Sequence[Bucket]) -> Bucket:
    """What `buckets` add to the running total."""
    first = buckets[0].tally
    total = Tally.zero(first.counts.size, first.low.size)
    for bucket in buckets:
        add_into(total, bucket.tally)
    return Bucket(0, TOTAL, total, sum(bucket.rows for bucket in buckets))


def rolled(narrow: list[Bucket], width: int) -> dict[int, Bucket]:
    """The buckets of `width` seconds that `narrow` ones add up to, by start."""
    wide: dict[int, Bucket] = {}
    for bucket in narrow:
        start = bucket.start // width * width
        wide[start] = merged(wide.get(start), Bucket(start, width, bucket.tally, bucket.rows))
    return wide


def add_into(total: Tally, other: Tally) -> Tally:
    """`total`, changed in place: sums of many buckets allocate once."""
    np.add(total.counts, other.counts, out=total.counts)
    np.minimum(total.low, other.low, out=total.low)
    np.maximum(total.high, other.high, out=total.high)
    return total


class BucketCache:
    """The buckets changed last, as of the last commit; `stage` holds changes back until `keep`."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._kept: OrderedDict[tuple[Source, tuple[int, int]], Bucket] = OrderedDict()
        self._staged: dict[tuple[Source, tuple[int, int]], Bucket] = {}

    def get(self, source: Source, key: tuple[int, int]) -> Bucket | None:
        """The bucket as staged, else as last committed; None if it is not in memory."""
        full = (source, key)
        return self._staged.get(full) or self._kept.get(full)

    def stage(self, source: Source, buckets: Iterable[Bucket]) -> None:
        """Remember changes of the open transaction, apart."""
        for bucket in buckets:
            self._staged[source, (bucket.start, bucket.width)] = bucket
        # A transaction may change more buckets than fit: those it changed first are read back if it meets them again.
        while len(self._staged) > 1 and _bytes(self._staged) > self._limit:
            oldest = next(iter(self._staged))
            del self._staged[oldest]
            self._drop(oldest)

    def keep(self) -> None:
        """The transaction has committed: its changes are the truth now."""
        for full, bucket in self._staged.items():
            self._drop(full)
            self._kept[full] = bucket
            self._size += bucket.tally.counts.nbytes
        self._staged = {}
        while self._size > self._limit and len(self._kept) > 1:
            self._drop(next(iter(self._kept)))

    def forget(self) -> None:
        """The transaction was rolled back: so are its changes."""
        self._staged = {}

    def clear(self) -> None:
        """Remember nothing: buckets were changed elsewhere."""
        self._staged, self._kept, self._size = {}, OrderedDict(), 0

    def _drop(self, full: tuple[Source, tuple[int, int]]) -> None:
        bucket = self._kept.pop(full, None)
        if bucket is not None:
            self._size -= bucket.tally.counts.nbytes


def _bytes(staged: dict[tuple[Source, tuple[int, int]], Bucket]) -> int:
    """All staged buckets are about as large as the first: counting each at every call would cost more than it tells."""
    return len(staged) * next(iter(staged.values())).tally.counts.nbytes
