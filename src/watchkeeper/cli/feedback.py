"""`watchkeeper feedback`: the labels of a file, sent to a running server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from watchkeeper.cli.options import settings_from, settings_options
from watchkeeper.client.client import AT_ONCE, Client
from watchkeeper.events.errors import BadInput
from watchkeeper.events.feedback import FeedbackKind
from watchkeeper.schema.table import as_table

FIELDS = (
    *("prediction_id", "request_id", "row", "label", "value", "kind"),
    *("event_time", "feedback_id", "source", "probability"),
)
_SHOWN = 10
_ROWS_AT_ONCE = 20 * AT_ONCE


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--model", required=True, help="The model that the labels are about.")
@click.option("--column", "columns", multiple=True, metavar="FIELD=COLUMN", help="Which column holds a field.")
@click.option("--kind", type=click.Choice([kind.value for kind in FeedbackKind]), help="What all rows are.")
@click.option("--source", help="Who says so, recorded with every label. Default: the name of the file.")
@click.option("--url", help="The server. Default: http://HOST:PORT of the settings.")
@settings_options("host", "port")
def feedback(config: Path | None, file: Path, **given: Any) -> None:
    """Send the labels of FILE (Parquet, CSV, Arrow, JSONL) to a running server.

    The columns are the fields of a feedback item: prediction_id (or request_id and row), label (or value), and, where
    they are there, kind, event_time, feedback_id, source and probability. Sending a file again counts nothing twice.
    """
    settings = settings_from(config, given)
    table = as_table(file)
    places = _columns(table.column_names, dict(_renamed(text) for text in given["columns"]))
    constant = {name: given[name] for name in ("kind",) if given[name]}
    kept = 0
    faults: dict[int, str] = {}
    with Client(
        given["url"] or f"http://{settings.host}:{settings.port}", source=given["source"] or file.name
    ) as client:
        for first in range(0, table.num_rows, _ROWS_AT_ONCE):
            items = [{**row, **constant} for row in _rows(table.slice(first, _ROWS_AT_ONCE), places)]
            found, wrong = client.feedback_sifted(given["model"], items)
            kept += found
            faults |= {first + place: fault for place, fault in wrong.items()}
    click.echo(f"{kept:,} of {table.num_rows:,} rows are on the server's disk.")
    if faults:
        shown = "\n".join(f"  row {place + 1}: {fault}" for place, fault in list(faults.items())[:_SHOWN])
        more = f"\n  … and {len(faults) - _SHOWN:,} more" if len(faults) > _SHOWN else ""
        raise BadInput(
            f"{len(faults):,} rows were refused:\n{shown}{more}", hint="\nCorrect them and send the file again."
        )


def _renamed(text: str) -> tuple[str, str]:
    field, mark, column = text.partition("=")
    if not mark or field not in FIELDS:
        raise BadInput(
            f"--column {text[:80]!r} names no field.", hint=f"Write FIELD=COLUMN; fields: {', '.join(FIELDS)}."
        )
    return field, column


def _columns(names: list[str], renamed: dict[str, str]) -> dict[str, str]:
    """The column of each field that the file has."""
    found = {field: renamed.get(field, field) for field in FIELDS if renamed.get(field, field) in names}
    lacking = [column for column in renamed.values() if column not in names]
    if lacking:
        raise BadInput(f"The file has no column {lacking[0]!r}.", hint=f"It has {', '.join(names)[:500]}.")
    if not {"prediction_id", "request_id"} & found.keys() or not {"label", "value"} & found.keys():
        raise BadInput(
            f"The file's columns are {', '.join(names)[:500]}.",
            hint="It needs prediction_id (or request_id) and label; --column FIELD=COLUMN says where they are.",
        )
    return found


def _rows(table: Any, places: dict[str, str]) -> Iterator[dict[str, Any]]:
    columns = [table.column(column).to_pylist() for column in places.values()]
    for values in zip(*columns, strict=True):
        yield {field: _value(field, value) for field, value in zip(places, values, strict=True) if value is not None}


def _value(field: str, value: Any) -> Any:
    """IDs are texts even where a file's reader took them for numbers."""
    if field in ("prediction_id", "request_id", "feedback_id", "source"):
        return str(value)
    return int(value) if field == "row" else value
