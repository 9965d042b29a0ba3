"""What every resource needs, handed in once; and the references of versions, which never change, kept in memory."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Annotated, NamedTuple, TypeVar, cast

from fastapi import Depends, Request

from watchkeeper.events.errors import Unavailable, WatchkeeperError
from watchkeeper.journal.protocol import Journal
from watchkeeper.reference.reference import Reference
from watchkeeper.store.store import Store
from watchkeeper.store.versions import Version
from watchkeeper.tallies.binning import LATENCY, STATUS, Binning
from watchkeeper.tallies.numeric import NumericBins

_REFERENCES_KEPT = 64
T = TypeVar("T")


class ServiceCells(NamedTuple):
    """The cells of status and of latency in a tally of `size` cells, and how to read the latter."""

    status: slice
    latency: slice
    bins: NumericBins
    size: int


class Context:
    """`now` gives Unix seconds. `journal`, where it is given, is only asked how much waits in it."""

    def __init__(self, store: Store, *, now: Callable[[], float], journal: Journal | None = None) -> None:
        self.store, self.now, self.journal = store, now, journal
        self._references: OrderedDict[str, Reference] = OrderedDict()
        self._cells: dict[str, ServiceCells | None] = {}
        self._remembered: dict[tuple[str, ...], tuple[float, object]] = {}
        self._lock = threading.Lock()

    def version(self, model: str, version: str | None = None) -> Version:
        """The named version, or the live one; NotFound if there is none."""
        versions = self.store.versions
        versions.model(model)
        return versions.live_version(model) if version is None else versions.version(model, version)

    def reference(self, version: Version) -> Reference:
        """The compiled reference of a version. Raises Unavailable if its file is gone or damaged."""
        digest = version.reference_digest
        with self._lock:
            if digest in self._references:
                self._references.move_to_end(digest)
                return self._references[digest]
        made = Reference.from_bytes(self._blob(digest))
        with self._lock:
            self._references[digest] = made
            if len(self._references) > _REFERENCES_KEPT:
                self._references.popitem(last=False)
        return made

    def service_cells(self, digest: str) -> ServiceCells | None:
        """Where status and latency lie in the tallies of a reference; None if it cannot be read or has none.

        A few numbers each, so all are kept: scrapes of a thousand models read each reference once.
        """
        if digest not in self._cells:
            try:
                self._cells[digest] = _service_cells(Reference.from_bytes(self._blob(digest)).binning)
            except WatchkeeperError:
                return None
        return self._cells[digest]

    def remembered(self, key: tuple[str, ...], seconds: float, make: Callable[[], T]) -> T:
        """What `make` gave for `key` within the last `seconds`, else what it gives now; one entry a key is kept."""
        at, found = self._remembered.get(key, (-math.inf, None))
        if not 0 <= self.now() - at < seconds:
            found = make()
            self._remembered[key] = (self.now(), found)
        return cast("T", found)

    def latest(self, key: tuple[str, ...], revision: int, make: Callable[[], T]) -> T:
        """What `make` gave for `key` at this `revision`, else what it gives now; one entry a key is kept."""
        at, found = self._remembered.get(key, (-math.inf, None))
        if at != revision:
            found = make()
            self._remembered[key] = (revision, found)
        return cast("T", found)

    def _blob(self, digest: str) -> bytes:
        try:
            return self.store.blobs.read(digest)
        except OSError as error:
            raise Unavailable(
                "The reference of this version cannot be read.", hint="Register the version again."
            ) from error


def _service_cells(binning: Binning) -> ServiceCells | None:
    bins = binning.columns.get(LATENCY)
    if STATUS not in binning.columns or not isinstance(bins, NumericBins):
        return None
    return ServiceCells(binning.slice(STATUS), binning.slice(LATENCY), bins, binning.size)


def _of(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


Given = Annotated[Context, Depends(_of)]
"""A resource function's first parameter: FastAPI finds it, plain Python callers pass it."""
