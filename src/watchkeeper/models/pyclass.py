"""A Python class of the user's own: a `.py` file, or `package.module:Class` that is installed.

    class Score:
        classes = ("no", "yes")              # optional; texts or whole numbers, the positive one last
        layout = "matrix"                    # optional; "columns" (the default) gives a dict of arrays
        def predict(self, rows): ...         # binary: [n] or [n, 2]; multiclass: [n, K]; regression: [n]

The class is made without arguments. Its code runs with the server's rights, so it needs trust. A file runs from its
verified bytes. An installed class is pinned by the sha256 of its module's source, checked at each load; what that
module imports is not covered. Calls are made one at a time: the class need not be safe for threads.
"""

from __future__ import annotations

import hashlib
import inspect
import threading
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import Any

import msgspec
import numpy as np

from watchkeeper.events.errors import BadInput, Unavailable
from watchkeeper.models.artifact import Artifact, make_artifact
from watchkeeper.models.classes import describe, from_probabilities, label_values
from watchkeeper.models.predictor import Outputs
from watchkeeper.models.rows import Layout, Rows
from watchkeeper.models.task import ModelSpec, Task, label_text


class Installed(msgspec.Struct, frozen=True, kw_only=True, tag="installed-class"):
    """The pinned reference to an installed class; its JSON is the artifact."""

    target: str
    source_sha256: str


class PyclassPredictor:
    """The user's object behind the outputs of the task."""

    def __init__(self, model: Any, spec: ModelSpec) -> None:
        self._model = model
        self._spec = spec
        self._lock = threading.Lock()
        self.layout = _layout(model)
        self.classes = spec.classes or _classes(model, spec)
        self._labels = label_values(self.classes)
        empty = np.zeros(1) if spec.task is Task.REGRESSION else np.zeros((1, len(self.classes)))
        self.outputs = describe(spec.task, self.classes, self._outputs(empty))

    def predict(self, rows: Rows) -> Outputs:
        """The task's outputs from what the class returned, as float64."""
        with self._lock:
            found = self._model.predict(rows)
        return self._outputs(np.asarray(found, dtype=np.float64))

    def close(self) -> None:
        """Call the object's own `close`, if it has one."""
        close = getattr(self._model, "close", None)
        if callable(close):
            close()

    def _outputs(self, found: Any) -> Outputs:
        if self._spec.task is Task.REGRESSION:
            return (found.reshape(-1),)
        return from_probabilities(self._spec.task, self._labels, found)


def load(data: bytes, spec: ModelSpec) -> PyclassPredictor:
    """A predictor from a `.py` file's bytes or an Installed reference. This runs the class's code."""
    found = _installed(data) if data[:1] == b"{" else _from_source(data)
    if not callable(getattr(found, "predict", None)):
        raise BadInput(f"Class {found.__name__!r} has no method `predict`.")
    try:
        return PyclassPredictor(found(), spec)
    except TypeError as error:
        raise BadInput(f"Class {found.__name__!r} cannot be made without arguments: {error}.") from error


def installed_artifact(target: str) -> Artifact:
    """The pinned artifact of an installed `package.module:Class`. Importing it runs its code."""
    source = _source_digest(_import(target)[0])
    return make_artifact(f"{target}.json", msgspec.json.encode(Installed(target=target, source_sha256=source)))


def _installed(data: bytes) -> Any:
    try:
        reference = msgspec.json.decode(data, type=Installed)
    except msgspec.DecodeError as error:
        raise BadInput(f"The reference to an installed class is not valid: {error}.") from error
    module, found = _import(reference.target)
    if _source_digest(module) != reference.source_sha256:
        raise Unavailable(
            f"The source of {reference.target!r} is not the one that was registered.",
            hint="Register the changed class as a version of its own.",
        )
    return found


def _import(target: str) -> tuple[ModuleType, Any]:
    module_name, _, class_name = target.partition(":")
    try:
        module = import_module(module_name)
        return module, getattr(module, class_name)
    except (ImportError, AttributeError, ValueError) as error:
        raise BadInput(f"{target!r} cannot be imported: {error}.", hint="Write it as package.module:Class.") from error


def _source_digest(module: ModuleType) -> str:
    try:
        return hashlib.sha256(inspect.getsource(module).encode()).hexdigest()
    except (OSError, TypeError) as error:
        raise BadInput(f"The source of module {module.__name__!r} cannot be read.") from error


def _from_source(data: bytes) -> Any:
    module = ModuleType("watchkeeper_user_model")
    try:
        exec(compile(data, "<model artifact>", "exec"), vars(module))  # noqa: S102 - trusted explicitly by the user
    except Exception as error:  # the user's file may raise anything
        raise BadInput(f"The Python file does not run: {type(error).__name__}: {error}.") from error
    found = [
        item
        for item in vars(module).values()
        if isinstance(item, type) and item.__module__ == module.__name__ and hasattr(item, "predict")
    ]
    if len(found) != 1:
        raise BadInput(f"The Python file must define one class with a `predict` method, it defines {len(found)}.")
    return found[0]


def _layout(model: Any) -> Layout:
    try:
        return Layout(getattr(model, "layout", Layout.COLUMNS))
    except ValueError as error:
        raise BadInput(f"The class's layout must be 'matrix' or 'columns', not {model.layout!r}.") from error


def _classes(model: Any, spec: ModelSpec) -> tuple[str, ...]:
    if spec.task is Task.REGRESSION:
        return ()
    declared: Sequence[object] | None = getattr(model, "classes", None)
    if declared is not None:
        return tuple(label_text(item) for item in declared)
    if spec.task is Task.BINARY:
        return ("0", "1")
    raise BadInput("A multiclass model's class must say its `classes`.", hint="classes = ('cat', 'dog', 'fox')")
