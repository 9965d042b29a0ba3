"""`watchkeeper up` with a rater: asked, rated, joined, counted, by real processes that are really killed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.helpers import raters
from tests.helpers.watching import DAY, batch, entry, watched_store
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.store.store import open_store
from watchkeeper.store.versions import ModelSettings
from watchkeeper.supervisor.lock import read_pid
from watchkeeper.watch.asking import Asking
from watchkeeper.watch.registry import Registry
from watchkeeper.watch.worker import Worker

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
ROWS, ASKED = 40, 10


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten of forty predictions of yesterday are asked for."""
    settings = ModelSettings(bucket_seconds=3600, window_seconds=DAY, lateness_seconds=600, ask_labels=ASKED)
    store, journal = watched_store(tmp_path / "data", settings=settings), MemoryJournal()
    today = int(time.time()) // DAY * DAY
    journal.append([entry(batch(today - DAY + np.arange(ROWS) * 900)), entry(batch([today + 1.0], seed=1))])
    worker = Worker(store, journal)
    while worker.step().entries:
        pass
    Asking(store, Registry(store), clock=lambda: today + 0.5 * DAY).run()
    assert sum(store.label_requests.counts("flights").values()) == ASKED
    worker.close()
    store.close()
    return tmp_path / "data"


@contextmanager
def up(folder: Path, rater: Path) -> Iterator[Callable[[str], Any]]:
    """A function that asks the API."""
    command = [sys.executable, "-m", "watchkeeper", "up", "--port", "0", "--data-dir", folder]
    command += ["--rater-command", rater, "--rater-batch", "4", "--rater-check", "0"]
    log = folder / "up.log"
    with log.open("wb") as output:
        process = subprocess.Popen([*map(str, command)], stdout=output, stderr=subprocess.STDOUT)
    try:
        wait(lambda: "is up: " in log.read_text(), log)
        address = re.findall(r"is up: (http://\S+)", log.read_text())[-1]

        def ask(path: str) -> Any:
            with urllib.request.urlopen(f"{address}/api/v1{path}", timeout=30) as answer:
                return json.loads(answer.read())

        yield ask
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0, log.read_text()


def wait(until: Callable[[], bool], log: Path) -> None:
    for _ in range(900):
        if until():
            return
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def test_what_is_asked_is_rated_and_counted_through_kills(folder: Path, tmp_path: Path) -> None:
    program = raters.program(tmp_path, "time.sleep(0.5)\n" + raters.BY_DISTANCE)
    log = folder / "up.log"
    with up(folder, program) as ask:
        wait(lambda: Path(f"{program}.asked").exists(), log)
        pid = read_pid(folder / "run" / "rater.pid")
        assert pid is not None
        os.kill(pid, signal.SIGKILL)  # in the middle of a call
        wait(lambda: bool(ask("/models/flights/labels")["labels"] == ASKED), log)
        wait(lambda: any(one["process"] == "rater" and one["up"] for one in ask("/health")["processes"]), log)
        rater = ask("/models/flights/label-requests")["rater"]
        assert rater["ok"]
        labels = ask("/models/flights/labels")
    assert {one["source"] for one in labels["sources"]} == {"rater"}
    store = open_store(folder)
    requests = store.label_requests.find("flights")
    found = store.labels.get("flights", [one.prediction_id for one in requests])
    assert len(found) == ASKED
    assert all(label.probability == pytest.approx(ASKED / ROWS) for label in found.values())
    assert "rater" not in {beat.process for beat in store.heartbeats.all()}
    store.close()


def test_a_rater_that_hangs_keeps_nothing_else_from_working_or_ending(folder: Path, tmp_path: Path) -> None:
    program = raters.program(tmp_path, raters.HANGS)
    began = time.monotonic()
    with up(folder, program) as ask:
        wait(lambda: Path(f"{program}.asked").exists(), folder / "up.log")
        assert ask("/models/flights/label-requests")["counts"] == {"open": ASKED}
        began = time.monotonic()
    assert time.monotonic() - began < 25  # before the supervisor would have killed it
