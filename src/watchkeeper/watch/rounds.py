"""When a pass over versions looks at which of them: at all when it is due, at some of them at each turn."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping

from watchkeeper.store.buckets import Source
from watchkeeper.store.store import Store
from watchkeeper.store.windows import Stream
from watchkeeper.watch.cadence import Cadence
from watchkeeper.watch.line import Line
from watchkeeper.watch.registry import Registry
from watchkeeper.watch.retiring import out_of_service

WORK_SECONDS = 1.0
"""A pass works about so long at a turn: rows wait."""


class Rounds:
    """`sources` gives all there is to look at; `judge` looks at one, and says how many windows it judged."""

    def __init__(
        self,
        store: Store,
        registry: Registry,
        clock: Callable[[], float],
        *,
        sources: Callable[[], Iterable[Source]],
        judge: Callable[[Source, Stream], int],
    ) -> None:
        self._store, self._registry, self._clock = store, registry, clock
        self._sources, self._judge = sources, judge
        self._cadence, self._line = Cadence(registry), Line[Source]()

    @property
    def waiting(self) -> int:
        """How many are still to be looked at."""
        return len(self._line)

    def due(self) -> int:
        """All are lined up every five minutes or ten windows of a replay; some are looked at; how many windows."""
        now, streams = self._clock(), self._store.windows.streams()
        if self._cadence.due(streams, now):
            self._line.line_up(self._sources())
        return self._work(streams, now + WORK_SECONDS)

    def run(self) -> int:
        """All are looked at, now; how many windows."""
        self._line.line_up(self._sources())
        return self._work(self._store.windows.streams(), math.inf)

    def _work(self, streams: Mapping[str, Stream], until: float) -> int:
        some = self._line.take(until, self._clock)
        return sum(self._judge(source, streams[source.model]) for source in some if self._answers(source, streams))

    def _answers(self, source: Source, streams: Mapping[str, Stream]) -> bool:
        """Whether there is a stream, and the version is in service: of others nothing new is said."""
        stream = streams.get(source.model)
        of = source.model, source.version
        return stream is not None and not out_of_service(self._store, self._registry, of, stream)
