"""How often the worker has begun with the entries after a position, remembered across its own sudden death.

An entry that makes Python raise becomes a dead letter at once. One that kills the process (a crash in native code) is
met again by the next worker: after two deaths at a position it takes entries one at a time, and after `LIMIT` deaths at
one entry it puts that entry on trial in another process (trial.py). A death by itself says nothing of its cause:
somebody may be killing the worker, and then its entries are as good as any.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

LIMIT = 5
ALONE_AFTER = 2


class Attempts:
    """A line in a file, `position tries`. It need not survive a power cut, so it is never synced."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._position, self._tries = _read(path)

    def begin(self, position: int) -> int:
        """Work on the entries after `position` begins; how often it had begun before without an end."""
        self._tries = self._tries + 1 if position == self._position else 1
        self._position = position
        with suppress(OSError):  # a full disk is the worker's to wait out; it must not die of the count of its deaths
            self._path.write_text(f"{position} {self._tries}")
        return self._tries - 1

    def end(self) -> None:
        """The work came to an end, good or bad: the process lives."""
        self._tries = 0


def _read(path: Path) -> tuple[int, int]:
    try:
        position, tries = path.read_text().split()
        return int(position), int(tries)
    except (OSError, ValueError):
        return -1, 0
