"""Names of metrics as people write them."""

from __future__ import annotations

_WRITTEN = {
    "roc_auc": "ROC AUC",
    "roc_auc_macro": "ROC AUC, mean of classes",
    "f1": "F1",
    "f1_macro": "F1, mean of classes",
    "f1_weighted": "F1, weighted",
    "mae": "mean absolute error",
    "rmse": "RMSE",
    "mape": "MAPE",
    "r2": "R²",
    "mrr": "MRR",
    "brier": "Brier score",
}


def metric_name(name: str) -> str:
    """`roc_auc` is 'ROC AUC', `recall[late]` stays 'recall[late]', others lose their underscores."""
    base, mark, rest = name.partition("[")
    return _WRITTEN.get(base, base.replace("_", " ")) + mark + rest
