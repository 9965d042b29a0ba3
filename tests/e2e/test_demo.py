"""The main job, whole: the demo as a user runs it, on real input, against the live server."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import jsonschema
import psutil
import pytest

from watchkeeper.demo.breaks import BREAKS, CONTROL_DAYS
from watchkeeper.demo.server import HOST

SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "schemas" / "demo-1.json"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def processes_on(folder: Path) -> list[str]:
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if str(folder) in line and "pytest" not in line:
            found.append(line)
    return found


@pytest.mark.e2e
@pytest.mark.timeout(600)
def test_demo_finds_every_planted_break_and_nothing_in_the_control_weeks(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    command = [sys.executable, "-m", "watchkeeper", "demo", "--once", "--json"]
    options = ["--port", str(free_port()), "--data-dir", str(folder)]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    result = json.loads(done.stdout)
    jsonschema.validate(result, json.loads(SCHEMA.read_text()))
    assert result["schema"] == "watchkeeper.demo/1"
    assert result["passed"] is True
    assert [planted["feature"] in planted["found"]["features"] for planted in result["planted"]] == [True] * len(BREAKS)
    assert all(0 < planted["delay_days"] <= 2 for planted in result["planted"])
    assert result["control"]["alarms"] == []
    assert result["control"]["windows"] == CONTROL_DAYS
    counts = result["counts"]
    assert counts["predictions"] == counts["predictions_recorded"] == 256_089
    assert counts["labels"] == counts["labels_recorded"] == counts["predictions"] - 5_612 - 940
    assert counts["lost"] == 0
    assert processes_on(folder) == []


@pytest.mark.e2e
def test_demo_says_when_its_port_is_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "watchkeeper", "demo", "--once", "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert port in done.stderr
    assert "Traceback" not in done.stderr
