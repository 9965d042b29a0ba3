"""`watchkeeper labels`: the predictions that people are asked to label, as a file, and their answers back."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click
import msgspec
import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

from watchkeeper.api.context import Context
from watchkeeper.api.label_requests import SOURCE, LabelRequestsView, RequestView, label_requests
from watchkeeper.api.rater import RaterView
from watchkeeper.cli.options import settings_from, settings_options
from watchkeeper.client.client import Client
from watchkeeper.events.errors import BadInput
from watchkeeper.events.quantities import duration
from watchkeeper.report.words import moment
from watchkeeper.schema.table import as_table
from watchkeeper.store.store import Store, open_store

MOST = 10_000
_SHOWN = 10
_SETTINGS = {
    "ask": "ask_labels",
    "more": "ask_more",
    "deadline": "label_deadline_seconds",
    "cost": "label_cost",
    "unit": "label_unit",
}
"""Options that change the model's settings."""


@click.command()
@click.argument("model")
@click.option("--ask", type=int, metavar="N", help="Ask for N random labels of each window from now on; 0 asks nobody.")
@click.option("--more", type=int, metavar="N", help="Ask for N more where these leave doubt. Default: 80.")
@click.option("--deadline", metavar="DURATION", help="How long a request waits for its label, such as 2d or 12h.")
@click.option("--cost", type=float, metavar="NUMBER", help="What one label costs; 0 where that is not known.")
@click.option("--unit", metavar="TEXT", help="The unit of the cost, such as EUR.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the queue to a .csv or .parquet file.",
)
@click.option(
    "--answers",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Send the labels in that file to a running server.",
)
@click.option("--source", default=SOURCE, show_default=True, help="Who labelled, recorded with every label.")
@click.option("--url", help="The server that takes the answers. Default: http://HOST:PORT of the settings.")
@settings_options("data_dir", "host", "port")
def labels(config: Path | None, model: str, output: Path | None, answers: Path | None, **given: Any) -> None:
    """Have predictions of MODEL labelled, by people or by your own rater: list, export, send back.

    With --ask 20 each window that closes asks for 20 random labels, and for more where they leave doubt. -o writes what
    waits to a file with the inputs, the outputs and an empty column `label`; filled in, --answers sends it back, each
    label with the chance with which its prediction was drawn. With --cost it is told what the labels cost, and what
    more of them would buy. A rater of your own is asked by `watchkeeper rater`.
    """
    settings = settings_from(config, given)
    if answers is not None:
        url = given["url"] or f"http://{settings.host}:{settings.port}"
        _send(url, model, answers, given["source"])
        return
    store = open_store(settings.data_dir)
    try:
        _switch(store, model, given)
        view = label_requests(Context(store, now=time.time), model, None, MOST)
    finally:
        store.close()
    if output is not None:
        _write(view, output)
    _tell(view, output)


def _switch(store: Store, model: str, given: dict[str, Any]) -> None:
    """Change the settings that were given."""
    changed = {setting: given[name] for name, setting in _SETTINGS.items() if given[name] is not None}
    if "label_deadline_seconds" in changed:
        changed["label_deadline_seconds"] = _seconds(changed["label_deadline_seconds"])
    if changed:
        settings = store.versions.model(model).settings
        store.versions.set_settings(model, msgspec.structs.replace(settings, **changed))


def _seconds(text: str) -> int:
    try:
        return duration(text)
    except ValueError as error:
        raise BadInput(f"The deadline is {text[:80]!r}.", hint=f"It must be {error}.") from error


def _tell(view: LabelRequestsView, output: Path | None) -> None:
    waiting = len(view.requests)
    click.echo(f"{waiting:,} predictions of {view.model} wait for a label.")
    if view.ask_labels:
        click.echo(f"Each window asks for {view.ask_labels} random labels, and for {view.ask_more} more in doubt.")
    else:
        click.echo(f"Nobody is asked for labels. To ask: watchkeeper labels {view.model} --ask 20")
    for line in (view.buys, view.costs.sums, *_of_rater(view.rater)):
        if line:
            click.echo(line)
    if output is not None:
        click.echo(f"Fill in the column `label` of {output}, then: watchkeeper labels {view.model} --answers {output}")
        return
    for request in view.requests[:_SHOWN]:
        whose = "for people, " if request.for_people else ""
        click.echo(f"  {request.prediction_id}  {whose}due {moment(request.deadline)}  {_words(request)}")
    if waiting > _SHOWN:
        click.echo(f"  … and {waiting - _SHOWN:,} more: write them to a file with -o FILE")


def _of_rater(rater: RaterView | None) -> tuple[str, ...]:
    return () if rater is None else (rater.words, rater.agreement.words)


def _words(request: RequestView) -> str:
    return ", ".join(f"{name}={value}" for name, value in list(request.inputs.items())[:4])


def _write(view: LabelRequestsView, path: Path) -> None:
    rows = [
        {
            "prediction_id": request.prediction_id,
            "label": "",
            "probability": request.probability,
            "due": moment(request.deadline),
            "for_people": request.for_people,
            "why": request.why,
            **{f"input.{name}": value for name, value in request.inputs.items()},
            **{f"output.{name}": value for name, value in request.outputs.items()},
        }
        for request in view.requests
    ]
    names = dict.fromkeys(name for row in rows for name in row) or {"prediction_id": None, "label": None}
    table = pa.table({name: [row.get(name) for row in rows] for name in names})
    try:
        if path.suffix == ".parquet":
            pq.write_table(table, path)
        elif path.suffix == ".csv":
            pcsv.write_csv(table, path)
        else:
            raise BadInput(f"{path} is neither a .csv nor a .parquet file.", hint="Choose one of the two.")
    except pa.ArrowInvalid as error:
        raise BadInput(f"The queue does not fit a CSV file: {error}.", hint="Write a .parquet file.") from error


def _send(url: str, model: str, path: Path, source: str) -> None:
    table = as_table(path)
    lacking = [name for name in ("prediction_id", "label", "probability") if name not in table.column_names]
    if lacking:
        raise BadInput(f"{path} has no column {lacking[0]!r}.", hint="Send a file that this command wrote.")
    rows = table.select(["prediction_id", "label", "probability"]).to_pylist()
    items = [
        {**row, "prediction_id": str(row["prediction_id"]), "source": source}
        for row in rows
        if row["label"] is not None and row["label"] != ""
    ]
    with Client(url, source=source) as client:
        kept, wrong = client.feedback_sifted(model, items)
    click.echo(f"{kept:,} labels are on the server's disk; {len(rows) - len(items):,} rows are still empty.")
    if wrong:
        told = "\n".join(f"  {items[place]['prediction_id']}: {fault}" for place, fault in list(wrong.items())[:_SHOWN])
        raise BadInput(f"{len(wrong):,} labels were refused:\n{told}", hint="\nCorrect them and send the file again.")
