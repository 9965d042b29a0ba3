"""The live server, as a user would start it: `watchkeeper up` in a process of its own."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from watchkeeper.events.errors import BadInput, Unavailable

HOST = "127.0.0.1"
START_SECONDS = 60.0
STOP_SECONDS = 30.0


def check_port(port: int) -> None:
    """Raise BadInput if something else listens on `port`: better now than after the training."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise BadInput(
                f"Port {port} cannot be used: {error.strerror}.", hint="Give another with --port."
            ) from error


@contextmanager
def server(data_dir: Path, port: int, model: str) -> Iterator[subprocess.Popen[bytes]]:
    """`watchkeeper up` on `data_dir`, answering for `model`; asked to stop on exit. Its log goes to DATA/server.log."""
    log = data_dir / "server.log"
    command = [sys.executable, "-m", "watchkeeper", "up", "--port", str(port), "--data-dir", str(data_dir)]
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)  # noqa: S603 (ours)
        try:
            _wait_until_ready(process, port, model, log)
            yield process
        finally:
            stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the server to stop, and end it if it does not."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, model: str, log: Path) -> None:
    pages = [f"http://{HOST}:{port}/v2/models/{model}/ready", f"http://{HOST}:{port}/"]
    deadline = time.monotonic() + START_SECONDS
    while pages and time.monotonic() < deadline and process.poll() is None:
        if _answers(pages[0]):
            del pages[0]
        else:
            time.sleep(0.1)
    if pages:
        said = " ".join(log.read_text(errors="replace").splitlines()[-3:])
        raise Unavailable(f"The server does not answer at {pages[0]}.", hint=f"It said: {said[-600:] or 'nothing'}")


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as answer:  # noqa: S310 (our own loopback address)
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
