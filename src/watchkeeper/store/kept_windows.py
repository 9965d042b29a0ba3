"""Windows with what labels say of them, of any source, read again only where a label has come since.

Of each window the caller keeps what `reduce` makes of it, with its revision. So whoever looks at thousands of versions
every minute reads the last windows of each, and not the last months.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from watchkeeper.performance.delays import DelayLayout
from watchkeeper.performance.layout import Layout
from watchkeeper.store.buckets import Source
from watchkeeper.store.performance import read_layouts
from watchkeeper.store.scored_windows import ScoredWindow, revisions, scored_windows
from watchkeeper.store.store import Store

T = TypeVar("T")
Reduce = Callable[[Layout, DelayLayout, ScoredWindow], T]


class KeptWindows(Generic[T]):
    """Keeps of every source what `reduce` makes of its newest `most` windows."""

    def __init__(self, store: Store, reduce: Reduce[T], most: int) -> None:
        self._store, self._reduce, self._most = store, reduce, most
        self._kept: dict[Source, dict[int, tuple[int, T]]] = {}

    def read(self, source: Source, span: tuple[int, int], width: int) -> dict[int, T]:
        """What labels say of each window of `width` seconds that starts in `span`, by time; without empty ones."""
        kept = self._kept.setdefault(source, {})
        with self._store.read() as connection:
            now = revisions(connection, source, span, width)
            stale = [start for start, revision in now.items() if start not in kept or kept[start][0] != revision]
            text = self._store.performance.layout(source.model, source.version) if stale else None
            if text is not None:
                layout, delays = read_layouts(text)
                for start, window in scored_windows(connection, source, stale, width).items():
                    kept[start] = window.revision, self._reduce(layout, delays, window)
        oldest = span[1] - self._most * width
        for start in [start for start in kept if start < oldest or (start not in now and span[0] <= start < span[1])]:
            del kept[start]
        return {start: kept[start][1] for start in sorted(now) if start in kept}

    def forget(self, sources: Mapping[Source, object]) -> None:
        """Keep what is known of these sources only."""
        self._kept = {source: kept for source, kept in self._kept.items() if source in sources}
