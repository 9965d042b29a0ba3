"""BentoML around the model, taking and giving V2 JSON: `MODEL_FILE=… bentoml serve bentoml_service:Logistic`."""

import os
from typing import Any

import bentoml
import joblib
import numpy as np


@bentoml.service(workers=1, metrics={"enabled": True}, logging={"access": {"enabled": False}})
class Logistic:
    """The model behind one V2 route."""

    def __init__(self) -> None:
        self.model = joblib.load(os.environ["MODEL_FILE"])

    @bentoml.api(route="/v2/models/lr/infer")
    def infer(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        tensor = inputs[0]
        rows = np.asarray(tensor["data"], dtype=np.float64).reshape(tensor["shape"])
        probability = self.model.predict_proba(rows)[:, 1]
        return {
            "model_name": "lr",
            "outputs": [
                {
                    "name": "probability",
                    "shape": [len(rows)],
                    "datatype": "FP64",
                    "data": probability.tolist(),
                }
            ],
        }
