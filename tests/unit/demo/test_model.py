import pickle

import pytest

from watchkeeper.demo.flights import TRAINED_UNTIL, Flights, load_flights, midnight
from watchkeeper.demo.model import Trained, matrix, train


@pytest.fixture(scope="module")
def spring() -> Flights:
    return load_flights().between(0, midnight(TRAINED_UNTIL))


@pytest.fixture(scope="module")
def trained(spring: Flights) -> Trained:
    return train(spring)


def test_model_knows_something_and_not_too_much(trained: Trained) -> None:
    assert 0.6 < trained.auc < 0.75
    assert trained.rows > 50_000


def test_artifact_predicts_missing_and_unseen(trained: Trained, spring: Flights) -> None:
    model = pickle.loads(trained.artifact)
    row = matrix(spring.rows(slice(0, 1)))
    row[0, 0], row[0, 4] = "QX", float("nan")
    assert 0.0 < model.predict_proba(row)[0, 1] < 1.0


def test_training_is_the_same_at_every_run(trained: Trained, spring: Flights) -> None:
    assert train(spring).auc == trained.auc
