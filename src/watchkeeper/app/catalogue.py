"""From the store's registry to the catalogue that a gateway serves, read anew when the registry's revision changes.

A version is loaded once: versions never change, so what is loaded is kept for as long as it is served. One that cannot
be loaded becomes a problem of the catalogue, with its reason, and the others are served all the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from watchkeeper.events.errors import WatchkeeperError
from watchkeeper.gateway.catalogue import Catalogue, ServedModel, ServedVersion
from watchkeeper.gateway.limits import Limits
from watchkeeper.models.runtimes import load_predictor
from watchkeeper.models.task import ModelSpec, Task, classes_of
from watchkeeper.store.store import Store
from watchkeeper.store.versions import Model, Version

_log = logging.getLogger(__name__)


class CatalogueReader:
    """Call it to look once: `publish` gets a new catalogue when the registry has changed."""

    def __init__(self, store: Store, limits: Limits, publish: Callable[[Catalogue], None]) -> None:
        self._store, self._limits, self._publish = store, limits, publish
        self._revision: int | None = None
        self._loaded: dict[tuple[str, str], ServedVersion] = {}

    def __call__(self) -> None:
        """Look at the revision, and publish a new catalogue if it moved."""
        revision = self._store.versions.revision()
        if revision == self._revision:
            return
        models = [self._served(model) for model in self._store.versions.models()]
        kept = {(model.name, name) for model in models for name in model.versions}
        self._loaded = {key: served for key, served in self._loaded.items() if key in kept}
        self._publish(Catalogue(models={model.name: model for model in models}, revision=revision))
        self._revision = revision
        _log.info("Serving %d models at revision %d", len(models), revision)

    def _served(self, model: Model) -> ServedModel:
        versions: dict[str, ServedVersion] = {}
        problems: dict[str, str] = {}
        for version in self._store.versions.versions(model.name):
            try:
                versions[version.version] = self._load(version)
            except WatchkeeperError as error:
                problems[version.version] = str(error)
                _log.error("Version %s of %s cannot be served: %s", version.version, model.name, error)
            except Exception as error:  # noqa: BLE001 - a runtime may raise anything; the other models are served
                problems[version.version] = f"The {version.runtime} runtime failed to load it ({type(error).__name__})."
                _log.exception("Version %s of %s cannot be loaded", version.version, model.name)
        live = self._store.versions.live_version(model.name).version if versions or problems else None
        return ServedModel(name=model.name, live=live, versions=versions, problems=problems)

    def _load(self, version: Version) -> ServedVersion:
        key = (version.model, version.version)
        if key not in self._loaded:
            self._loaded[key] = load_version(self._store, version, self._limits)
        return self._loaded[key]


def load_version(store: Store, version: Version, limits: Limits) -> ServedVersion:
    """A registered version, its artifact verified and loaded. Raises WatchkeeperError saying why it cannot be."""
    task = Task(version.task)
    spec = ModelSpec(task=task, features=version.schema.features, classes=classes_of(version.schema.outputs))
    data = store.blobs.read(version.artifact_digest)
    trusted = bool(version.options.get("trusted"))
    predictor = load_predictor(version.runtime, data, version.artifact_digest, spec, trust=trusted)
    return ServedVersion(
        model=version.model,
        version=version.version,
        task=task,
        schema=version.schema,
        predictor=predictor,
        platform=version.runtime,
        limits=limits,
    )
