"""`watchkeeper labels`: what people are asked for, out to a file and back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from tests.helpers.serving import gateway, running
from tests.helpers.watching import DAY, START, batch, entry, watched_store
from watchkeeper.cli.main import main
from watchkeeper.events.arrow import decode_batch
from watchkeeper.ingest.feedback import FeedbackIntake
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.monitors.rating import RaterFigures
from watchkeeper.store.heartbeats import Heartbeat
from watchkeeper.store.store import open_store
from watchkeeper.store.versions import ModelSettings
from watchkeeper.watch.asking import Asking
from watchkeeper.watch.registry import Registry
from watchkeeper.watch.worker import Worker

NOW = START + 1.5 * DAY


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data directory with five open requests."""
    settings = ModelSettings(bucket_seconds=3600, window_seconds=DAY, lateness_seconds=600, ask_labels=5)
    store, journal = watched_store(tmp_path / "data", settings=settings), MemoryJournal()
    for day in range(2):
        journal.append([entry(batch(START + day * DAY + np.arange(40) * 900, seed=day))])
    worker = Worker(store, journal, clock=lambda: NOW)
    worker.step()
    Asking(store, Registry(store), clock=lambda: NOW).run()
    worker.close()
    store.close()
    return tmp_path / "data"


@pytest.fixture
def server() -> Iterator[tuple[str, MemoryJournal]]:
    journal = MemoryJournal()
    with running(gateway(journal, feedback=FeedbackIntake(journal))) as port:
        yield f"http://127.0.0.1:{port}", journal


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["labels", "flights", *map(str, arguments)])


def test_what_waits_is_listed(folder: Path) -> None:
    told = run("--data-dir", folder)
    assert told.exit_code == 0, told.output
    assert "5 predictions of flights wait for a label." in told.output
    assert "asks for 5 random labels, and for 80 more in doubt" in told.output
    assert "distance=" in told.output


def test_asking_is_switched_on_and_off(folder: Path) -> None:
    assert "Nobody is asked" in run("--data-dir", folder, "--ask", 0).output
    assert "asks for 30 random labels, and for 10 more" in run("--data-dir", folder, "--ask", 30, "--more", 10).output
    store = open_store(folder)
    assert store.versions.model("flights").settings.ask_labels == 30
    store.close()
    wrong = run("--data-dir", folder, "--ask", -1)
    assert wrong.exit_code == 2
    assert "negative" in wrong.output


def test_what_labels_cost_is_told_once_it_is_known(folder: Path) -> None:
    assert "costs" not in run("--data-dir", folder).output
    told = run("--data-dir", folder, "--cost", "0.4", "--unit", "EUR", "--deadline", "12h").output
    assert "A label costs 0.40 EUR: 0 EUR for the 0 of the last 30 days, 2.00 EUR for the 5 that wait." in told
    store = open_store(folder)
    settings = store.versions.model("flights").settings
    store.close()
    assert (settings.label_cost, settings.label_unit, settings.label_deadline_seconds) == (0.4, "EUR", 43_200)


@pytest.mark.parametrize(
    ("option", "value"),
    [("--cost", "-1"), ("--cost", "nan"), ("--cost", "1e99"), ("--unit", "x" * 21), ("--deadline", "soon")],
)
def test_settings_that_make_no_sense_are_refused(folder: Path, option: str, value: str) -> None:
    assert run("--data-dir", folder, option, value).exit_code == 2


def test_a_rater_is_told_of_with_its_agreement(folder: Path) -> None:
    store = open_store(folder)
    figures = RaterFigures(how="the program rate.py", check=0.05, sees_answer=False, failures=2, error="It broke.")
    beat = Heartbeat(process="rater", pid=1, at=time.time(), started_at=0.0, stats=msgspec.structs.asdict(figures))
    store.heartbeats.beat(beat)
    left = store.label_requests.find("flights")[-1].prediction_id
    store.label_requests.leave("flights", {left: "it is blurred"}, NOW)
    store.close()
    told = run("--data-dir", folder).output
    assert "The rater failed 2 times in a row: It broke." in told
    assert "Nobody has checked the rater yet" in told
    assert f"  {left}  for people, due" in told
    run("--data-dir", folder, "-o", folder / "queue.csv")
    first = pcsv.read_csv(folder / "queue.csv").to_pylist()[0]
    assert (first["prediction_id"], first["for_people"], first["why"]) == (left, True, "it is blurred")


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_the_queue_goes_out_and_its_answers_come_back(
    folder: Path, tmp_path: Path, server: tuple[str, MemoryJournal], ending: str
) -> None:
    url, journal = server
    path = tmp_path / f"queue.{ending}"
    assert "--answers" in run("--data-dir", folder, "-o", path).output
    table = pcsv.read_csv(path) if ending == "csv" else pq.read_table(path)
    assert {"input.distance", "output.probability", "why", "due"} <= set(table.column_names)
    place = table.column_names.index("label")
    filled = table.set_column(place, "label", pa.array(["1", "0", "", "1", None]))
    (pcsv.write_csv if ending == "csv" else pq.write_table)(filled, path)
    sent = CliRunner().invoke(main, ["labels", "m", "--answers", str(path), "--source", "desk", "--url", url])
    assert "3 labels are on the server's disk; 2 rows are still empty." in sent.output, sent.output
    (one,) = [found for found in journal.read(0, 100) if found.kind == "feedback"]
    rows = decode_batch(one.payload).to_pylist()
    assert {row["source"] for row in rows} == {"desk"}
    assert all(row["probability"] == pytest.approx(5 / 40) for row in rows)


def test_files_that_make_no_sense_are_refused(folder: Path, tmp_path: Path) -> None:
    assert "neither" in run("--data-dir", folder, "-o", tmp_path / "queue.txt").output
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    assert "no column" in run("--answers", tmp_path / "other.csv", "--url", "http://127.0.0.1:9").output
