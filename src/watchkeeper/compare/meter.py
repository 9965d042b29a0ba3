"""How much of a known amount of work is done, told to whoever watches; safe to feed from several threads."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

Progress = Callable[[str, float], None]
"""Called with a stage and the share of all work that is done (0 to 1)."""


class Meter:
    """Counts values read towards `total`."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._total = progress, max(total, 1)
        self._done = 0
        self._lock = Lock()

    def tell(self, stage: str) -> Callable[[int], None]:
        """A function to call with the number of values just read in `stage`."""

        def add(values: int) -> None:
            if self._progress is None:
                return
            with self._lock:
                self._done += values
                self._progress(stage, min(self._done / self._total, 1.0))

        return add
