"""What every embedding promises, run over each of them; and how one is asked for."""

from __future__ import annotations

import inspect
import json
from typing import Any

import numpy as np
import pytest

from watchkeeper.detectors.embedding.own_function import OwnFunction
from watchkeeper.detectors.embedding.passed_through import PassedThrough
from watchkeeper.detectors.embedding.random_projection import RandomProjection
from watchkeeper.detectors.embedding.registry import EMBEDDINGS, KINDS, embedding_from, fitted
from watchkeeper.events.errors import BadInput


def values(kind: str, seed: int) -> Any:
    rng = np.random.default_rng(seed)
    if "text" in kind or "ngram" in kind:
        return [None, *("".join(rng.choice(list("abc de"), 20)) for _ in range(30))]
    if "image" in kind or "encoder" in kind:
        return [None, *rng.random((30, 8, 8))]
    return [None, *rng.normal(size=(30, 12)).tolist()]


def rng() -> np.random.Generator:
    return np.random.default_rng(3)


@pytest.mark.parametrize("kind", EMBEDDINGS)
def test_fitted_frozen_written_and_read_it_gives_the_same_numbers(kind: str) -> None:
    made = EMBEDDINGS[kind].fit(values(kind, 0), rng())
    again = EMBEDDINGS[kind].fit(values(kind, 0), rng())
    back = embedding_from(json.loads(json.dumps(made.to_dict())))
    found = made.transform(values(kind, 1))
    assert found.shape == (31, len(made.labels))
    assert np.isnan(found[0]).all()
    assert np.isfinite(found[1:]).all()
    assert back.labels == made.labels
    for other in (again, back):
        np.testing.assert_array_equal(other.transform(values(kind, 1)), found)


@pytest.mark.parametrize("kind", EMBEDDINGS)
def test_the_docstring_is_a_spec(kind: str) -> None:
    words = inspect.getdoc(inspect.getmodule(EMBEDDINGS[kind])) or ""
    for part in ("Sees:", "Cannot", "Parameters:"):
        assert part in words, f"{kind} lacks {part}"


@pytest.mark.parametrize("kind", EMBEDDINGS)
def test_a_row_does_not_depend_on_its_neighbours(kind: str) -> None:
    made, rows = EMBEDDINGS[kind].fit(values(kind, 0), rng()), values(kind, 1)
    whole = made.transform(rows)
    np.testing.assert_allclose(made.transform(rows[10:12]), whole[10:12], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_written(kind: str) -> None:
    made = fitted(kind, values(kind, 0), rng())
    back = embedding_from(json.loads(json.dumps(made.to_dict())))
    np.testing.assert_array_equal(back.transform(values(kind, 1)), made.transform(values(kind, 1)))


def test_a_kind_a_function_or_one_that_was_fitted_before() -> None:
    assert isinstance(fitted("embedding", values("", 0), rng()), RandomProjection)
    assert isinstance(fitted("embedding", [[1.0, 2]], rng()), PassedThrough)
    assert isinstance(fitted(np.array, [[1.0, 2]], rng()), OwnFunction)
    assert fitted(PassedThrough(2), [], rng()) == PassedThrough(2)


@pytest.mark.parametrize("asked", ["words", 3])
def test_what_is_unknown_is_refused(asked: Any) -> None:
    with pytest.raises(BadInput, match="embedding"):
        fitted(asked, [], rng())
    with pytest.raises(BadInput, match="kind"):
        embedding_from({"kind": asked})
