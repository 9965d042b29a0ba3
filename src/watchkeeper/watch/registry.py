"""What the worker knows of each version: its schema, its bins and its model's settings, read anew when they change."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

from watchkeeper.events.errors import NotFound
from watchkeeper.performance.reference_performance import ReferencePerformance
from watchkeeper.reference.reference import Reference
from watchkeeper.schema.schema import Schema
from watchkeeper.store.reference_performance import reference_performance
from watchkeeper.store.store import Store
from watchkeeper.store.versions import ModelSettings
from watchkeeper.tallies.binning import Binning

_REFERENCES = 1  # with its blocks, one may hold 50 MB
_PERFORMANCES = 4  # packed, one holds a few MB; unpacked, 64 at most for what is counted and for what was said


class Watched(NamedTuple):
    """How rows of one version are checked and counted: by its reference, which was redacted as the rows are."""

    schema: Schema
    binning: Binning
    settings: ModelSettings


class Registry:
    """Schemas and bins stay in memory (kilobytes each); of whole references, with their time blocks, only a few do.

    `revision` is another one after each refresh that found something new.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.revision = -1
        self._watched: dict[tuple[str, str], Watched] = {}
        self._settings: dict[str, ModelSettings] = {}
        self._references: OrderedDict[str, Reference] = OrderedDict()
        self._performances: OrderedDict[tuple[str, str], ReferencePerformance | None] = OrderedDict()

    def refresh(self) -> None:
        """Forget what a registration or a change of settings made old."""
        revision = self._store.versions.revision()
        if revision != self.revision:
            self.revision = revision
            self._performances.clear()
            self._settings = {model.name: model.settings for model in self._store.versions.models()}
            self._watched = {
                key: known._replace(settings=self._settings[key[0]]) for key, known in self._watched.items()
            }

    def settings(self, model: str) -> ModelSettings | None:
        """The settings of a model, None if it is not registered."""
        return self._settings.get(model)

    def watched(self, model: str, version: str) -> Watched | None:
        """How to check and count rows of this version, None if it is not registered."""
        known = self._watched.get((model, version))
        if known is None and model in self._settings:
            known = self._load(model, version)
        return known

    def reference(self, model: str, version: str) -> Reference:
        """The whole reference of a version."""
        digest = self._store.versions.version(model, version).reference_digest
        if digest not in self._references:
            self._references[digest] = Reference.from_bytes(self._store.blobs.read(digest))
        self._references.move_to_end(digest)
        while len(self._references) > _REFERENCES:
            self._references.popitem(last=False)
        return self._references[digest]

    def performance(self, model: str, version: str) -> ReferencePerformance | None:
        """What was counted of the labelled reference of a version; None where it has no truth, or is not registered."""
        key = (model, version)
        if key not in self._performances:
            try:
                found = reference_performance(self._store, self._store.versions.version(model, version))
            except NotFound:
                found = None
            self._performances[key] = found
        self._performances.move_to_end(key)
        while len(self._performances) > _PERFORMANCES:
            self._performances.popitem(last=False)
        return self._performances[key]

    def _load(self, model: str, version: str) -> Watched | None:
        try:
            reference = self.reference(model, version)
        except NotFound:
            return None
        known = Watched(reference.schema, reference.binning, self._settings[model])
        self._watched[model, version] = known
        return known
