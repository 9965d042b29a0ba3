"""Examples in the docs run. A fenced block is run if its info string says so:

    ```bash test                 run with bash -eu; it must succeed
    ```bash test exit=1          it must end with this status
    ```bash test background      it is left running until the page is done; the next block waits until it serves
    ```python test               run with Python
    ```toml file=NAME            written to NAME, and `python file=NAME` and the like

The blocks of one page share an empty directory and run in order. Port 8080 becomes a free one.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import Block, blocks, name, pages
from watchkeeper.config import load_settings

RUNS = {"bash": ["bash", "-eu", "-o", "pipefail", "-c"], "python": [sys.executable, "-W", "error", "-c"]}
READY_WITHIN = 30.0


def is_example(block: Block) -> bool:
    return "test" in block.words or option(block, "file") is not None


def option(block: Block, key: str) -> str | None:
    return next((word.partition("=")[2] for word in block.words if word.startswith(f"{key}=")), None)


def is_settings(block: Block) -> bool:
    return option(block, "file") == "watchkeeper.toml"


EXAMPLES = [page for page in pages() if any(is_example(block) for block in blocks(page))]


def test_there_are_examples() -> None:
    assert EXAMPLES


@pytest.mark.e2e
@pytest.mark.timeout(180)
@pytest.mark.parametrize("page", EXAMPLES, ids=name)
def test_examples_of_a_page(page: Path, tmp_path: Path) -> None:
    with Runner(tmp_path) as runner:
        for block in blocks(page):
            if is_example(block):
                runner.run(block, f"{name(page)}:{block.line}")


class Runner:
    """Runs the blocks of one page in one directory and ends what they left running."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port = free_port()
        self.background: list[subprocess.Popen[bytes]] = []
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.environ = {**os.environ, "PATH": path, "NO_COLOR": "1"}

    def __enter__(self) -> Runner:
        return self

    def __exit__(self, *exception: object) -> None:
        for process in self.background:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(15)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

    def run(self, block: Block, place: str) -> None:
        text = block.text.replace(":8080", f":{self.port}").replace(
            "watchkeeper up", f"watchkeeper up --port {self.port}"
        )
        if file := option(block, "file"):
            (self.directory / file).write_text(text)
        elif "background" in block.words:
            self.start(block, text, place)
        else:
            self.finish(block, text, place)

    def finish(self, block: Block, text: str, place: str) -> None:
        done = subprocess.run(
            [*RUNS[block.language], text],
            cwd=self.directory,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        wanted = int(option(block, "exit") or 0)
        assert done.returncode == wanted, f"{place} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"

    def start(self, block: Block, text: str, place: str) -> None:
        log = self.directory / "background.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*RUNS[block.language], text],
                cwd=self.directory,
                env=self.environ,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.background.append(process)
        for _ in range(int(READY_WITHIN / 0.1)):
            if process.poll() is not None or self.serves():
                break
            time.sleep(0.1)
        assert process.poll() is None, f"{place} ended:\n{log.read_text()}"
        assert self.serves(), f"{place} does not serve:\n{log.read_text()}"

    def serves(self) -> bool:
        """Whether both the gateway and, behind it, the console answer."""
        try:
            for path in ("/v2/health/ready", "/"):
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=2).close()
        except (urllib.error.URLError, OSError):
            return False
        return True


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.mark.parametrize(
    "page", [page for page in pages() if any(is_settings(block) for block in blocks(page))], ids=name
)
def test_settings_files_in_the_docs_are_valid(page: Path, tmp_path: Path) -> None:
    for block in filter(is_settings, blocks(page)):
        file = tmp_path / "watchkeeper.toml"
        file.write_text(block.text)
        load_settings(file=file)


def unmarked_commands() -> Iterator[str]:
    """Blocks of commands that no test runs: each must say that it is only for reading, as `console`."""
    for page in pages():
        for block in blocks(page):
            if block.language in RUNS and not is_example(block) and "no-test" not in block.words:
                yield f"{name(page)}:{block.line}"


def test_every_block_of_commands_runs_or_says_that_it_does_not() -> None:
    assert list(unmarked_commands()) == []
