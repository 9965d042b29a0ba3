"""How well many models do, read from their totals."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.scored import label
from tests.helpers.watching import START, watched_store
from watchkeeper.api.context import Context
from watchkeeper.api.performance import performance
from watchkeeper.api.so_far import Listed, performance_so_far
from watchkeeper.store.performance import Performance


def test_it_is_the_main_metric_of_all_labels_and_read_again_when_they_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = watched_store(tmp_path)
    asked = [Listed("flights", "1", "binary"), Listed("nobody", "1", "binary")]
    context = Context(store, now=lambda: float(START))
    assert performance_so_far(context, asked) == {}
    label(store, 0, 0.1)
    label(store, 1, 0.3)
    found = performance_so_far(context, asked)
    told = performance(context, "flights", start=str(START), end=str(START + 2 * 86_400))
    assert found == {"flights": told.total["roc_auc"]}
    with monkeypatch.context() as without:
        without.delattr(Performance, "total")
        assert performance_so_far(context, asked) == found
    label(store, 2, 0.5)
    assert performance_so_far(context, asked)["flights"].n == 360
    store.close()
