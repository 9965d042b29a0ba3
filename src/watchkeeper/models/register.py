"""From an artifact and reference rows to what a version must know: runtime, outputs, and the predictions to watch."""

from __future__ import annotations

from importlib import import_module

import msgspec
import numpy as np
import pyarrow as pa

from watchkeeper.events.errors import BadInput
from watchkeeper.models.artifact import Artifact, make_artifact
from watchkeeper.models.classes import check_probabilities
from watchkeeper.models.inspect import detect_runtime
from watchkeeper.models.predictor import Outputs, Predictor
from watchkeeper.models.record import output_arrays
from watchkeeper.models.rows import Rows, row_count, rows_of
from watchkeeper.models.runtimes import load_predictor
from watchkeeper.models.task import ModelSpec, Task, output_features
from watchkeeper.schema.schema import Schema

_CHUNK = 20_000


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a registration keeps of an artifact.

    `artifact` is what will be served: the ONNX bytes where the model was compiled, else the bytes given. `schema` has
    the model's outputs. `outputs` are its predictions on the reference rows, one Arrow array an output, in order.
    `trusted` must be passed on at each load. `notes` are lines for the user.
    """

    runtime: str
    artifact: Artifact
    source_digest: str
    schema: Schema
    classes: tuple[str, ...]
    outputs: dict[str, pa.Array]
    trusted: bool
    notes: tuple[str, ...]


def prepare(artifact: Artifact, table: pa.Table, schema: Schema, task: Task, *, trust: bool = False) -> Prepared:
    """Load the artifact, run it over the reference `table`, and compile it if the answers stay the same.

    `schema.features` are the features in the model's order; its outputs are replaced. BadInput says what does not fit.
    """
    if table.num_rows == 0:
        raise BadInput("The reference has no rows.", hint="Give the training or validation data.")
    runtime = detect_runtime(artifact.name, artifact.data)
    spec = ModelSpec(task=task, features=schema.features)
    spec = _with_classes(runtime, artifact, spec, table)
    predictor = load_predictor(runtime, artifact.data, artifact.digest, spec, trust=trust)
    spec = msgspec.structs.replace(spec, classes=predictor.classes)
    rows = rows_of(table, schema.features, predictor.layout)
    found = predict_all(predictor, rows)
    _check(task, found)
    notes: tuple[str, ...] = (f"{runtime} artifact, sha256 {artifact.digest[:12]}", *_unused(predictor, spec))
    served = artifact
    if runtime == "sklearn":
        served, runtime, note = _compiled(artifact, predictor, spec, table, found)
        notes = (*notes, note)
        if runtime == "onnx":
            predictor = load_predictor(runtime, served.data, served.digest, spec, trust=False)
            found = predict_all(predictor, rows_of(table, schema.features, predictor.layout))
    outputs = output_features(task, spec.classes)
    return Prepared(
        runtime=runtime,
        artifact=served,
        source_digest=artifact.digest,
        schema=msgspec.structs.replace(schema, outputs=outputs),
        classes=spec.classes,
        outputs=dict(zip((item.name for item in outputs), output_arrays(outputs, found), strict=True)),
        trusted=trust,
        notes=notes,
    )


def predict_all(predictor: Predictor, rows: Rows) -> Outputs:
    """The outputs for any number of rows, computed in chunks of 20,000."""
    total = row_count(rows)
    try:
        parts = [predictor.predict(slice_rows(rows, start, start + _CHUNK)) for start in range(0, total, _CHUNK)]
    except Exception as error:  # the model may raise anything on rows it does not like
        raise BadInput(
            f"The model fails on the reference rows: {type(error).__name__}: {str(error)[:300]}",
            hint="The reference must hold the features as the model takes them.",
        ) from error
    return tuple(np.concatenate(arrays) for arrays in zip(*parts, strict=True))


def slice_rows(rows: Rows, start: int, stop: int) -> Rows:
    """Rows `start` to `stop` in the same layout."""
    if isinstance(rows, np.ndarray):
        return rows[start:stop]
    return {name: column[start:stop] for name, column in rows.items()}


def _unused(predictor: Predictor, spec: ModelSpec) -> tuple[str, ...]:
    """A note on columns of the reference that the model does not take, where it says what it takes."""
    taken: tuple[str, ...] = getattr(predictor, "names", spec.names)
    unused = [name for name in spec.names if name not in taken]
    if not unused:
        return ()
    return (f"it does not take {', '.join(unused)}: watched all the same; name target and time to leave them out",)


def _with_classes(runtime: str, artifact: Artifact, spec: ModelSpec, table: pa.Table) -> ModelSpec:
    """An ONNX file does not say which class each probability is for: learn it from the reference."""
    if runtime != "onnx" or spec.task is Task.REGRESSION:
        return spec
    module = import_module("watchkeeper.models.onnx")
    layout = module.load(artifact.data, spec).layout
    rows = slice_rows(rows_of(table, spec.features, layout), 0, _CHUNK)
    return msgspec.structs.replace(spec, classes=module.learn_classes(artifact.data, spec, rows))


def _check(task: Task, found: Outputs) -> None:
    if task is Task.REGRESSION:
        return
    for probabilities in found[1:]:
        check_probabilities(probabilities)


def _compiled(
    artifact: Artifact, predictor: Predictor, spec: ModelSpec, table: pa.Table, found: Outputs
) -> tuple[Artifact, str, str]:
    """The artifact to serve, its runtime, and a note: compiled where possible, as it is otherwise."""
    try:
        module = import_module("watchkeeper.models.sklearn_onnx")
    except ImportError as error:
        return artifact, "sklearn", f"runs as it is: the compiler is not installed ({error})"
    every = max(1, -(-table.num_rows // module.COMPARED_ROWS))
    some = table.take(pa.array(np.arange(0, table.num_rows, every)))
    rows = rows_of(some, spec.features, predictor.layout)
    expected = tuple(array[::every] for array in found)
    try:
        data, note = module.compile_estimator(predictor, spec, rows, expected)
    except module.Refused as reason:
        return artifact, "sklearn", f"runs as it is in scikit-learn: {reason}"
    return make_artifact(f"{artifact.name}.onnx", data), "onnx", note
