"""The child's side of the pipe: end when whoever supervises is gone."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable


def end_with_supervisor(end: Callable[[], None] | None = None, descriptor: int | None = None) -> threading.Thread:
    """Watch standard input (or `descriptor`) from a thread of its own; at its end send this process SIGTERM."""
    watched = sys.stdin.fileno() if descriptor is None else descriptor
    finish = end or _terminate

    def watch() -> None:
        while os.read(watched, 1024):
            pass
        finish()

    thread = threading.Thread(target=watch, name="supervisor-watch", daemon=True)
    thread.start()
    return thread


def _terminate() -> None:
    os.kill(os.getpid(), signal.SIGTERM)
