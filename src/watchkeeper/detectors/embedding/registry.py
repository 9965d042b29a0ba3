"""Every embedding by name, and the kinds of column that `compare` knows by a word."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from watchkeeper.detectors.embedding.character_ngrams import CharacterNgrams
from watchkeeper.detectors.embedding.embedding import Embedding
from watchkeeper.detectors.embedding.image_measures import ImageMeasures
from watchkeeper.detectors.embedding.own_function import OwnFunction
from watchkeeper.detectors.embedding.passed_through import PassedThrough
from watchkeeper.detectors.embedding.principal_components import PrincipalComponents
from watchkeeper.detectors.embedding.random_projection import DIMENSIONS, RandomProjection
from watchkeeper.detectors.embedding.side_by_side import SideBySide
from watchkeeper.detectors.embedding.text_measures import TextMeasures
from watchkeeper.detectors.embedding.untrained_encoder import UntrainedEncoder
from watchkeeper.detectors.embedding.vectors import vectors
from watchkeeper.events.errors import BadInput

EMBEDDINGS: dict[str, Any] = {
    way.kind: way
    for way in (
        RandomProjection,
        PrincipalComponents,
        PassedThrough,
        UntrainedEncoder,
        ImageMeasures,
        CharacterNgrams,
        TextMeasures,
    )
}


def _embedding(values: Any, rng: np.random.Generator) -> Embedding:
    """Vectors of eight numbers or fewer as they are, longer ones projected."""
    wide = vectors(values)[1].shape[1] > DIMENSIONS
    return RandomProjection.fit(values, rng) if wide else PassedThrough.fit(values, rng)


def _text(values: Any, rng: np.random.Generator) -> Embedding:
    return SideBySide((TextMeasures.fit(values, rng), CharacterNgrams.fit(values, rng)))


def _image(values: Any, rng: np.random.Generator) -> Embedding:
    return SideBySide((ImageMeasures.fit(values, rng), UntrainedEncoder.fit(values, rng)))


KINDS: dict[str, Callable[[Any, np.random.Generator], Embedding]] = {
    "embedding": _embedding,
    "text": _text,
    "image": _image,
}
"""What a column may be called in `compare(embed=…)`."""

Asked = str | Callable[[list[Any]], Any] | Embedding


def fitted(asked: Asked, values: Any, rng: np.random.Generator) -> Embedding:
    """The embedding of a column: by the name of a kind, by a function of the user's own, or one fitted before.

    Raises BadInput for an unknown kind, or values that are not of the kind.
    """
    if isinstance(asked, str):
        if asked not in KINDS:
            raise BadInput(f"There is no kind of embedding {asked!r}.", hint=f"There are {', '.join(KINDS)}.")
        return KINDS[asked](values, rng)
    if isinstance(asked, Embedding):
        return asked
    if callable(asked):
        return OwnFunction.fit(values, rng, function=asked)
    raise BadInput(f"A {type(asked).__name__} is no embedding.", hint=f"Name {', '.join(KINDS)}, or give a function.")


def embedding_from(fields: dict[str, Any]) -> Embedding:
    """The embedding that `to_dict` described. Raises BadInput for an unknown kind."""
    kind = fields.get("kind")
    if kind == SideBySide.kind:
        return SideBySide(tuple(embedding_from(part) for part in fields["parts"]))
    if kind not in EMBEDDINGS:
        raise BadInput(f"There is no embedding of the kind {kind!r}.", hint=f"There are {', '.join(EMBEDDINGS)}.")
    made: Embedding = EMBEDDINGS[kind].from_dict(fields)
    return made
