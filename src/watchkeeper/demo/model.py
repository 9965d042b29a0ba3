"""The model of the demo: will this flight arrive more than 15 minutes late? Asked at its scheduled departure.

One logistic regression over one-hot carriers and airports and plain numbers: simple on purpose, fitted in seconds, and
exported to ONNX, which is served without scikit-learn and without trusting a pickle. Every fifth day is kept out, to
say honestly how good the model is: whole days, because flights of one day share its weather and its queues.
"""

from __future__ import annotations

import warnings

import msgspec
import numpy as np
from numpy.typing import NDArray
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from watchkeeper.demo.flights import CATEGORICAL, FEATURES, NUMERIC, Flights

DAY_SECONDS = 86_400
KEPT_OUT_EVERY = 5
RARE = 20


class Trained(msgspec.Struct, frozen=True, kw_only=True):
    """A fitted pipeline as ONNX, and its score (area under the ROC curve) on flights it was not fitted on."""

    artifact: bytes
    rows: int
    auc: float


def pipeline() -> Pipeline:
    """The model, not yet fitted. It takes an object array whose columns are FEATURES, in order."""
    places = {name: place for place, name in enumerate(FEATURES)}
    texts = OneHotEncoder(handle_unknown="ignore", min_frequency=RARE)
    numbers = Pipeline([("fill", SimpleImputer(strategy="median")), ("scale", StandardScaler())])
    columns = ColumnTransformer(
        [
            ("texts", texts, [places[name] for name in CATEGORICAL]),
            ("numbers", numbers, [places[name] for name in NUMERIC]),
        ]
    )
    return Pipeline([("columns", columns), ("model", LogisticRegression(max_iter=300))])


def train(flights: Flights) -> Trained:
    """Fit on the flights that landed, on four days of five; score on the rest."""
    landed = flights.landed
    rows, late = matrix(flights)[landed], flights.late[landed].astype(np.int64)
    kept_out = flights.departure[landed] // DAY_SECONDS % KEPT_OUT_EVERY == 0
    model = pipeline().fit(rows[~kept_out], late[~kept_out])
    auc = roc_auc_score(late[kept_out], model.predict_proba(rows[kept_out])[:, 1])
    return Trained(artifact=exported(model), rows=int((~kept_out).sum()), auc=float(auc))


def matrix(flights: Flights) -> NDArray[np.object_]:
    """The features as one object array [n, F]."""
    return np.column_stack([flights.features[name].astype(object) for name in FEATURES])


def exported(model: Pipeline) -> bytes:
    """The pipeline as an ONNX file with one input a feature: the class as a number, and both probabilities."""
    types = [
        (name, StringTensorType([None, 1]) if name in CATEGORICAL else FloatTensorType([None, 1])) for name in FEATURES
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the converter about itself
        proto = to_onnx(model, initial_types=types, options={"zipmap": False})
    return bytes(proto.SerializeToString())
