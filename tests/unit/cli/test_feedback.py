"""`watchkeeper feedback`: a file's labels, checked and sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from tests.helpers.serving import gateway, running
from watchkeeper.cli.main import main
from watchkeeper.events.arrow import decode_batch
from watchkeeper.ingest.feedback import FeedbackIntake
from watchkeeper.journal.memory import MemoryJournal


@pytest.fixture
def server() -> Iterator[tuple[str, MemoryJournal]]:
    journal = MemoryJournal()
    with running(gateway(journal, feedback=FeedbackIntake(journal))) as port:
        yield f"http://127.0.0.1:{port}", journal


def send(file: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["feedback", str(file), "--model", "m", *arguments])


def kept(journal: MemoryJournal) -> list[dict[str, Any]]:
    return [
        row
        for entry in journal.read(0, 1000)
        if entry.kind == "feedback"
        for row in decode_batch(entry.payload).to_pylist()
    ]


def test_a_csv_file(tmp_path: Path, server: tuple[str, MemoryJournal]) -> None:
    url, journal = server
    file = tmp_path / "labels.csv"
    file.write_text("prediction_id,truth,event_time,other\na,1,2023-11-01T00:00:00Z,x\nb,0,2023-11-02T00:00:00Z,y\n")
    done = send(file, "--column", "label=truth", "--url", url)
    assert done.output == "2 of 2 rows are on the server's disk.\n", done.output
    rows = kept(journal)
    assert [(row["prediction_id"], row["number"], row["kind"]) for row in rows] == [
        ("a", 1.0, "label"),
        ("b", 0.0, "label"),
    ]
    assert rows[0]["event_time"].isoformat() == "2023-11-01T00:00:00+00:00"
    assert rows[0]["source"] == "labels.csv"


def test_a_parquet_file_of_own_ids_with_wrong_rows(tmp_path: Path, server: tuple[str, MemoryJournal]) -> None:
    url, journal = server
    table = pa.table({"request_id": [7, 8, 9], "row": [0, 1, 0], "value": [1.0, 5.0, 0.0]})
    pq.write_table(table, tmp_path / "labels.parquet")
    done = send(tmp_path / "labels.parquet", "--kind", "correction", "--source", "claims", "--url", url)
    assert done.exit_code == 2
    assert "2 of 3 rows" in done.output
    assert "line 2: label '5' is none of the model's classes" in done.output
    rows = kept(journal)
    assert [(row["request_id"], row["row"], row["kind"], row["source"]) for row in rows] == [
        ("7", 0, "correction", "claims"),
        ("9", 0, "correction", "claims"),
    ]


@pytest.mark.parametrize("suffix", [".jsonl", ".csv"])
def test_bad_lines_keep_no_good_ones_out_and_none_is_lost(
    tmp_path: Path, server: tuple[str, MemoryJournal], suffix: str
) -> None:
    url, journal = server
    file = tmp_path / f"labels{suffix}"
    lines = {
        ".jsonl": [
            b'{"prediction_id": "a", "label": 1}',
            b'{"prediction_id": "b", "label": ',
            b"",
            b'{"prediction_id": "c", "label": "1"}',
            b'{"prediction_id": "d", "label": [1]}',
            b'{"prediction_id": "\xff", "label": 1}',
            b'{"prediction_id": 7, "label": true, "event_time": "2023-11-01T00:00:00Z"}',
            b'{"prediction_id": "e", "label": NaN}',
        ],
        ".csv": [
            b"prediction_id,label,event_time",
            b"a,1,",
            b"b,1",
            b"",
            b"c,1,1700000000",
            b"d,seven,",
            b"\xff,1,",
            b"007,true,2023-11-01T00:00:00Z",
            b"e,nan,",
        ],
    }[suffix]
    file.write_bytes(b"\n".join(lines) + b"\n")
    done = send(file, "--url", url)
    assert done.exit_code == 2
    assert "3 of 7 rows are on the server's disk." in done.output
    assert [(row["prediction_id"], row["number"], row["text"]) for row in kept(journal)] == [
        ("a", 1.0, None),
        ("c", None, "1") if suffix == ".jsonl" else ("c", 1.0, None),
        ("7" if suffix == ".jsonl" else "007", None, "true"),
    ]
    rejected = [json.loads(line) for line in (tmp_path / f"labels{suffix}.rejected.jsonl").read_text().splitlines()]
    first = 2 if suffix == ".jsonl" else 3
    assert [one["line"] for one in rejected] == [first, first + 3, first + 4, first + 6]
    assert all(one["reason"] and ("row" in one or one["text"]) for one in rejected)
    good = [line for place, line in enumerate(lines, 1) if place not in {one["line"] for one in rejected}]
    file.write_bytes(b"\n".join(good))
    assert send(file, "--url", url).exit_code == 0
    assert not (tmp_path / f"labels{suffix}.rejected.jsonl").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "needs prediction_id"),
        (["--column", "label=nope"], "no column 'nope'"),
        (["--column", "colour=a"], "names no field"),
        (["--column", "label=a", "--column", "prediction_id=a", "--url", "http://127.0.0.1:1"], "cannot be reached"),
    ],
)
def test_what_is_wrong_is_said(
    tmp_path: Path, arguments: list[str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("watchkeeper.client.client._FIRST_PAUSE", 0.0)
    (tmp_path / "f.csv").write_text("a,b\nx,1\n")
    done = send(tmp_path / "f.csv", *arguments)
    assert done.exit_code == 2
    assert says in done.output


@pytest.mark.parametrize(("name", "status", "says"), [("f.csv", 2, "f.csv is empty"), ("f.jsonl", 0, "holds no rows")])
def test_a_file_of_nothing_is_told(tmp_path: Path, name: str, status: int, says: str) -> None:
    (tmp_path / name).touch()
    done = send(tmp_path / name)
    assert done.exit_code == status
    assert says in done.output
