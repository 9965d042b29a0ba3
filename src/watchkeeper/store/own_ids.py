"""Which record files hold which of the callers' own IDs, as far as they were read: a hash of each ID, by file.

The IDs have no order that files could be chosen by, and reading them all costs seconds a million. So what was read once
is remembered, as 8 bytes an ID, for the newest `MOST` rows: a file in which none of the hashes is found has none of the
IDs, and one in which some are found is read. A process that starts knows nothing and reads each file once.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

import numpy as np

from watchkeeper.store.records import RecordFile
from watchkeeper.tallies.tally import IntArray

MOST = 25_000_000


class OwnIds:
    """Hashes of own IDs by file, in memory. Safe to use from several threads."""

    def __init__(self, most: int = MOST) -> None:
        self._most, self._rows = most, 0
        self._known: dict[RecordFile, IntArray] = {}
        self._lock = Lock()

    def among(self, file: RecordFile, wanted: Sequence[str]) -> Sequence[str]:
        """Those of `wanted` that `file` may hold: all of them, where it was not read yet."""
        with self._lock:
            hashes = self._known.get(file)
        if hashes is None:
            return wanted
        if not hashes.size:
            return ()
        asked = _hashes(wanted)
        places = np.minimum(np.searchsorted(hashes, asked), hashes.size - 1)
        return [wanted[place] for place in np.flatnonzero(hashes[places] == asked).tolist()]

    def knows(self, file: RecordFile) -> bool:
        """Whether it was read."""
        with self._lock:
            return file in self._known

    def learn(self, file: RecordFile, ids: Sequence[str]) -> None:
        """`file` holds `ids` and no others; what has the oldest events is forgotten first."""
        hashes = np.unique(_hashes(ids))
        with self._lock:
            if file not in self._known:
                self._known[file] = hashes
                self._rows += hashes.size
            while self._rows > self._most:
                self._forget(min(self._known, key=lambda one: one.last_event))

    def keep_only(self, model: str, files: Sequence[RecordFile]) -> None:
        """No other files of `model` are left."""
        left = set(files)
        with self._lock:
            for file in [one for one in self._known if one.model == model and one not in left]:
                self._forget(file)

    def _forget(self, file: RecordFile) -> None:
        self._rows -= self._known.pop(file).size


def _hashes(ids: Sequence[str]) -> IntArray:
    return np.fromiter(map(hash, ids), np.int64, len(ids))
