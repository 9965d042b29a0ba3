"""The runtimes, and the one door through which an artifact becomes a predictor."""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType

from watchkeeper.events.errors import BadInput
from watchkeeper.models.artifact import verified
from watchkeeper.models.predictor import Predictor
from watchkeeper.models.task import ModelSpec

RUNTIMES = MappingProxyType(
    {
        "onnx": "watchkeeper.models.onnx",
        "sklearn": "watchkeeper.models.sklearn",
        "lightgbm": "watchkeeper.models.lightgbm",
        "xgboost": "watchkeeper.models.xgboost",
        "pyclass": "watchkeeper.models.pyclass",
    }
)
"""Name of the runtime -> module with `load(data, spec)`. Each is imported when a model needs it, and only then."""

RUNS_CODE = frozenset({"sklearn", "pyclass"})
"""Runtimes whose artifacts run code when loaded: they need explicit trust."""


def load_predictor(runtime: str, data: bytes, digest: str, spec: ModelSpec, *, trust: bool) -> Predictor:
    """Verify `data` against the pinned `digest` and load those very bytes.

    `trust` allows artifacts that run code (pickles, Python classes). BadInput says what is missing or does not fit,
    Unavailable that the bytes are not those registered.
    """
    if runtime not in RUNTIMES:
        raise BadInput(f"There is no runtime {runtime!r}.", hint=f"There are {', '.join(RUNTIMES)}.")
    if runtime in RUNS_CODE and not trust:
        raise BadInput(
            f"A {runtime} artifact runs code when it is loaded, and this one is not trusted.",
            hint="If you know where it comes from, register it with --trust-pickle.",
        )
    data = verified(data, digest, f"this {runtime} model")
    try:
        module = import_module(RUNTIMES[runtime])
    except ImportError as error:
        raise BadInput(
            f"The {runtime} runtime is not installed here ({error}).",
            hint=f"pip install 'watchkeeper[{'onnx' if runtime == 'onnx' else runtime}]'",
        ) from error
    predictor: Predictor = module.load(data, spec)
    return predictor
