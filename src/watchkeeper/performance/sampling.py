"""Which predictions to have labelled: at random, and the same ones on every replay.

Each prediction has a place in (0, 1) by a hash of its ID, and the k lowest of a block are its sample. That is a random
sample of k without replacement, since a hash knows nothing of inputs or outcomes. It needs no state: shards take the k
lowest of theirs, and the k lowest of the union are the k lowest of all; a larger sample holds the smaller one.
Restarted, replayed, or drawn by another process, it is the same (bottom-k sketches: Cohen and Kaplan, 2007).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """A prediction that was drawn. `probability` is how likely any prediction of its block was to be."""

    prediction_id: str
    probability: float


def place_of(prediction_id: str, purpose: bytes = b"label sample") -> float:
    """Where a prediction stands in [0, 1): evenly spread, always the same, and unrelated for another `purpose`."""
    digest = hashlib.blake2b(prediction_id.encode(), digest_size=8, person=purpose).digest()
    return (int.from_bytes(digest) >> 11) / 2**53


def lowest(ids: Iterable[str], size: int) -> list[str]:
    """The `size` IDs with the lowest places, lowest first; all of them where there are fewer."""
    return sorted(set(ids), key=lambda name: (place_of(name), name))[: max(0, size)]


def draw(ids: Iterable[str], rows: int, size: int, after: int = 0) -> list[Drawn]:
    """Those from the `after`-th to the `size`-th lowest of a block of `rows` predictions; `ids` hold its lowest `size`.

    The probability is that of being drawn now, among those that were not drawn before.
    """
    size = min(size, rows)
    if size <= after:
        return []
    probability = (size - after) / (rows - after)
    return [Drawn(prediction_id=name, probability=probability) for name in lowest(ids, size)[after:]]
