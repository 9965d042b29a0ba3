"""KServe's own model server around the model: `python kserve_server.py MODEL_FILE PORT`."""

import sys
from typing import Any

import joblib
from kserve import InferOutput, InferRequest, InferResponse, Model, ModelServer


class Logistic(Model):
    """The model as KServe wants it."""

    def __init__(self, path: str) -> None:
        super().__init__("lr")
        self.model = joblib.load(path)
        self.ready = True

    def predict(self, payload: InferRequest, *_: Any, **__: Any) -> InferResponse:
        rows = payload.inputs[0].as_numpy()
        probability = self.model.predict_proba(rows)[:, 1]
        output = InferOutput(name="probability", shape=[len(rows)], datatype="FP64", data=probability.tolist())
        return InferResponse(payload.id or "none", "lr", [output])


if __name__ == "__main__":
    ModelServer(http_port=int(sys.argv[2]), workers=1, enable_grpc=False, access_log_format=None).start(
        [Logistic(sys.argv[1])]
    )
