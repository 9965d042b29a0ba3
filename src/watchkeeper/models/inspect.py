"""Which runtime an artifact is for, by what its bytes say; the suffix only breaks ties."""

from __future__ import annotations

from pathlib import PurePath

from watchkeeper.events.errors import BadInput

_PICKLE_SUFFIXES = {".pkl", ".pickle", ".joblib"}
_SUFFIXES = {
    ".onnx": "onnx",
    ".txt": "lightgbm",
    ".lgb": "lightgbm",
    ".json": "xgboost",
    ".ubj": "xgboost",
    ".py": "pyclass",
    **dict.fromkeys(_PICKLE_SUFFIXES, "sklearn"),
}
_HINT = (
    "Known artifacts: .onnx; .joblib or .pkl (scikit-learn); .txt (LightGBM Booster.save_model); "
    ".json or .ubj (XGBoost save_model); .py (a class with a predict method)."
)


def detect_runtime(name: str, data: bytes) -> str:
    """The name of the runtime for these bytes. BadInput lists those known, or says that suffix and content disagree."""
    suffix = PurePath(name).suffix.lower()
    by_name, by_content = _SUFFIXES.get(suffix), _by_content(data)
    if by_content is None and by_name in ("onnx", "sklearn", "pyclass"):
        by_content = by_name
    if by_content is None:
        raise BadInput(f"{name!r} is not an artifact that Watchkeeper knows.", hint=_HINT)
    if by_name not in (None, by_content):
        raise BadInput(f"{name!r} is named like {by_name} but its content is {by_content}.", hint=_HINT)
    return by_content


def _by_content(data: bytes) -> str | None:
    if data[:2] in {b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"}:
        return "sklearn"
    if data.startswith((b"tree\n", b"tree\r\n")):
        return "lightgbm"
    if b"learner" in data[:64] and data[:1] == b"{":
        return "xgboost"
    if data[:1] == b"\x08" and data[1:2] <= b"\x20":
        return "onnx"
    return None
