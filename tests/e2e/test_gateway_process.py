"""The gateway as a process: what it acknowledged survives `kill -9`, and SIGTERM loses nothing and ends with 0."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.helpers.serving import infer_json
from watchkeeper.events.arrow import decode_batch
from watchkeeper.journal.sqlite import SqliteJournal

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).parents[2]
PATH = "/v2/models/m/infer"


@contextmanager
def process(folder: Path, mode: str = "fast") -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A gateway process and its URL; killed at the end if it still runs."""
    command = [sys.executable, "-m", "tests.helpers.gateway_process", str(folder), mode]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            url = f"http://127.0.0.1:{running.stdout.readline().strip()}"
            with httpx.Client(transport=httpx.HTTPTransport(retries=5)) as client:
                assert client.get(f"{url}/v2/health/ready", timeout=20).status_code == 200
            yield running, url
        finally:
            running.kill()


def recorded_ids(folder: Path) -> list[str]:
    """Every prediction ID in the journal, in order."""
    journal = SqliteJournal(folder / "journal.db")
    try:
        entries = journal.read(0, 1 << 30, 1 << 40)
    finally:
        journal.close()
    batches = [decode_batch(entry.payload) for entry in entries if entry.kind == "inference"]
    return [found for batch in batches for found in batch["prediction_id"].to_pylist()]


def send(url: str, requests: int) -> list[str]:
    """Send one-row requests over one connection until the server goes away; the acknowledged prediction IDs."""
    found: list[str] = []
    with httpx.Client(base_url=url, timeout=10) as client:
        for index in range(requests):
            try:
                answer = client.post(PATH, content=infer_json([[index, 1]]))
            except httpx.TransportError:
                break
            if answer.status_code == 200:
                found.append(answer.headers["prediction-id"])
    return found


def test_sigterm_under_load_loses_nothing_and_ends_with_0(tmp_path: Path) -> None:
    with process(tmp_path) as (running, url), ThreadPoolExecutor(4) as pool:
        sending = [pool.submit(send, url, 10_000) for _ in range(4)]
        while len(send(url, 20)) < 20:
            pass
        running.send_signal(signal.SIGTERM)
        assert running.wait(15) == 0
        acknowledged = [found for future in sending for found in future.result()]
    recorded = recorded_ids(tmp_path)
    assert len(acknowledged) > 20
    assert set(acknowledged) <= set(recorded)
    assert len(set(recorded)) == len(recorded)


def test_durable_means_that_kill_9_loses_nothing_acknowledged(tmp_path: Path) -> None:
    with process(tmp_path, "durable") as (running, url), ThreadPoolExecutor(4) as pool:
        sending = [pool.submit(send, url, 10_000) for _ in range(4)]
        while len(send(url, 20)) < 20:
            pass
        running.kill()
        acknowledged = [found for future in sending for found in future.result()]
    recorded = recorded_ids(tmp_path)
    assert len(acknowledged) > 20
    assert set(acknowledged) <= set(recorded)
    assert len(set(recorded)) == len(recorded)


def test_fast_loses_at_most_the_last_moment_to_kill_9(tmp_path: Path) -> None:
    with process(tmp_path) as (running, url):
        first = send(url, 50)
        asyncio.run(asyncio.sleep(0.5))
        running.kill()
    assert set(first) <= set(recorded_ids(tmp_path)), "what is older than 50 ms is on disk"


def test_everything_is_spoken_over_real_http(tmp_path: Path) -> None:
    with process(tmp_path) as (_, url), httpx.Client(base_url=url) as client:
        assert client.get("/v2").json()["name"] == "watchkeeper"
        assert client.head("/v2/health/live").status_code == 200
        assert client.get("/v2/models/mixed").json()["inputs"][1]["datatype"] == "BYTES"
        assert client.post("/v2/repository/index").json()[0]["state"] == "READY"
        many = client.post(PATH, content=infer_json([[index, 1] for index in range(500)]))
        assert len(many.json()["outputs"][0]["data"]) == 500
        down = client.get("/models/m")
        assert (down.status_code, list(down.json())) == (503, ["error"])


def test_a_chunked_body_is_read(tmp_path: Path) -> None:
    body = infer_json([[1, 2]])
    with process(tmp_path) as (_, url):
        answer = httpx.post(url + PATH, content=iter([body[:10], body[10:]]))
    assert answer.status_code == 200
