"""Small models of every runtime, fitted here and now on rows anybody can make."""

from __future__ import annotations

import io
from typing import Any

import joblib  # type: ignore[import-untyped]
import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from watchkeeper.models.artifact import Artifact, make_artifact
from watchkeeper.schema.feature import Feature, FeatureType
from watchkeeper.schema.schema import Schema

ROWS = 400
NUMBERS = Schema(features=(Feature(name="a", type=FeatureType.NUMERIC), Feature(name="b", type=FeatureType.NUMERIC)))
MIXED = Schema(features=(*NUMBERS.features, Feature(name="c", type=FeatureType.CATEGORICAL)))


def frame() -> pd.DataFrame:
    """Two numbers, of scale 1 and 100, and a category of three levels."""
    rng = np.random.default_rng(7)
    return pd.DataFrame(
        {
            "a": rng.normal(size=ROWS),
            "b": rng.normal(size=ROWS) * 100,
            "c": rng.choice(np.array(["x", "y", "z"], dtype=object), ROWS),
        }
    )


def table() -> pa.Table:
    """`frame` as Arrow."""
    rows = frame()
    return pa.table({"a": rows["a"].to_numpy(), "b": rows["b"].to_numpy(), "c": pa.array(list(rows["c"]))})


def target() -> np.ndarray[Any, Any]:
    """0 or 1, by `a` and whether `c` is x."""
    rows = frame()
    return np.asarray(rows["a"] + (rows["c"] == "x") > 0.3, dtype=np.int64)


def numbers() -> np.ndarray[Any, Any]:
    """The two numbers as a matrix."""
    return frame()[["a", "b"]].to_numpy()


def pickled(model: Any, name: str = "model.joblib") -> Artifact:
    """The artifact that `joblib.dump` writes."""
    sink = io.BytesIO()
    joblib.dump(model, sink)
    return make_artifact(name, sink.getvalue())


def logistic() -> Any:
    """A binary classifier of the two numbers."""
    return LogisticRegression().fit(numbers(), target())


def pipeline() -> Any:
    """A binary pipeline that picks a text column and two numbers by name."""
    columns = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["c"]), (StandardScaler(), ["a", "b"]))
    return make_pipeline(columns, LogisticRegression()).fit(frame(), target())


def pipeline_by_place() -> Any:
    """As `pipeline`, but fitted on an array of objects, so that it knows its columns by place."""
    columns = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), [2]), (StandardScaler(), [0, 1]))
    return make_pipeline(columns, LogisticRegression()).fit(frame().to_numpy(dtype=object), target())


def linear() -> Any:
    """A regression of the two numbers."""
    return LinearRegression().fit(numbers(), frame()["a"] * 2 + 1)
