"""What labels said of a year, read from the store."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.helpers.seed import DAY, NOW, START
from watchkeeper.api.context import Context
from watchkeeper.api.performance import performance
from watchkeeper.demo.realised import realised
from watchkeeper.store.store import Store, open_store


def test_months_and_carriers_add_up(store: Store) -> None:
    year = realised(store, "delays", "v7", float(START), float(START + 30 * DAY))
    whole = performance(Context(store, now=lambda: NOW), "delays")
    assert year is not None
    assert [month.name for month in year.months] == ["2013-06"]
    assert year.months[0].value == whole.total["roc_auc"].value
    assert year.labels == sum(part.labels for part in year.carriers) == whole.total["accuracy"].n
    assert year.coverage == pytest.approx(year.labels / year.predictions)
    assert date.fromisoformat(f"{year.months[0].name}-01").year == 2013
    assert {"UA", "VX"} <= {part.name for part in year.carriers}


def test_without_labels_there_is_nothing_to_tell(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    assert realised(store, "delays", "v7", 0.0, 1.0) is None
    store.close()
