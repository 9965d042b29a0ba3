"""The labelled reference is read back from its blob, or is not there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.helpers import labelled
from tests.helpers.watching import watched_store
from watchkeeper.events.errors import Unavailable
from watchkeeper.performance.layout import layout_for
from watchkeeper.performance.reference_performance import ReferencePerformance
from watchkeeper.store.reference_performance import reference_performance


def test_it_is_read_back_and_damage_is_told(tmp_path: Path) -> None:
    store = watched_store(tmp_path)
    assert reference_performance(store, store.versions.version("flights", "1")) is None
    layout = layout_for("binary", ("0", "1"))
    counts = layout.tally(labelled.binary_pairs(*labelled.binary_data(n=50))).counts[None]
    made = ReferencePerformance.of(layout, np.zeros(1, np.int64), counts)
    revision, digest = store.versions.revision(), store.blobs.write(made.to_bytes())
    kept = store.versions.learn("flights", "1", digest)
    assert kept == store.versions.version("flights", "1")
    assert store.versions.revision() > revision
    found = reference_performance(store, kept)
    assert found is not None
    assert np.array_equal(found.counts, counts)
    store.blobs.path(digest).write_bytes(b"damaged")
    with pytest.raises(Unavailable, match="damaged"):
        reference_performance(store, kept)
    store.close()
