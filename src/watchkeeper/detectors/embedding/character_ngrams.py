"""Character n-grams: which letters follow which, hashed to buckets and projected at random.

A text in lower case, between two spaces, is cut into all its runs of `length` characters (3). Each run is hashed to one
of 4,096 buckets; the counts, as a vector of length one, are projected on d random directions. Any language and any
misspelling can be read, and no vocabulary is kept.

Sees: another language, other topics and words, other formats, broken encodings, boilerplate that came or went. Cannot
see: order beyond a few letters, and meaning: *not good* and *good* are close. For meaning give vectors of a language
model, or a function that makes them. Its few directions may miss a change of few runs: tests on rows with more
`dimensions` miss less.
Parameters: `dimensions` (8), `length` (3). It learns nothing from rows.

Damashek, *Gauging similarity with n-grams: language-independent categorization of text*, Science 267 (1995); Weinberger
et al., *Feature hashing for large scale multitask learning*, ICML 2009.

>>> import numpy as np
>>> ngrams = CharacterNgrams.fit(["good morning"], np.random.default_rng(1), dimensions=64)
>>> one, other, far = ngrams.transform(["good morning", "good mornings", "42;17;3"])
>>> bool(np.linalg.norm(one - other) < np.linalg.norm(one - far))
True
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy import sparse

from watchkeeper.detectors.embedding.embedding import numbered, spread_out
from watchkeeper.detectors.embedding.packing import packed, unpacked
from watchkeeper.detectors.embedding.texts import texts
from watchkeeper.events.errors import BadInput
from watchkeeper.tallies.tally import FloatArray, IntArray

DIMENSIONS, LENGTH = 8, 3
BUCKETS = 4_096
_BATCH = 4_096
_MIX = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(64 - 12)


@dataclass(frozen=True, eq=False)
class CharacterNgrams:
    """`directions` (4096, d), and how many characters a run has."""

    kind: ClassVar[str] = "character_ngrams"

    directions: FloatArray
    length: int

    @classmethod
    def fit(
        cls, values: Any, rng: np.random.Generator, *, dimensions: int = DIMENSIONS, length: int = LENGTH
    ) -> CharacterNgrams:
        """Draw directions; raises BadInput for what is not text."""
        if dimensions < 1 or length < 1:
            raise BadInput("dimensions and length are 1 or more.")
        texts(values)
        directions = rng.normal(size=(BUCKETS, dimensions)).astype(np.float32)
        return cls(directions.astype(np.float64), length)

    @property
    def labels(self) -> tuple[str, ...]:
        return numbered(self.directions.shape[1])

    def transform(self, values: Any) -> FloatArray:
        read = texts(values)
        known = np.array([text is not None for text in read], np.bool_)
        there = [text for text in read if text is not None]
        parts = [self._projected(there[at : at + _BATCH]) for at in range(0, len(there), _BATCH)]
        return spread_out(known, np.concatenate(parts) if parts else np.zeros((0, self.directions.shape[1])))

    def _projected(self, read: list[str]) -> FloatArray:
        """(n, d)."""
        owner, bucket = hashed_runs(read, self.length)
        counts = sparse.csr_matrix((np.ones(len(owner)), (owner, bucket)), (len(read), BUCKETS))
        norms = np.sqrt(np.asarray(counts.multiply(counts).sum(1)).ravel())
        return counts @ self.directions / np.maximum(norms, 1e-300)[:, None]

    def to_dict(self) -> dict[str, Any]:
        directions = packed(self.directions.astype(np.float32))
        return {"kind": self.kind, "directions": directions, "length": self.length}

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> CharacterNgrams:
        """The embedding that `to_dict` described."""
        return cls(unpacked(fields["directions"]).astype(np.float64), int(fields["length"]))


def hashed_runs(read: list[str], length: int) -> tuple[IntArray, IntArray]:
    """(text, bucket) of every run of `length` characters; runs never cross from one text to the next."""
    padded = [f" {text.lower()} " for text in read]
    points = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), np.dtype("<u4")).astype(np.uint64)
    owner = np.repeat(np.arange(len(padded)), [len(text) for text in padded])
    last = max(len(points) - length + 1, 0)
    whole = owner[:last] == owner[length - 1 : length - 1 + last]
    mixed = np.zeros(last, np.uint64)
    for place in range(length):
        mixed = (mixed ^ points[place : place + last]) * _MIX
        mixed ^= mixed >> np.uint64(29)
    bucket = ((mixed * _MIX) >> _SHIFT).astype(np.int64)
    return owner[:last][whole], bucket[whole]
