"""`watchkeeper feedback`: the labels of a file, sent to a running server."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import click
import msgspec

from watchkeeper.cli.feedback_rows import Line, item_of, lines_of
from watchkeeper.cli.options import settings_from, settings_options
from watchkeeper.client.client import AT_ONCE, Client
from watchkeeper.events.errors import BadInput
from watchkeeper.events.feedback import FeedbackKind

FIELDS = (
    *("prediction_id", "request_id", "row", "label", "value", "kind"),
    *("event_time", "feedback_id", "source", "probability"),
)
_SHOWN = 10
_ROWS_AT_ONCE = 20 * AT_ONCE


class _Refused(NamedTuple):
    """A line that was not taken, and why."""

    line: Line
    reason: str


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
    What is refused is written, with its line and the reason, to FILE.rejected.jsonl.
    """
    settings = settings_from(config, given)
    renamed = dict(_renamed(text) for text in given["columns"])
    constant = {name: given[name] for name in ("kind",) if given[name]}
    lines = lines_of(file)
    kept = total = 0
    refused: list[_Refused] = []
    with Client(
        given["url"] or f"http://{settings.host}:{settings.port}", source=given["source"] or file.name
    ) as client:
        names: dict[str, None] = {}
        while lot := list(islice(lines, _ROWS_AT_ONCE)):
            names |= dict.fromkeys(name for line in lot for name in line.row)
            found, wrong = _send(client, given["model"], lot, _columns(list(names), renamed), constant)
            kept, total = kept + found, total + len(lot)
            refused += wrong
    counted = f"{kept:,} of {total:,} rows are on the server's disk."
    click.echo(counted if total else f"{file} holds no rows: nothing was sent.")
    _tell(file, refused)


def _send(
    client: Client, model: str, lot: list[Line], places: dict[str, str], constant: dict[str, str]
) -> tuple[int, list[_Refused]]:
    """(how many of `lot` the server has, those it has not)."""
    sent: list[Line] = []
    items: list[dict[str, Any]] = []
    refused: list[_Refused] = []
    for line in lot:
        try:
            items.append({**item_of(line, places), **constant})
            sent.append(line)
        except BadInput as error:
            refused.append(_Refused(line, error.message))
    kept, faults = client.feedback_sifted(model, items)
    refused += [_Refused(sent[place], fault) for place, fault in faults.items()]
    return kept, sorted(refused, key=lambda one: one.line.number)


def _tell(file: Path, refused: list[_Refused]) -> None:
    """Write what was refused beside the file, and say so."""
    path = file.with_name(f"{file.name}.rejected.jsonl")
    path.unlink(missing_ok=True)  # of an earlier time
    if not refused:
        return
    path.write_bytes(b"".join(msgspec.json.encode(record) + b"\n" for record in _records(refused)))
    shown = "\n".join(f"  line {one.line.number}: {one.reason}" for one in refused[:_SHOWN])
    more = f"\n  … and {len(refused) - _SHOWN:,} more" if len(refused) > _SHOWN else ""
    raise BadInput(
        f"{len(refused):,} rows were refused:\n{shown}{more}",
        hint=f"\nThey are in {path}. Correct and send them again.",
    )


def _records(refused: list[_Refused]) -> Iterator[dict[str, Any]]:
    for line, reason in refused:
        yield {"line": line.number, "reason": reason} | ({"row": line.row} if line.row else {"text": line.text})


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
