"""The labelled reference of a version, read from its blob."""

from __future__ import annotations

from watchkeeper.performance.reference_performance import ReferencePerformance
from watchkeeper.store.store import Store
from watchkeeper.store.versions import Version


def reference_performance(store: Store, version: Version) -> ReferencePerformance | None:
    """What was counted of the labelled reference of `version`; None where its reference came without a truth.

    Raises NotFound or Unavailable where it is no longer to be read.
    """
    digest = version.performance_digest
    return None if digest is None else ReferencePerformance.from_bytes(store.blobs.read(digest))
