"""`watchkeeper rater` as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner, Result

from tests.helpers import raters
from tests.helpers.watching import DAY, batch, entry, watched_store
from watchkeeper.cli.main import main
from watchkeeper.events.arrow import decode_batch
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.journal.sqlite import SqliteJournal
from watchkeeper.monitors.rating import RaterFigures
from watchkeeper.store.store import open_store
from watchkeeper.store.versions import ModelSettings
from watchkeeper.supervisor.lock import hold
from watchkeeper.watch.asking import Asking
from watchkeeper.watch.registry import Registry
from watchkeeper.watch.worker import Worker


@pytest.fixture(autouse=True)
def signals_stay() -> Iterator[None]:
    """What a signal does to the tests is what it did before."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data directory with ten open requests, of a window that closed just now."""
    settings = ModelSettings(bucket_seconds=3600, window_seconds=DAY, lateness_seconds=600, ask_labels=10)
    store, journal = watched_store(tmp_path / "data", settings=settings), MemoryJournal()
    today = int(time.time()) // DAY * DAY
    for day in range(2):
        journal.append([entry(batch(today + (day - 2) * DAY + np.arange(40) * 900, seed=day))])
    worker = Worker(store, journal)
    worker.step()
    Asking(store, Registry(store)).run()
    worker.close()
    store.close()
    return tmp_path / "data"


def once(folder: Path, *arguments: object) -> Result:
    return CliRunner().invoke(main, ["rater", "--once", "--data-dir", str(folder), *map(str, arguments)])


def kept(folder: Path) -> list[dict[str, object]]:
    journal = SqliteJournal(folder / "journal.db")
    found = [
        row for one in journal.read(0, 100) if one.kind == "feedback" for row in decode_batch(one.payload).to_pylist()
    ]
    journal.close()
    return found


def test_one_pass_puts_the_labels_on_disk(folder: Path, tmp_path: Path) -> None:
    rater = raters.program(tmp_path, raters.BY_DISTANCE)
    done = once(folder, "--rater-command", rater, "--rater-check", "0", "--log-level", "error")
    assert done.exit_code == 0, done.output
    assert "was asked about" in done.output
    rows = kept(folder)
    assert len(rows) >= 10
    assert {row["source"] for row in rows} == {"rater"}
    assert {row["probability"] for row in rows} == {0.25}


def test_a_rater_that_fails_ends_it_with_words(folder: Path, tmp_path: Path) -> None:
    rater = raters.program(tmp_path, raters.EXITS)
    done = once(folder, "--rater-command", rater, "--log-level", "error")
    assert done.exit_code == 2
    assert "ended with status 1" in done.stderr
    assert kept(folder) == []


def test_without_a_rater_or_beside_another_one_it_does_not_run(folder: Path) -> None:
    assert "No rater is set up" in once(folder).stderr
    both = once(folder, "--rater-command", "a", "--rater-url", "http://127.0.0.1:1/")
    assert "both set" in both.stderr
    with hold(folder / "run", "rater"):
        assert "Another `watchkeeper rater`" in once(folder, "--rater-command", "a").stderr


def test_it_runs_until_it_is_ended_even_while_the_program_hangs(folder: Path, tmp_path: Path) -> None:
    rater = raters.program(tmp_path, "open(__file__ + '.pid', 'w').write(str(os.getpid()))\n" + raters.HANGS)
    command = [sys.executable, "-m", "watchkeeper", "rater", "--data-dir", folder, "--rater-command", rater]
    process = subprocess.Popen([*map(str, command)])
    pid_file = Path(f"{rater}.pid")
    wait(lambda: pid_file.exists() and pid_file.read_text() != "")
    store = open_store(folder)
    wait(lambda: bool(store.heartbeats.all()))
    figures = RaterFigures.read(store.heartbeats.all()[0].stats)
    assert figures is not None
    assert msgspec.structs.replace(figures, models=()).how == f"the program {rater}"
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    assert store.heartbeats.all() == []
    store.close()
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)


def wait(until: Callable[[], bool]) -> None:
    for _ in range(600):
        if until():
            return
        time.sleep(0.05)
    raise AssertionError("It did not come.")
