"""A user's own model, from `register` through `up` to an alert: real processes, real sockets, real kills."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.helpers.own_model import DAY, START, infer_body, registration
from tests.helpers.up import Up, wait
from tests.unit.notify.receiver import Receiver, receiver
from watchkeeper.app.register import register
from watchkeeper.config import Settings
from watchkeeper.notify.signature import verify
from watchkeeper.store.store import open_store

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]
SECRET = "a secret of the receiver"
PROCESSES = ("gateway", "watch", "console")


@pytest.fixture(scope="module")
def hook() -> Iterator[Receiver]:
    with receiver(500, 200) as server:
        yield server


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("up")
    store = open_store(folder / "data")
    register(store, Settings(window=DAY, bucket=3600, lateness=0), registration(folder), now=time.time())
    store.close()
    return folder / "data"


@pytest.fixture(scope="module")
def up(data_dir: Path, hook: Receiver) -> Iterator[Up]:
    running = Up(data_dir, "--webhook-url", hook.url, environment={"WATCHKEEPER_WEBHOOK_SECRET": SECRET})
    yield running
    running.close()


def test_the_greeting_s_line_is_answered(up: Up) -> None:
    line = next(line for line in up.text().splitlines() if line.strip().startswith("curl"))
    words = shlex.split(line)
    status, answer = up.post(words[2].removeprefix(up.address), words[4].encode())
    assert status == 200
    assert {output["name"] for output in answer["outputs"]} == {"label", "probability"}


def test_predictions_and_labels_are_counted(up: Up) -> None:
    before = up.metric("watchkeeper_inferences_total")
    ids = [up.infer("late", infer_body()) for _ in range(20)]
    labels = [{"prediction_id": prediction_id, "label": 1} for prediction_id in ids]
    status, answer = up.post("/v2/models/late/feedback", json.dumps({"feedback": labels}).encode())
    assert (status, answer) == (200, {"accepted": 20, "durable": True})
    wait(lambda: up.metric("watchkeeper_inferences_total") >= before + 20, 10, up.text)
    wait(lambda: up.metric("watchkeeper_feedback_total") >= 20, 10, up.text)
    assert up.metric("watchkeeper_capture_dropped_total") == 0
    joined = json.loads(up.get("/api/v1/models/late/performance"))
    assert joined["total"]["accuracy"]["n"] == 20


@pytest.mark.parametrize("path", ["/", "/models/late", "/alerts", "/api/v1/models", "/api/v1/openapi.json", "/v2"])
def test_one_port_shows_everything(up: Up, path: str) -> None:
    assert len(up.get(path)) > 20


@pytest.mark.parametrize("name", PROCESSES)
def test_a_killed_process_comes_back_and_predictions_go_on(up: Up, name: str) -> None:
    up.infer("late", infer_body())
    time.sleep(0.2)  # memory mode: what was answered in the last 50 ms may die with the gateway
    gone = up.kill(name)
    began = time.monotonic()
    latencies = []
    while up.pid(name) in (None, gone) and time.monotonic() < began + 30:
        asked = time.monotonic()
        up.infer("late", infer_body())
        latencies.append(time.monotonic() - asked)
    assert up.pid(name) not in (None, gone)
    assert f"{name}: was killed by SIGKILL" in up.text()
    if name != "gateway":
        assert np.median(latencies) < 0.1


def test_after_the_kills_all_is_shown_again(up: Up) -> None:
    def shown() -> bool:
        try:
            return up.metric("watchkeeper_process_up") == len(PROCESSES)
        except urllib.error.HTTPError as error:
            if error.code != 503:
                raise
            return False

    wait(shown, 20, up.text)


def test_a_broken_feature_is_told_signed_and_once(up: Up, hook: Receiver) -> None:
    rng = np.random.default_rng(11)
    for day in range(31, 36):
        age: list[float | None] = [float(value) for value in rng.normal(20, 5, 200)]
        if day >= 33:
            age[::2] = [None] * 100
        assert up.post("/v2/models/late/infer", _day(day, age, rng.gamma(2, 5, 200)))[0] == 200
    wait(lambda: len(_firing(up)) > 0, 20, lambda: up.get("/api/v1/alerts"))
    assert len(_firing(up)) == 1, up.get("/api/v1/alerts")
    (alert,) = _firing(up)
    assert alert["features"] == ["age"]
    wait(lambda: len(hook.received) >= 2, 20, up.text)
    first, second = hook.received[:2]
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    told = json.loads(second.body)
    assert (told["schema"], told["event"], told["alert"]["features"]) == ("watchkeeper.notice/1", "firing", ["age"])
    signed = (second.headers["watchkeeper-timestamp"], second.headers["watchkeeper-signature"])
    assert verify(SECRET, second.headers["watchkeeper-id"], *signed, second.body, time.time())
    assert "prediction probability" in told["alert"]["consequences"]
    assert told["alert"]["title"] in up.text()


def _day(day: int, age: list[float | None], fare: Any) -> bytes:
    tensors = [
        {"name": name, "shape": [200], "datatype": "FP64", "data": list(values)}
        for name, values in (("age", age), ("fare", [float(value) for value in fare]))
    ]
    at = [START + day * DAY + 400 * row for row in range(200)]
    return json.dumps({"inputs": tensors, "parameters": {"event_time": at}}).encode()


def _firing(up: Up) -> list[dict[str, Any]]:
    return [alert for alert in json.loads(up.get("/api/v1/alerts")) if alert["state"] == "firing"]


def test_a_second_one_on_the_same_directory_is_refused(up: Up) -> None:
    command = [sys.executable, "-m", "watchkeeper", "up", "--port", "0", "--data-dir", str(up.data_dir)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert f"process {up.process.pid}" in done.stderr


def test_it_ends_in_order_and_keeps_what_it_answered(up: Up) -> None:
    before = up.metric("watchkeeper_inferences_total") + up.metric("watchkeeper_journal_lag_rows")
    answered: list[str] = []
    threads = [threading.Thread(target=lambda: answered.append(up.infer("late", infer_body()))) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pids = [up.pid(name) for name in PROCESSES]
    up.process.terminate()
    assert up.process.wait(40) == 0, up.text()
    for pid in pids:
        assert pid is not None
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    assert "Traceback" not in up.text()
    assert len(answered) == 5
    assert before > 0


def test_children_end_with_a_supervisor_that_was_killed(up: Up, hook: Receiver) -> None:
    again = Up(up.data_dir, "--webhook-url", hook.url)
    pids = [again.pid(name) for name in PROCESSES]
    assert again.metric("watchkeeper_inferences_total") > 1000
    again.process.kill()
    again.process.wait(10)
    wait(lambda: not any(_alive(pid) for pid in pids), 30, again.text)


def _alive(pid: int | None) -> bool:
    try:
        os.kill(pid or 0, 0)
    except ProcessLookupError:
        return False
    return True
