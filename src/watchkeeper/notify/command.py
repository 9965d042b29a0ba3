"""Asks a program: a text to its standard input, its standard output back.

No shell. The program runs in a process group of its own, which is killed, whole, when it ends, takes too long or says
too much, and when whoever asks has to stop. It inherits no setting of Watchkeeper, for among them are secrets.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from watchkeeper.notify.sender import DeliveryError

LARGEST_ANSWER = 8 << 20
"""Bytes of an answer that are read; a longer one is refused."""

_PIECE = 1 << 16
_TURN_SECONDS = 0.1
_LAST_WORDS = 2000
_LAST_LINES = 5
_OWN = "WATCHKEEPER_"


class Stopped(Exception):
    """Whoever asked was told to stop, so the answer was not waited for."""


class Command:
    """Asks the program `words`, which has `timeout` seconds.

    `stopped` says whether to give up; `tell` takes the last lines that the program wrote to its standard error. Raises
    DeliveryError if it cannot be run, fails, takes too long or says too much; Stopped if told to stop.
    """

    def __init__(
        self,
        words: Sequence[str],
        *,
        timeout: float,
        stopped: Callable[[], bool] = lambda: False,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._words, self._timeout = tuple(words), timeout
        self._stopped, self._tell = stopped, tell

    def __call__(self, body: bytes, key: str) -> bytes:  # noqa: ARG002 (a question's key is for those who may forget)
        """What the program answers to `body`."""
        with self._start() as process:
            talk = _Talk(process, body)
            try:
                self._run(talk)
            finally:
                _kill(process)
                if talk.last_words:
                    self._tell(talk.last_words)
        if process.returncode:
            raise DeliveryError(f"The program {self._words[0]!r} {_manner(process.returncode)}.")
        return bytes(talk.answer)

    def _start(self) -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE
        environment = {name: value for name, value in os.environ.items() if not name.startswith(_OWN)}
        try:
            return subprocess.Popen(  # noqa: S603 (the administrator's own command line)
                self._words, stdin=pipe, stdout=pipe, stderr=pipe, env=environment, start_new_session=True
            )
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            raise DeliveryError(f"The program {self._words[0]!r} cannot be run: {why}.") from error

    def _run(self, talk: _Talk) -> None:
        """Until the program has ended and all it wrote is read."""
        deadline = time.monotonic() + self._timeout
        with talk:
            while talk.turn():
                if self._stopped():
                    raise Stopped
                if time.monotonic() > deadline:
                    raise DeliveryError(f"The program {self._words[0]!r} gave no answer within {self._timeout:g} s.")
                if len(talk.answer) > LARGEST_ANSWER:
                    size = LARGEST_ANSWER >> 20
                    raise DeliveryError(f"The program {self._words[0]!r} answered with more than {size} MiB.")


class _Talk:
    """The three pipes of a program, none of which blocks."""

    def __init__(self, process: subprocess.Popen[bytes], body: bytes) -> None:
        self._process, self._unsaid = process, memoryview(body)
        self._pipes = selectors.DefaultSelector()
        self._ended = False
        self.answer, self._errors = bytearray(), bytearray()

    def __enter__(self) -> _Talk:
        process = self._process
        for pipe, event, turn in (
            (process.stdin, selectors.EVENT_WRITE, self._write),
            (process.stdout, selectors.EVENT_READ, self._read_answer),
            (process.stderr, selectors.EVENT_READ, self._read_errors),
        ):
            if pipe is not None:
                os.set_blocking(pipe.fileno(), False)
                self._pipes.register(pipe, event, turn)
        return self

    def __exit__(self, *_: object) -> None:
        self._pipes.close()

    @property
    def last_words(self) -> str:
        """The last lines on standard error."""
        return "\n".join(self._errors.decode("utf-8", "replace").strip().splitlines()[-_LAST_LINES:])

    def turn(self) -> bool:
        """Move what can be moved; whether there is more to come."""
        if not self._ended and _has_ended(self._process):
            self._ended = True
            _kill(self._process)  # what it started and left running would keep its pipes open
        if not self._pipes.get_map():
            time.sleep(0 if self._ended else _TURN_SECONDS / 10)
            return not self._ended
        for key, _ in self._pipes.select(_TURN_SECONDS):
            if not key.data(key.fd):
                self._pipes.unregister(key.fileobj)
                with suppress(OSError):
                    key.fileobj.close()  # type: ignore[union-attr]
        return True

    def _write(self, descriptor: int) -> bool:
        try:
            self._unsaid = self._unsaid[os.write(descriptor, self._unsaid[:_PIECE]) :]
        except BrokenPipeError:  # it does not listen: what it answers tells whether that was right
            return False
        return len(self._unsaid) > 0

    def _read_answer(self, descriptor: int) -> bool:
        piece = os.read(descriptor, _PIECE)
        self.answer += piece
        return bool(piece)

    def _read_errors(self, descriptor: int) -> bool:
        piece = os.read(descriptor, _PIECE)
        self._errors = (self._errors + piece)[-_LAST_WORDS:]
        return bool(piece)


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether it has, without taking its status: until then its number, and its group's, cannot become another's."""
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def _manner(status: int) -> str:
    return f"ended with status {status}" if status > 0 else f"was ended by signal {-status}"
