"""`watchkeeper up` as a user starts it: real processes behind one port."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from watchkeeper.supervisor.lock import read_pid


class Up:
    """A running `watchkeeper up`."""

    def __init__(self, data_dir: Path, *options: str, environment: Mapping[str, str] | None = None) -> None:
        self.data_dir = data_dir
        self.log = data_dir / f"up-{time.monotonic_ns()}.log"
        command = [sys.executable, "-m", "watchkeeper", "up", "--port", "0", "--data-dir", str(data_dir)]
        command += options
        around = {**os.environ, **(environment or {})}
        # Restarts are part of some tests: let compiled modules be kept, wherever the tests run.
        around.pop("PYTHONDONTWRITEBYTECODE", None)
        around["PYTHONPYCACHEPREFIX"] = str(data_dir / "pycache")
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=around)
        wait(lambda: "Ctrl-C stops it" in self.text() or self.process.poll() is not None, 60, self.text)
        self.address = re.findall(r"is up: (http://\S+)", self.text())[-1]

    def text(self) -> str:
        return self.log.read_text()

    def pid(self, name: str) -> int | None:
        return read_pid(self.data_dir / "run" / f"{name}.pid")

    def kill(self, name: str) -> int:
        pid = self.pid(name)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        return pid

    def get(self, path: str) -> str:
        with urllib.request.urlopen(self.address + path, timeout=30) as answer:
            return str(answer.read().decode())

    def metric(self, name: str) -> float:
        """The sum of a metric's samples."""
        lines = [line for line in self.get("/metrics").splitlines() if re.match(rf"{name}[{{ ]", line)]
        return sum(float(line.rpartition(" ")[2]) for line in lines)

    def post(self, path: str, body: bytes, **headers: str) -> tuple[int, dict[str, Any]]:
        sent = {"content-type": "application/json"} | {name.replace("_", "-"): said for name, said in headers.items()}
        request = urllib.request.Request(self.address + path, body, sent)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def infer(self, model: str, body: bytes) -> str:
        """One request for predictions; its prediction ID."""
        status, answer = self.post(f"/v2/models/{model}/infer", body)
        assert status == 200, answer
        return str(answer["parameters"]["prediction_id"])

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(40)


def wait(condition: Callable[[], bool], seconds: float, tell: Callable[[], object] = lambda: "") -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, tell()
        time.sleep(0.05)
