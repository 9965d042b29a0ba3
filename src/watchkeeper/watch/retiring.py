"""Versions that answer no more: nothing new is said of them, and their open alerts end.

A version is out of service once another is live and none of its rows came for a whole window. A canary, a shadow and a
version that is still called by its own address go on being judged. What labels say later of a version out of service is
on its performance page; nobody has anything left to do about it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from watchkeeper.alerts.alert import Alert
from watchkeeper.alerts.retire import retire
from watchkeeper.alerts.table import State
from watchkeeper.store.store import Store
from watchkeeper.store.windows import Stream
from watchkeeper.watch.cadence import rests
from watchkeeper.watch.registry import Registry
from watchkeeper.watch.telling import write_changes

EVERY_SECONDS = 30.0
_OPEN = tuple(state for state in State if state.is_open)


def out_of_service(store: Store, registry: Registry, of: tuple[str, str], stream: Stream | None) -> bool:
    """Whether `of` (model, version) answers no more, as far as the model's `stream` has come."""
    settings = registry.settings(of[0])
    newest = store.windows.newest(*of)
    if settings is None or stream is None or newest is None or store.versions.live_version(of[0]).version == of[1]:
        return False
    return newest + settings.window_seconds + settings.lateness_seconds <= stream.newest_event


class Retiring:
    """Ends alerts of versions that are out of service. `targets` are where every notice goes."""

    def __init__(
        self,
        store: Store,
        registry: Registry,
        *,
        targets: Sequence[str] = ("log",),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store, self._registry, self._targets, self._clock = store, registry, tuple(targets), clock
        self._last = float("-inf")

    def due(self) -> int:
        """End what is to end, twice a minute; how many alerts."""
        now = self._clock()
        if rests(self._last, now, EVERY_SECONDS):
            return 0
        self._last = now
        return self.run()

    def run(self) -> int:
        """End what is to end, now; how many alerts."""
        streams = self._store.windows.streams()
        by_version: dict[tuple[str, str], list[Alert]] = {}
        for alert in self._store.alerts.find(states=_OPEN):
            by_version.setdefault((alert.model, alert.version), []).append(alert)
        gone = [of for of in by_version if out_of_service(self._store, self._registry, of, streams.get(of[0]))]
        for of in gone:
            self._end(of, by_version[of])
        return sum(len(by_version[of]) for of in gone)

    def _end(self, of: tuple[str, str], alerts: list[Alert]) -> None:
        store, now, changed = self._store, self._clock(), retire(alerts)
        with store.begin():
            write_changes(store, changed, targets=self._targets, now=now, reason=f"version {of[1]} answers no more")
