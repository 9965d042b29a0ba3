"""Rows of a file of labels, one by one: a line that cannot be read is told as such, and its neighbours are read.

CSV and JSON lines are read line by line, so that one line of another type does not change how the others are read; IDs
stay texts, and a value is a number where it reads as one. Parquet and Arrow files have types, and are read whole.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from watchkeeper.events.errors import BadInput
from watchkeeper.schema.table import as_table, repeated_names

TEXTS = frozenset({"prediction_id", "request_id", "feedback_id", "source", "kind"})
_SHOWN = 500
_AT_ONCE = 10_000


class Line(NamedTuple):
    """Line (or row) `number`, from 1: its values by column, or why there are none, and the start of its `text`.

    Where the values are `untyped`, all are texts, some of which mean numbers.
    """

    number: int
    row: dict[str, Any]
    fault: str = ""
    text: str = ""
    untyped: bool = False


def lines_of(path: Path) -> Iterator[Line]:
    """Every row of `path`. Raises BadInput where the file cannot be read at all."""
    reader = _READERS.get(path.suffix.lower(), _table_rows)
    if reader is not _table_rows and not path.is_file():
        raise BadInput(f"There is no file {path}.", hint="Check the path.")
    return reader(path)


def item_of(line: Line, places: dict[str, str]) -> dict[str, Any]:
    """The feedback item in a line; `places` says which column holds a field. Raises BadInput where a value is none."""
    if line.fault:
        raise BadInput(line.fault)
    given = {field: line.row.get(column) for field, column in places.items()}
    return {
        field: _value(field, _number(value) if line.untyped and field not in TEXTS else value)
        for field, value in given.items()
        if value is not None and value != ""
    }


def _value(field: str, value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        raise BadInput(f"{field} is not finite")
    if field in TEXTS:
        return str(value)
    if field == "row":
        return _whole(value)
    return value


def _whole(value: Any) -> int:
    try:
        found = int(value)
    except (TypeError, ValueError) as error:
        raise BadInput(f"row {str(value)[:80]!r} is no whole number") from error
    return found


def _table_rows(path: Path) -> Iterator[Line]:
    table = as_table(path)
    for first in range(0, table.num_rows, _AT_ONCE):
        for place, row in enumerate(table.slice(first, _AT_ONCE).to_pylist(), first + 1):
            yield Line(place, row)


def _json_lines(path: Path) -> Iterator[Line]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                yield Line(number, msgspec.json.decode(line, type=dict[str, Any]))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                yield Line(number, {}, f"no JSON object: {error}", _shown(line.decode(errors="replace")))


def _csv_lines(path: Path) -> Iterator[Line]:
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        reader = csv.reader(file)
        names: list[str] | None = None
        while True:
            try:
                values = next(reader)
            except StopIteration:
                if names is None:
                    raise BadInput(f"{path} is empty.", hint="Its first line names the columns.") from None
                return
            except csv.Error as error:
                yield Line(reader.line_num, {}, f"no CSV: {error}")
                continue
            if names is None:
                names = _unique(values)
            elif values:
                yield _csv_line(reader.line_num, names, values)


def _unique(names: list[str]) -> list[str]:
    if repeated := repeated_names(names):
        raise BadInput(f"The file has more than one column called {repeated[0]!r}.", hint="Rename one of them.")
    return names


def _csv_line(number: int, names: list[str], values: list[str]) -> Line:
    text = _shown(",".join(values).encode(errors="surrogateescape").decode(errors="replace"))
    if len(values) != len(names):
        return Line(number, {}, f"{len(values)} fields, where the first line has {len(names)}", text)
    if any("\udc80" <= letter <= "\udcff" for value in values for letter in value):
        return Line(number, {}, "it is no UTF-8", text)
    return Line(number, dict(zip(names, values, strict=True)), untyped=True)


def _number(text: str) -> float | str:
    """`text` as the number that it is; a code with leading zeros stays a text."""
    try:
        number = float(text)
    except ValueError:
        return text
    digits = text.strip().lstrip("+-")
    coded = len(digits) > 1 and digits[0] == "0" and digits[1] not in ".eE"
    return text if coded or "_" in text or not math.isfinite(number) else number


def _shown(text: str) -> str:
    return text.rstrip("\r\n")[:_SHOWN]


_READERS: dict[str, Callable[[Path], Iterator[Line]]] = {
    ".csv": _csv_lines,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
}
