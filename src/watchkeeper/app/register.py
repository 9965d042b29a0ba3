"""Registering a version: reference and artifact in, a version that can be served and watched out.

The reference is treated by the privacy policy before it is compiled, exactly as what is recorded later will be, and the
schema is kept without the ranges and categories of private features. All is kept in one transaction; registering the
same content again changes nothing. Where the reference holds the truth, what the model did on it is counted too
(reference_truth.py), by the layout that the version's live labels are then counted by.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
import pyarrow as pa

from watchkeeper.app.keys import pepper
from watchkeeper.app.reference_truth import agreed, count_truth
from watchkeeper.config import Settings
from watchkeeper.events.errors import BadInput
from watchkeeper.events.names import check_name, check_new_model
from watchkeeper.models.artifact import read_artifact
from watchkeeper.models.register import Prepared, prepare
from watchkeeper.models.task import Task
from watchkeeper.performance.reference_performance import ReferencePerformance
from watchkeeper.reference.compiling import Progress, bucket_width, compile_reference
from watchkeeper.reference.reference import Reference
from watchkeeper.report.words import duration
from watchkeeper.schema.feature import Privacy
from watchkeeper.schema.inference import infer_schema, unsupported_columns
from watchkeeper.schema.numbers import as_floats
from watchkeeper.schema.privacy import redact_table, redacted_schema, without_values
from watchkeeper.schema.schema import Schema
from watchkeeper.schema.table import as_table, encode_text
from watchkeeper.store.reference_performance import reference_performance
from watchkeeper.store.store import Store
from watchkeeper.store.versions import ModelSettings, Version
from watchkeeper.watch.scoring import Scorer, scorer_of

RESETTLED = {
    "bucket": "bucket_seconds",
    "window": "window_seconds",
    "lateness": "lateness_seconds",
    "retention_records": "keep_records_seconds",
    "retention_tallies": "keep_buckets_seconds",
}
"""Settings that a model keeps from its first registration on, and their names there."""

_WATCHED = {
    "bucket_seconds": "bucket",
    "window_seconds": "window",
    "lateness_seconds": "lateness",
    "keep_records_seconds": "records are kept",
    "keep_buckets_seconds": "tallies are kept by the bucket for",
}


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """What a user asks for.

    `schema` replaces the one that would be learned; `privacy` is by feature. A model that exists keeps how it is
    watched. `resettle` names what of it (`RESETTLED`) is to be as the settings say.
    `in_sample` says whether the model was trained on the reference, None if that is not known.
    """

    model: str
    version: str
    artifact: Path
    reference: Path
    task: Task
    target: str | None = None
    time: str | None = None
    in_sample: bool | None = None
    trust_pickle: bool = False
    schema: Schema | None = None
    privacy: Mapping[str, Privacy] = {}
    resettle: frozenset[str] = frozenset()


class Registered(msgspec.Struct, frozen=True, kw_only=True):
    """What was kept, which version is `live`, and what the model did on the reference where that holds the truth.

    `notes` are of the model, `truth_notes` of the truth, `rewatched` of how the model is watched otherwise than before.
    """

    version: Version
    reference: Reference
    performance: ReferencePerformance | None
    notes: tuple[str, ...]
    truth_notes: tuple[str, ...]
    live: str
    rewatched: tuple[str, ...] = ()


def register(
    store: Store, settings: Settings, wanted: Registration, *, now: float, progress: Progress | None = None
) -> Registered:
    """Keep a version. Raises BadInput saying what does not fit, Conflict if the name holds other content."""
    check_new_model(wanted.model)
    check_name("Version", wanted.version)
    artifact = read_artifact(wanted.artifact)
    table = encode_text(as_table(wanted.reference))
    schema = schema_of(table, wanted)
    _tell(progress, "running the model on the reference")
    prepared = prepare(artifact, table, schema, wanted.task, trust=wanted.trust_pickle)
    known = {model.name: model.settings for model in store.versions.models()}.get(wanted.model)
    watched = _model_settings(known, settings, wanted.resettle)
    reference = _compile(store, watched.window_seconds, wanted, table, prepared, progress)
    version = _version(store, wanted, prepared, reference, now)
    scorer = scorer_of(version, reference, store.performance.layout(wanted.model, wanted.version))
    _tell(progress, "counting right and wrong answers")
    performance, truth_notes = _performance(scorer, wanted, table, prepared, watched.window_seconds)
    _tell(progress, "keeping it")
    version, performance = _keep(store, version, watched, scorer, performance)
    live = store.versions.live_version(version.model).version
    return Registered(
        version=version,
        reference=reference,
        performance=performance,
        notes=_notes(table, wanted, prepared),
        truth_notes=truth_notes,
        live=live,
        rewatched=() if known is None else _rewatched(known, watched),
    )


def schema_of(table: pa.Table, wanted: Registration) -> Schema:
    """The features: declared or learned, with the privacy policies that were asked for."""
    if wanted.in_sample is not None and wanted.target is None:
        raise BadInput(
            "What the reference is says how to read the model's performance on it, and no truth is named.",
            hint="Name the column that holds the truth with --target.",
        )
    for role, column in (("target", wanted.target), ("time", wanted.time)):
        if column is not None and column not in table.column_names:
            raise BadInput(
                f"The reference has no {role} column {column!r}.", hint=f"It has {', '.join(table.column_names[:30])}."
            )
    schema = wanted.schema or infer_schema(table, exclude={wanted.target or "", wanted.time or ""})
    for name in wanted.privacy:
        schema.feature(name)
    features = tuple(
        msgspec.structs.replace(feature, privacy=wanted.privacy.get(feature.name, feature.privacy))
        for feature in schema.features
    )
    return msgspec.structs.replace(schema, features=features)


def _compile(  # noqa: PLR0917 (one step of `register`, with its names)
    store: Store,
    window: int,
    wanted: Registration,
    table: pa.Table,
    prepared: Prepared,
    progress: Progress | None,
) -> Reference:
    times = table[wanted.time] if wanted.time is not None else None
    return compile_reference(
        redact_table(table, prepared.schema, pepper(store.data_dir)),
        redacted_schema(prepared.schema),
        outputs=pa.table(prepared.outputs),
        times=times,
        task=wanted.task,
        classes=prepared.classes,
        bucket=None if times is None else _bucket(times, window),
        service=True,
        progress=progress,
    )


def _bucket(times: pa.ChunkedArray, window: int) -> int:
    """Reference buckets of the usual width if windows are whole numbers of them, else of a window's length."""
    seconds, _, _ = as_floats(times)
    width = bucket_width(float(seconds.max() - seconds.min()))
    return width if window % width == 0 else window


def _version(store: Store, wanted: Registration, prepared: Prepared, reference: Reference, now: float) -> Version:
    return Version(
        model=wanted.model,
        version=wanted.version,
        task=wanted.task,
        artifact_digest=store.blobs.write(prepared.artifact.data),
        runtime=prepared.runtime,
        schema=without_values(prepared.schema),
        reference_digest=store.blobs.write(reference.to_bytes()),
        options={"trusted": prepared.trusted, "source_digest": prepared.source_digest},
        created_at=now,
    )


def _performance(
    scorer: Scorer, wanted: Registration, table: pa.Table, prepared: Prepared, window: int
) -> tuple[ReferencePerformance | None, tuple[str, ...]]:
    """What the model did on the reference, where that holds the truth, and notes for the user."""
    if wanted.target is None:
        return None, ()
    times = None if wanted.time is None else table[wanted.time]
    outputs, truth = pa.table(prepared.outputs), table[wanted.target]
    found, notes = count_truth(scorer, outputs, wanted.target, truth, times=times, window=window)
    return (None if found is None else found.marked(wanted.in_sample)), notes


def _keep(
    store: Store, version: Version, settings: ModelSettings, scorer: Scorer, performance: ReferencePerformance | None
) -> tuple[Version, ReferencePerformance | None]:
    """Write the version and what it did on its reference; both as they are kept, in one transaction.

    The first version of a model answers at once, later ones when they are made live.
    """
    with store.begin():
        kept = store.versions.register(version, settings=settings)
        if len(store.versions.versions(version.model)) == 1:
            store.versions.set_live(version.model, version.version, version.created_at)
        known = reference_performance(store, kept)
        if performance is None:
            return kept, known
        performance = performance if known is None else agreed(known, performance)
        if scorer.fresh and store.performance.layout(version.model, version.version) is None:
            store.performance.set_layout(version.model, version.version, scorer.kept())
        kept = store.versions.learn(version.model, version.version, store.blobs.write(performance.to_bytes()))
        return kept, performance


def _model_settings(known: ModelSettings | None, settings: Settings, resettle: frozenset[str]) -> ModelSettings:
    """How the model is watched from now on; `known` is how it was, if it was."""
    named = RESETTLED if known is None else resettle
    asked = {RESETTLED[name]: getattr(settings, name) for name in named}
    return msgspec.structs.replace(known or ModelSettings(), **asked)


def _rewatched(known: ModelSettings, watched: ModelSettings) -> tuple[str, ...]:
    pairs = ((words, getattr(known, name), getattr(watched, name)) for name, words in _WATCHED.items())
    return tuple(f"{words} {duration(now)}, no longer {duration(was)}" for words, was, now in pairs if was != now)


def _notes(table: pa.Table, wanted: Registration, prepared: Prepared) -> tuple[str, ...]:
    used = {*prepared.schema.feature_names, wanted.target, wanted.time}
    skipped = [name for name in unsupported_columns(table) if name not in used]
    if not skipped:
        return prepared.notes
    return (*prepared.notes, f"columns that cannot be watched were left out: {', '.join(skipped)}")


def _tell(progress: Progress | None, stage: str) -> None:
    if progress is not None:
        progress(stage, 0.0)
