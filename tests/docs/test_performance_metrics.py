"""Every metric of every task is in the reference."""

import re

import numpy as np
import pytest

from tests.docs.pages import DOCS
from watchkeeper.performance.layout import LAYOUTS, layout_for
from watchkeeper.performance.metrics import metrics

CLASSES = {"binary": ("0", "1"), "multiclass": tuple("abcdefghijkl")}


@pytest.mark.parametrize("task", sorted(LAYOUTS))
def test_every_metric_is_documented(task: str) -> None:
    page = (DOCS / "reference" / "performance-metrics.md").read_text()
    layout = layout_for(task, CLASSES.get(task, ()))
    quantiles = (0.9,) if task == "regression" else ()
    for name in metrics(layout, np.zeros(layout.size, np.int64), quantiles=quantiles):
        general = re.sub(
            r"_at_\d+$", "_at_<k>", re.sub(r"\[0\.9\]$", "[<q>]", re.sub(r"\[[a-l]\]$", "[<class>]", name))
        )
        assert f"`{general}`" in page, name
