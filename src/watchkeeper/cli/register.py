"""`watchkeeper register`: a version, from its artifact, its reference data and its task."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from watchkeeper.app.register import RESETTLED, Registered, Registration
from watchkeeper.app.register import register as register_version
from watchkeeper.cli.options import settings_from, settings_options
from watchkeeper.cli.progress import progress
from watchkeeper.events.errors import BadInput
from watchkeeper.models.task import Task
from watchkeeper.performance.metric import Metric
from watchkeeper.performance.metrics import metrics
from watchkeeper.performance.reference_performance import HOLDOUT, TRAINING, ReferencePerformance
from watchkeeper.schema.feature import Feature, Privacy
from watchkeeper.schema.schema import Schema
from watchkeeper.store.store import open_store

_FILE = click.Path(path_type=Path)
_SHOWN = 40
_TOLD = {"binary": ("accuracy", "roc_auc"), "multiclass": ("accuracy", "f1_macro"), "regression": ("mae", "rmse")}


@click.command()
@click.argument("model")
@click.option("--version", "version", required=True, help="Name of the version, such as v1 or 2026-11-21.")
@click.option("--artifact", required=True, type=_FILE, help="The model's file: ONNX, scikit-learn, LightGBM, XGBoost.")
@click.option("--reference", required=True, type=_FILE, help="Training or validation rows: Parquet, CSV, Arrow, JSONL.")
@click.option("--task", required=True, type=click.Choice([task.value for task in Task]), help="What it predicts.")
@click.option("--target", metavar="COLUMN", help="Column of the reference that holds the truth; no feature.")
@click.option(
    "--reference-is",
    type=click.Choice([TRAINING, HOLDOUT]),
    help="Whether the model was trained on these rows; where it was, it looks better on them than it is.",
)
@click.option("--time", "time_column", metavar="COLUMN", help="Column of the reference that says when; no feature.")
@click.option("--trust-pickle", is_flag=True, help="The artifact may run code when it is loaded: I know its origin.")
@click.option("--schema", "schema_file", type=_FILE, help="A schema in JSON, instead of the one that is learned.")
@click.option(
    "--privacy",
    multiple=True,
    metavar="FEATURE=POLICY",
    help="What may be kept of a feature: keep, drop, hash or mask. May be repeated.",
)
@settings_options("data_dir", *RESETTLED)
def register(config: Path | None, **given: Any) -> None:
    """Register a version of MODEL, to be served and watched.

    The reference is compiled into counts, the model is run on it once, and both are kept under the version's name,
    which never changes its content. The first version of a model answers at once.
    """
    settings = settings_from(config, given)
    wanted = Registration(
        model=given["model"],
        version=given["version"],
        artifact=given["artifact"],
        reference=given["reference"],
        task=Task(given["task"]),
        target=given["target"],
        time=given["time_column"],
        in_sample=None if given["reference_is"] is None else given["reference_is"] == TRAINING,
        trust_pickle=given["trust_pickle"],
        schema=_read_schema(given["schema_file"]),
        privacy=dict(_policy(text) for text in given["privacy"]),
        resettle=frozenset(name for name in RESETTLED if given[name] is not None),
    )
    store = open_store(settings.data_dir)
    try:
        with progress() as tell:
            registered = register_version(store, settings, wanted, now=time.time(), progress=tell)
    finally:
        store.close()
    _print(registered, settings.data_dir)


def _read_schema(path: Path | None) -> Schema | None:
    if path is None:
        return None
    try:
        return Schema.from_json(path.read_bytes())
    except OSError as error:
        raise BadInput(f"The schema {path} cannot be read: {error.strerror}.") from error


def _policy(text: str) -> tuple[str, Privacy]:
    feature, _, policy = text.rpartition("=")
    try:
        return feature, Privacy(policy)
    except ValueError:
        hint = f"Write --privacy FEATURE=POLICY; policies are {', '.join(Privacy)}."
        raise BadInput(f"--privacy {text[:80]!r} names no policy.", hint=hint) from None


def _print(registered: Registered, data_dir: Path) -> None:
    version, reference = registered.version, registered.reference
    click.echo(f"Registered {version.model} {version.version} ({version.task}).")
    for note in registered.notes:
        click.echo(f"  model      {note}")
    click.echo(f"  reference  {_blocks(registered)}")
    for place, line in enumerate((*_performance(registered.performance), *registered.truth_notes)):
        click.echo(f"  {'' if place else 'performance':11}  {line}")
    for line in registered.rewatched:
        click.echo(f"  watched    {line}")
    outputs = ", ".join(output.name for output in version.schema.outputs)
    click.echo(f"  outputs    {outputs}" + (f"; classes {', '.join(reference.classes)}" if reference.classes else ""))
    click.echo(f"  features   {len(version.schema.features)}")
    width = max(len(feature.name) for feature in version.schema.features[:_SHOWN])
    for feature in version.schema.features[:_SHOWN]:
        click.echo(f"    {feature.name:{width}}  {_describe(feature)}")
    if len(version.schema.features) > _SHOWN:
        click.echo(f"    … and {len(version.schema.features) - _SHOWN} more")
    if registered.live != version.version:
        click.echo(f"Version {registered.live} goes on answering for {version.model}. To change that:")
        click.echo(f"  watchkeeper live {version.model} {version.version}")
    where = "" if data_dir == Path("watchkeeper-data") else f" --data-dir {data_dir}"
    click.echo(f"Next: watchkeeper up{where}")


def _blocks(registered: Registered) -> str:
    reference = registered.reference
    if reference.block_width is None:
        return f"{reference.rows:,} rows, no time column: every row is taken as exchangeable with every other"
    hours = reference.block_width / 3600
    return f"{reference.rows:,} rows in {len(reference.blocks):,} blocks of time of {hours:g} h"


def _performance(found: ReferencePerformance | None) -> list[str]:
    """What the model did on the reference, and how far that is to be believed; nothing where there is no truth."""
    if found is None:
        return []
    known = metrics(found.layout, found.whole)
    told = "; ".join(_metric(name, known[name]) for name in _TOLD[found.layout.kind] if name in known)
    lines = [f"{told} on {found.rows:,} labelled rows of the reference", found.note]
    return [*lines, f"--reference-is {TRAINING} or {HOLDOUT} says which"] if found.in_sample is None else lines


def _metric(name: str, metric: Metric) -> str:
    if metric.value is None:
        return f"{name} unknown ({metric.note})"
    if metric.low is None or metric.high is None:
        return f"{name} {metric.value:.3g}"
    return f"{name} {metric.value:.3g} ({metric.low:.3g} to {metric.high:.3g})"


def _describe(feature: Feature) -> str:
    parts = [feature.type.value]
    if feature.minimum is not None and feature.maximum is not None:
        parts.append(f"{feature.minimum:g} to {feature.maximum:g}")
    elif feature.categories is not None:
        more = f" and {len(feature.categories) - 6} more" if len(feature.categories) > 6 else ""
        parts.append(", ".join(feature.categories[:6]) + more)
    if feature.null_rate:
        parts.append(f"{feature.null_rate:.1%} missing")
    if feature.privacy is not Privacy.KEEP:
        parts.append(f"privacy: {feature.privacy.value}")
    return "; ".join(parts)
