"""Rows of a file of labels, one by one."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from watchkeeper.cli.feedback_rows import Line, item_of, lines_of
from watchkeeper.events.errors import BadInput

PLACES = {"prediction_id": "id", "label": "truth", "row": "row"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1.0),
        ("-0.5", -0.5),
        ("1e3", 1000.0),
        ("0", 0.0),
        ("0.5", 0.5),
        ("late", "late"),
        ("true", "true"),
        ("007", "007"),
        ("1_0", "1_0"),
        ("nan", "nan"),
        ("1e999", "1e999"),
    ],
)
def test_a_value_of_a_csv_file_is_a_number_where_it_reads_as_one(tmp_path: Path, text: str, value: object) -> None:
    file = tmp_path / "f.csv"
    file.write_text(f"id,truth\nx,{text}\n")
    (line,) = lines_of(file)
    assert (line.number, item_of(line, PLACES)) == (2, {"prediction_id": "x", "label": value})


def test_what_is_missing_is_left_out_and_what_is_no_value_is_said() -> None:
    said = Line(1, {"id": 7, "truth": 0, "row": "3"})
    assert item_of(said, PLACES) == {"prediction_id": "7", "label": 0, "row": 3}
    assert item_of(Line(1, {"id": "7", "truth": "7"}, untyped=True), PLACES) == {"prediction_id": "7", "label": 7.0}
    assert item_of(Line(1, {"id": "", "truth": None}), PLACES) == {}
    with pytest.raises(BadInput, match="label is not finite"):
        item_of(Line(1, {"truth": float("nan")}), PLACES)
    with pytest.raises(BadInput, match="no whole number"):
        item_of(Line(1, {"row": "first"}), PLACES)
    with pytest.raises(BadInput, match="torn"):
        item_of(Line(1, {}, "torn"), PLACES)


def test_a_file_with_types_is_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "f.parquet"
    pq.write_table(pa.table({"id": [1, 2], "truth": ["a", None]}), file)
    assert [(line.number, line.row) for line in lines_of(file)] == [
        (1, {"id": 1, "truth": "a"}),
        (2, {"id": 2, "truth": None}),
    ]


def test_a_quoted_line_break_is_one_row_and_a_stray_byte_one_fault(tmp_path: Path) -> None:
    file = tmp_path / "f.csv"
    file.write_bytes(b'\xef\xbb\xbfid,truth\n"a\nb",1\n\xff,1\nc,1,2\n')
    lines = list(lines_of(file))
    assert [(line.number, line.row.get("id"), line.fault) for line in lines] == [
        (3, "a\nb", ""),
        (4, None, "it is no UTF-8"),
        (5, None, "3 fields, where the first line has 2"),
    ]


@pytest.mark.parametrize(("name", "text"), [("f.csv", "a,a\n1,2\n"), ("none.csv", None), ("f.doc", "a")])
def test_a_file_that_cannot_be_read_at_all(tmp_path: Path, name: str, text: str | None) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(BadInput):
        list(lines_of(tmp_path / name))
