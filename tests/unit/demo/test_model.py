import numpy as np
import onnxruntime as ort
import pytest
from numpy.typing import NDArray

from watchkeeper.demo.flights import CATEGORICAL, FEATURES, TRAINED_UNTIL, Flights, load_flights, midnight
from watchkeeper.demo.model import DAY_SECONDS, KEPT_OUT_EVERY, Trained, matrix, pipeline, train


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
    row = matrix(spring.rows(slice(0, 1)))
    row[0, 0], row[0, 4] = "QX", float("nan")
    probability = served(trained, row)[0, 1]
    assert 0.0 < probability < 1.0


def test_exported_model_answers_like_the_fitted_one(trained: Trained, spring: Flights) -> None:
    rows = matrix(spring.rows(slice(0, 2_000)))
    landed, late = spring.landed, spring.late
    kept = spring.departure[landed] // DAY_SECONDS % KEPT_OUT_EVERY != 0
    fitted = pipeline().fit(matrix(spring)[landed][kept], late[landed][kept].astype(int))
    assert np.abs(fitted.predict_proba(rows) - served(trained, rows)).max() < 1e-5


def served(trained: Trained, rows: NDArray[np.object_]) -> NDArray[np.float32]:
    session = ort.InferenceSession(trained.artifact)
    inputs = {
        name: column.reshape(-1, 1) if name in CATEGORICAL else column.astype(np.float32).reshape(-1, 1)
        for name, column in zip(FEATURES, rows.T, strict=True)
    }
    probabilities: NDArray[np.float32] = session.run(None, inputs)[1]
    return probabilities


def test_training_is_the_same_at_every_run(trained: Trained, spring: Flights) -> None:
    assert train(spring).auc == trained.auc
