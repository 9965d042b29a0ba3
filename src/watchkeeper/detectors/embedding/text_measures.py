"""Text measures: how long a text is, and how many of its words the reference never had.

The words of a text that helped to make the vocabulary are never new, so a text must not be held against words that it
brought itself. The reference is cut into two halves by a hash of the text, and every text, of either side, is held
against the words of the half that it does *not* belong to. So both sides are measured alike, and texts that repeat
themselves belong to the same half.

Sees: texts cut off or empty, another language, new names and jargon, broken encodings. Cannot see: familiar words in
another order or with another meaning. Parameters: none.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from watchkeeper.detectors.embedding.packing import packed, unpacked
from watchkeeper.detectors.embedding.texts import texts, words
from watchkeeper.tallies.tally import FloatArray


@dataclass(frozen=True)
class TextMeasures:
    """`halves`: the hashed words of the texts whose own hash is even, and odd."""

    kind: ClassVar[str] = "text_measures"
    labels: ClassVar[tuple[str, ...]] = (".length", ".unseen_words")

    halves: tuple[frozenset[int], frozenset[int]]

    @classmethod
    def fit(cls, values: Any, rng: np.random.Generator) -> TextMeasures:  # noqa: ARG003 - one shape for every kind
        """Collect the words of texts; raises BadInput for what is not text."""
        halves: tuple[set[int], set[int]] = (set(), set())
        for text in texts(values):
            if text is not None:
                halves[_half(text)].update(_hashed(words(text)))
        return cls((frozenset(halves[0]), frozenset(halves[1])))

    def transform(self, values: Any) -> FloatArray:
        rows = [(np.nan, np.nan) if text is None else self._measured(text) for text in texts(values)]
        return np.array(rows, np.float64).reshape(-1, 2)

    def _measured(self, text: str) -> tuple[float, float]:
        """Characters, and the share of words that are new; 0 without words."""
        own = list(_hashed(words(text)))
        known = self.halves[1 - _half(text)]
        return float(len(text)), sum(word not in known for word in own) / len(own) if own else 0.0

    def to_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "halves": [packed(np.array(sorted(half), np.uint32)) for half in self.halves]}

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> TextMeasures:
        """The measures that `to_dict` described."""
        even, odd = (frozenset(unpacked(half).tolist()) for half in fields["halves"])
        return cls((even, odd))


def _hashed(own: Iterable[str]) -> Iterable[int]:
    return (zlib.crc32(word.encode("utf-8", "surrogatepass")) for word in own)


def _half(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "surrogatepass")) >> 7 & 1
