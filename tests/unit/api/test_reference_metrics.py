"""What a version did on its labelled reference, as the API tells it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tests.helpers.own_model import registration
from tests.helpers.watching import watched_store
from watchkeeper.api.context import Context
from watchkeeper.api.models import version
from watchkeeper.api.performance import performance
from watchkeeper.api.reference_metrics import NO_TRUTH, reference_metrics
from watchkeeper.app.register import register
from watchkeeper.config import Settings


def test_metrics_of_the_reference_stand_beside_those_of_live_labels(tmp_path: Path) -> None:
    store = watched_store(tmp_path / "data")
    wanted = msgspec.structs.replace(registration(tmp_path), in_sample=True)
    kept = register(store, Settings(window=86_400), wanted, now=5.0).version
    context = Context(store, now=lambda: 9.0)
    found = reference_metrics(context, kept)
    assert (found.metrics["accuracy"].value, found.metrics["accuracy"].n) == (1.0, 600)
    assert "was trained on: it looks better" in found.note
    view = performance(context, "late")
    assert (view.reference, view.reference_note, view.total) == (found.metrics, found.note, {})
    assert version(context, "late", "v1").performance_digest == kept.performance_digest is not None
    assert performance(context, "flights").reference_note == NO_TRUTH
    store.close()


def test_a_file_that_is_gone_is_said_and_read_again_when_it_is_back(tmp_path: Path) -> None:
    store = watched_store(tmp_path / "data")
    kept = register(store, Settings(window=86_400), registration(tmp_path), now=5.0).version
    context = Context(store, now=lambda: 9.0)
    assert kept.performance_digest is not None
    path = store.blobs.path(kept.performance_digest)
    content = path.read_bytes()
    path.unlink()
    assert reference_metrics(context, kept).metrics == {}
    assert reference_metrics(context, kept).note
    path.write_bytes(content)
    assert reference_metrics(context, kept).metrics
    store.close()
