"""Does an entry kill whoever reads it? Asked of a process that may die of the answer.

A worker that has died many times at one position may have met a deadly entry (a crash in native code), or may have
been killed from outside, and then the entry is as good as any. The trial tells them apart: a process of its own does
with the entry what the worker would do, and keeps nothing. Only a death by a signal condemns; an exception is the
worker's to handle, and a trial that takes too long proves nothing.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from watchkeeper.journal.sqlite import SqliteJournal
from watchkeeper.store.store import open_store
from watchkeeper.watch.counting import count_rows
from watchkeeper.watch.registry import Registry
from watchkeeper.watch.sorting import sort_entries

TRIAL_SECONDS = 60.0
_COMMAND = (sys.executable, "-m", "watchkeeper.watch.trial")


def survives(data_dir: Path, after: int, command: Sequence[str] = _COMMAND) -> bool:
    """Whether a process lives through reading the first entry after position `after` of the journal in `data_dir`."""
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            [*command, str(data_dir), str(after)], capture_output=True, timeout=TRIAL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return True
    return done.returncode >= 0


def read_one(data_dir: Path, after: int) -> int:
    """Read, sort and count that entry as the worker would; how many rows it was."""
    store, journal = open_store(data_dir), SqliteJournal(data_dir / "journal.db")
    registry = Registry(store)
    registry.refresh()
    found = sort_entries(journal.read(after, 1)[:1], registry)
    rows = 0
    for source, batches in found.inferences.items():
        watched = registry.watched(source.model, source.version)
        if watched is not None:
            counted = count_rows(source, watched, batches)
            rows += counted.table.num_rows
            for buckets in counted.buckets():
                _ = [bucket.tally.to_bytes() for bucket in buckets]
    journal.close()
    store.close()
    return rows


if __name__ == "__main__":
    read_one(Path(sys.argv[1]), int(sys.argv[2]))
