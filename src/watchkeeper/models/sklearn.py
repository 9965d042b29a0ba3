"""scikit-learn, as it is: the pickled estimator or pipeline predicts by itself.

Unpickling runs code, so it happens only under `trust_pickle`, on bytes whose digest was checked just before. A pipeline
that was fitted on a DataFrame and takes text gets a pandas DataFrame, one fitted on an array of objects gets such an
array, and everything else takes the matrix of numbers, which is fastest.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import joblib  # type: ignore[import-untyped]
import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from watchkeeper.events.errors import BadInput
from watchkeeper.models.classes import class_texts, describe, from_probabilities
from watchkeeper.models.predictor import Outputs
from watchkeeper.models.rows import Layout, Rows, in_order, is_numeric
from watchkeeper.models.task import ModelSpec, Task


class SklearnPredictor:
    """An estimator with `predict_proba` (or `predict`, for a regression) behind the outputs of the task."""

    def __init__(self, estimator: Any, spec: ModelSpec) -> None:
        self.estimator = estimator
        self._spec = spec
        labels = _labels(estimator, spec)
        self.names = fitted_names(estimator, spec)
        self.layout = Layout.COLUMNS if _needs_frame(estimator, spec) else Layout.MATRIX
        named = hasattr(estimator, "feature_names_in_")
        self._frame = _data_frame() if named and self.layout is Layout.COLUMNS else None
        self._order = _order(self.names, spec)
        if self.layout is Layout.MATRIX:
            _forget_names(estimator)
        self.classes = class_texts(labels)
        self._labels = _native(labels)
        self._compute = estimator.predict if spec.task is Task.REGRESSION else estimator.predict_proba
        self.outputs = describe(spec.task, self.classes, self._outputs(self._empty_scores()))

    def predict(self, rows: Rows) -> Outputs:
        """The task's outputs in float64."""
        return self._outputs(np.asarray(self._compute(self.prepare(rows))))

    def prepare(self, rows: Rows) -> Any:
        """`rows` as the estimator takes them: numbers in its own column order, a DataFrame, or an array of objects."""
        if isinstance(rows, np.ndarray):
            return in_order(rows, self._order)
        if self._frame is None:
            return np.column_stack([rows[name].astype(object) for name in self.names])
        return self._frame({name: rows[name] for name in self.names})

    def close(self) -> None:
        """Nothing to let go of."""

    def _outputs(self, found: NDArray[Any]) -> Outputs:
        if self._spec.task is Task.REGRESSION:
            return (found.reshape(-1),)
        return from_probabilities(self._spec.task, self._labels, found)

    def _empty_scores(self) -> NDArray[Any]:
        return np.zeros(1) if self._spec.task is Task.REGRESSION else np.zeros((1, len(self.classes)))


def load(data: bytes, spec: ModelSpec) -> SklearnPredictor:
    """A predictor from pickled bytes. The caller has checked trust and digest: this runs the code in them."""
    return SklearnPredictor(unpickle(data), spec)


def unpickle(data: bytes) -> Any:
    """The pickled estimator. BadInput when it cannot be read here, or was written by another scikit-learn."""
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", message="Trying to unpickle estimator")
            return joblib.load(io.BytesIO(data))
    except Exception as error:  # a pickle may raise anything
        raise BadInput(
            f"The pickle cannot be loaded: {type(error).__name__}: {str(error)[:300]}",
            hint="Load it with the library versions that wrote it, or export the model to ONNX.",
        ) from error


def fitted_names(estimator: Any, spec: ModelSpec) -> tuple[str, ...]:
    """The columns that the estimator was fitted on; the schema's features where it did not keep names."""
    names = getattr(estimator, "feature_names_in_", None)
    if names is not None:
        return tuple(str(name) for name in names)
    width = getattr(estimator, "n_features_in_", len(spec.features))
    if width != len(spec.features):
        raise BadInput(
            f"The model was fitted on {width} columns; the schema has {len(spec.features)} features.",
            hint="Columns that are no features (ids, times, the target) must be named or left out of the reference.",
        )
    return spec.names


def _order(names: tuple[str, ...], spec: ModelSpec) -> list[int] | None:
    missing = [name for name in names if name not in spec.names]
    if missing:
        raise BadInput(
            f"The model was fitted on a column {missing[0]!r}, which is no feature of the schema.",
            hint=f"Features are {', '.join(spec.names)}.",
        )
    return None if names == spec.names else [spec.names.index(name) for name in names]


def _needs_frame(estimator: Any, spec: ModelSpec) -> bool:
    if any(not is_numeric(feature) for feature in spec.features):
        return True
    return hasattr(estimator, "feature_names_in_") and any(
        isinstance(step, ColumnTransformer) for step in _steps(estimator)
    )


def _steps(estimator: Any) -> Iterator[Any]:
    """The estimator and everything it is made of."""
    yield estimator
    if isinstance(estimator, Pipeline):
        for _, step in estimator.steps:
            yield from _steps(step)
    elif isinstance(estimator, BaseEstimator) and hasattr(estimator, "estimator"):
        yield from _steps(estimator.estimator)


def _forget_names(estimator: Any) -> None:
    """Let the estimator take a bare matrix in silence: its columns are already in the fitted order."""
    for step in _steps(estimator):
        vars(step).pop("feature_names_in_", None)


def _data_frame() -> Any:
    try:
        return import_module("pandas").DataFrame
    except ImportError as error:
        raise BadInput(
            "This pipeline picks its columns by name, so it needs a pandas DataFrame, and pandas is not installed.",
            hint="Install pandas beside Watchkeeper, or export the pipeline to ONNX.",
        ) from error


def _labels(estimator: Any, spec: ModelSpec) -> NDArray[Any]:
    if spec.task is Task.REGRESSION:
        if not hasattr(estimator, "predict"):
            raise BadInput(f"{type(estimator).__name__} has no predict method.", hint="Register a fitted estimator.")
        if hasattr(estimator, "classes_"):
            raise BadInput(
                f"{type(estimator).__name__} predicts classes, not numbers.", hint="Use --task binary or multiclass."
            )
        return np.empty(0)
    if not hasattr(estimator, "predict_proba") or not hasattr(estimator, "classes_"):
        raise BadInput(
            f"{type(estimator).__name__} gives no class probabilities (predict_proba).",
            hint="Wrap it in CalibratedClassifierCV, or set probability=True, and fit it again.",
        )
    labels = np.asarray(estimator.classes_)
    if spec.task is Task.BINARY and len(labels) != 2:
        raise BadInput(f"A binary model has two classes, this one has {len(labels)}.", hint="Use --task multiclass.")
    return labels


def _native(labels: NDArray[Any]) -> NDArray[Any]:
    """Whole floats (0.0, 1.0) are answered as integers, text as objects."""
    if labels.dtype.kind == "f" and np.equal(np.mod(labels, 1), 0).all():
        return labels.astype(np.int64)
    return labels if labels.dtype.kind in "biu" else labels.astype(object)
