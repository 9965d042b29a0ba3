"""Keeps a few child processes running.

Rules:
1. A child that dies is started again, at once the first time, later and later when it keeps dying (`restarts.py`).
2. A child that gave signs of life and then gives none for `hung_after` seconds is killed, and so started again.
3. A child that ends with BAD_INPUT before all have answered once is set up wrongly, which no restart helps: everything
   is ended and that status returned. Later it is a death like any other: a full disk must not end the gateway.
4. SIGTERM and SIGINT end every child in turn with SIGTERM, and after `grace` seconds with SIGKILL; a second signal
   kills at once. Children are in sessions of their own, so a Ctrl-C in the terminal reaches them through here only.
5. Each child's standard input is a pipe that nobody writes to. If the supervisor itself is killed the pipe closes, and
   the child, which watches it, ends as if it had been asked to.
"""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import msgspec

from watchkeeper.supervisor.restarts import History, RestartPolicy

BAD_INPUT = 2
_TICK = 0.05
_READY_SECONDS = 60.0


class Child(msgspec.Struct, frozen=True, kw_only=True):
    """A process to keep: its name, its command line, whether it answers yet, and file descriptors it inherits.

    `beat` is a file that it touches as long as it works; without one it cannot be seen to hang.
    """

    name: str
    command: tuple[str, ...]
    ready: Callable[[], bool]
    fds: tuple[int, ...] = ()
    beat: Path | None = None


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Something to tell whoever watches: `event` is started, ready, slow, hung, died, looping or stopping."""

    event: str
    child: str = ""
    text: str = ""


class Supervisor:
    """Runs `children` until it is told to stop. `tell` is called with everything worth knowing."""

    def __init__(
        self,
        children: Sequence[Child],
        *,
        environment: Mapping[str, str],
        tell: Callable[[Told], None],
        policy: RestartPolicy | None = None,
        grace: float = 25.0,
        hung_after: float = 120.0,
    ) -> None:
        self._children = {child.name: child for child in children}
        self._environment, self._tell = dict(environment), tell
        self._policy, self._grace, self._hung_after = policy or RestartPolicy(), grace, hung_after
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._histories: dict[str, History] = {}
        self._stops = 0
        self._was_ready = False
        self._wake = threading.Event()

    def run(self) -> int:
        """Start, keep and end the children; the exit status: 0 when asked to stop, BAD_INPUT by rule 3."""
        with self._signals():
            for child in self._children.values():
                self._start(child)
            try:
                return self._keep()
            finally:
                self._end()

    def stop(self) -> None:
        """End everything; from any thread. A second call kills."""
        self._stops += 1
        self._wake.set()

    @property
    def pids(self) -> dict[str, int]:
        """The running children's process ids."""
        return {name: process.pid for name, process in self._processes.items()}

    def _keep(self) -> int:
        waiting, began = set(self._children), time.monotonic()
        while not self._stops:
            if (status := self._reap()) is not None:
                return status
            self._kill_hung()
            self._restart()
            if waiting:
                waiting = self._still_waiting(waiting, began)
            self._wake.wait(_TICK)
        return 0

    def _still_waiting(self, waiting: set[str], began: float) -> set[str]:
        """Ask those that have not answered yet; tell once when all have, and once when it takes too long."""
        left = {name for name in waiting if not (name in self._processes and self._children[name].ready())}
        if not left:
            self._was_ready = True
            self._tell(Told(event="ready"))
        elif time.monotonic() - began > _READY_SECONDS:
            self._tell(Told(event="slow", text=f"{', '.join(sorted(left))} did not answer in {_READY_SECONDS:.0f} s"))
            return set()
        return left

    def _start(self, child: Child) -> None:
        process = subprocess.Popen(  # noqa: S603 (the command line is ours)
            child.command,
            stdin=subprocess.PIPE,
            env=self._environment,
            pass_fds=child.fds,
            start_new_session=True,
        )
        now = time.monotonic()
        history = self._histories.get(child.name)
        self._histories[child.name] = history.started(now) if history else History(started_at=now)
        self._processes[child.name] = process
        self._tell(Told(event="started", child=child.name, text=f"process {process.pid}"))

    def _reap(self) -> int | None:
        """Note the dead; BAD_INPUT if one of them cannot be helped."""
        for name, process in list(self._processes.items()):
            status = process.poll()
            if status is None:
                continue
            _close_input(process)
            del self._processes[name]
            if status == BAD_INPUT and not self._was_ready:
                self._tell(Told(event="died", child=name, text="it cannot run as it is set up; see its message"))
                return BAD_INPUT
            self._note_death(name, _manner(status))
        return None

    def _note_death(self, name: str, manner: str) -> None:
        history = self._histories[name].died(time.monotonic(), self._policy)
        self._histories[name] = history
        self._tell(Told(event="died", child=name, text=manner))
        if self._policy.is_loop(history.deaths):
            wait = self._policy.wait(history.deaths)
            text = f"it {manner} {history.deaths} times in a row; the next start is in {wait:.0f} s. Read its log"
            self._tell(Told(event="looping", child=name, text=text))

    def _kill_hung(self) -> None:
        """Rule 2. A child is not asked before it has run for that long itself: the file may be of the one before it."""
        now = time.monotonic()
        for name, process in self._processes.items():
            if now - self._histories[name].started_at < self._hung_after:
                continue
            silence = _silence(self._children[name].beat)
            if silence is not None and silence > self._hung_after:
                self._tell(Told(event="hung", child=name, text=f"it gave no sign of life for {silence:.0f} s"))
                process.kill()

    def _restart(self) -> None:
        now = time.monotonic()
        for name, history in self._histories.items():
            if history.start_at is not None and now >= history.start_at:
                self._start(self._children[name])

    def _end(self) -> None:
        """Rule 4."""
        self._tell(Told(event="stopping"))
        for process in self._processes.values():
            process.terminate()
        deadline, stops = time.monotonic() + self._grace, self._stops
        while self._alive() and time.monotonic() < deadline and self._stops <= max(stops, 1):
            self._wake.clear()
            self._wake.wait(_TICK)
        for process in self._alive():
            process.kill()
        for process in self._processes.values():
            process.wait()
            _close_input(process)

    def _alive(self) -> list[subprocess.Popen[bytes]]:
        return [process for process in self._processes.values() if process.poll() is None]

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """SIGTERM and SIGINT stop, while this runs in the main thread; elsewhere only `stop` does."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def handle(_number: int, _frame: FrameType | None) -> None:
            self.stop()

        before = {number: signal.signal(number, handle) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _silence(beat: Path | None) -> float | None:
    """Seconds since the file was touched; None where there is none, or the clock went back."""
    try:
        return None if beat is None else max(0.0, time.time() - beat.stat().st_mtime)
    except OSError:
        return None


def _close_input(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        with suppress(OSError):
            process.stdin.close()


def _manner(status: int) -> str:
    """How a process ended, in words."""
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"was killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"was killed by signal {-status}"
