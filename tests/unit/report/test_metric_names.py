from __future__ import annotations

import pytest

from watchkeeper.report.metric_names import metric_name


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("roc_auc", "ROC AUC"),
        ("roc_auc[late]", "ROC AUC[late]"),
        ("log_loss", "log loss"),
        ("ndcg_at_10", "ndcg at 10"),
    ],
)
def test_names_are_written_as_people_do(name: str, written: str) -> None:
    assert metric_name(name) == written
