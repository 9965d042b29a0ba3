"""Model servers as the gateway bench starts them: one process tree each, kept on one core, asked the same question."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import msgspec
import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler

from bench.environments import python_of, version_in

HERE = Path(__file__).parent
PEERS = HERE / "peers"
FEATURES = 30
START_SECONDS = 60.0
# Registers as on a machine without skl2onnx: the scikit-learn model is then served as it is.
UNCOMPILED = "import sys; sys.modules['skl2onnx'] = None; from watchkeeper.cli.main import main; main()"


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """How to start one server on a port, and what to send it."""

    name: str
    command: tuple[str, ...]
    body: bytes
    ready: str = "/v2/health/ready"
    path: str = "/v2/models/lr/infer"
    folder: Path | None = None
    environment: dict[str, str] = {}
    note: str = ""


def request(row: np.ndarray, *, outputs: tuple[str, ...] = ()) -> bytes:
    """A one-row V2 request of 30 numbers."""
    tensor = {"name": "input-0", "shape": [1, FEATURES], "datatype": "FP64", "data": row.tolist()}
    asked = {"outputs": [{"name": name} for name in outputs]} if outputs else {}
    return msgspec.json.encode({"inputs": [tensor], **asked})


def rows() -> np.ndarray:
    """The standardised rows that the model was fitted on, [569, 30]."""
    data, _ = load_breast_cancer(return_X_y=True)
    return StandardScaler().fit_transform(data)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(server: Server, port: int, core: int | None) -> Iterator[psutil.Process]:
    """The server, answering, pinned to `core`; its whole group is ended on exit."""
    pin = ["taskset", "-c", str(core)] if core is not None and shutil.which("taskset") else []
    command = [part.replace("{port}", str(port)) for part in server.command]
    environment = os.environ | {key: value.replace("{port}", str(port)) for key, value in server.environment.items()}
    log = (server.folder or Path.cwd()) / f"{server.name.replace(' ', '-').replace('/', '')}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*pin, *command],
            cwd=server.folder,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait(process, f"http://127.0.0.1:{port}{server.ready}", log)
            yield psutil.Process(process.pid)
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the whole group, gently first."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
            return


def cpu_seconds(process: psutil.Process) -> float:
    """User and system time of the process and its living children."""
    total = 0.0
    for member in [process, *process.children(recursive=True)]:
        times = member.cpu_times()
        total += times.user + times.system
    return total


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urlopen(url, timeout=1) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"{url} does not answer:\n{log.read_text()[-2000:]}")


def fitted(python: str | Path, folder: Path) -> Path:
    """The model file, fitted by the scikit-learn of that environment."""
    target = folder / "model.joblib"
    if not target.exists():
        subprocess.run([python, str(PEERS / "fit_logistic.py"), str(target)], check=True)
    return target


def mlserver(environments: Path, work: Path) -> Server:
    """MLServer with workers 0: it predicts in its own process."""
    python = python_of("mlserver", environments)
    folder = _folder(work, "mlserver")
    model = fitted(python, folder)
    settings = {"name": "lr", "implementation": "mlserver_sklearn.SKLearnModel", "parameters": {"uri": str(model)}}
    (folder / "model-settings.json").write_bytes(msgspec.json.encode(settings))
    ports = {"MLSERVER_HTTP_PORT": "{port}", "MLSERVER_GRPC_PORT": "0", "MLSERVER_METRICS_PORT": str(free_port())}
    quiet = {"MLSERVER_PARALLEL_WORKERS": "0", "MLSERVER_DEBUG": "false", "MLSERVER_HOST": "127.0.0.1"}
    return Server(
        name="MLServer",
        command=(str(python.parent / "mlserver"), "start", str(folder)),
        body=request(rows()[0], outputs=("predict_proba",)),
        ready="/v2/models/lr/ready",
        folder=folder,
        environment={**ports, **quiet, "MLSERVER_ENVIRONMENTS_DIR": str(folder)},
        note=f"{version_in(python, 'mlserver')}, parallel_workers 0",
    )


def kserve(environments: Path, work: Path) -> Server:
    """KServe's Python model server."""
    python = python_of("kserve", environments)
    folder = _folder(work, "kserve")
    model = fitted(python, folder)
    return Server(
        name="KServe",
        command=(str(python), str(PEERS / "kserve_server.py"), str(model), "{port}"),
        body=request(rows()[0]),
        ready="/v2/models/lr/ready",
        folder=folder,
        note=version_in(python, "kserve"),
    )


def bentoml(environments: Path, work: Path) -> Server:
    """BentoML, one worker."""
    python = python_of("bentoml", environments)
    folder = _folder(work, "bentoml")
    model = fitted(python, folder)
    serve = ("-m", "bentoml", "serve", "bentoml_service:Logistic", "--working-dir", str(PEERS), "--port", "{port}")
    return Server(
        name="BentoML",
        command=(str(python), *serve, "--host", "127.0.0.1"),
        body=request(rows()[0]),
        ready="/readyz",
        folder=folder,
        environment={"MODEL_FILE": str(model), "BENTOML_DO_NOT_TRACK": "1", "BENTOML_HOME": str(folder)},
        note=version_in(python, "bentoml"),
    )


def watchkeeper(work: Path, name: str, *, compiled: bool, capture: str) -> Server:
    """Our gateway on a data directory of its own; `capture` is fast, durable or off."""
    folder = _folder(work, f"watchkeeper-{'onnx' if compiled else 'sklearn'}-{capture}")
    model = fitted(sys.executable, folder)
    reference = folder / "reference.parquet"
    data, label = load_breast_cancer(return_X_y=True)
    columns = {f"f{place:02d}": column for place, column in enumerate(StandardScaler().fit_transform(data).T)}
    pq.write_table(pa.table({**columns, "label": label}), reference)
    register = ("register", "lr", "--version", "1", "--artifact", str(model), "--reference", str(reference))
    options = ("--task", "binary", "--target", "label", "--trust-pickle", "--data-dir", str(folder / "data"))
    base = (sys.executable, "-m", "watchkeeper")
    command = [*base, *register, *options] if compiled else [sys.executable, "-c", UNCOMPILED, *register, *options]
    subprocess.run(command, check=True, capture_output=True)
    return Server(
        name=name,
        command=(*base, "gateway", "--port", "{port}", "--data-dir", str(folder / "data")),
        body=request(rows()[0]),
        folder=folder,
        environment={"WATCHKEEPER_CAPTURE": capture},
        note=f"{'ONNX Runtime' if compiled else 'scikit-learn as it is'}, capture {capture}",
    )


def _folder(work: Path, name: str) -> Path:
    folder = work / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder
