"""NannyML's CBPE on its own synthetic car loans: its estimates and its time, and the rows for others to estimate."""

import json
import os
import sys
import time
import warnings
from pathlib import Path

os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"

import nannyml
import pandas as pd

METRICS = ["roc_auc", "f1", "precision", "recall", "specificity", "accuracy"]
CHUNK = 5_000


def main(folder: str, repeats: str, result: str) -> None:
    reference, analysis, targets = nannyml.load_synthetic_car_loan_dataset()
    whole = analysis.merge(targets, left_index=True, right_index=True)
    for name, table in (("reference", reference), ("analysis", whole)):
        table.drop(columns=["id", "timestamp"], errors="ignore").to_parquet(
            Path(folder) / f"{name}.parquet", index=False
        )
    seconds = []
    for _ in range(int(repeats)):
        begun, cpu = time.perf_counter(), time.process_time()
        estimated = _estimate(reference, analysis)
        seconds.append((time.perf_counter() - begun, time.process_time() - cpu))
    answer = {
        "seconds": [wall for wall, _ in seconds],
        "cpu": [cpu for _, cpu in seconds],
        "estimated": {name: _column(estimated, name, "value") for name in METRICS},
        "version": nannyml.__version__,
    }
    Path(result).write_text(json.dumps(answer))


def _estimate(reference: pd.DataFrame, analysis: pd.DataFrame) -> pd.DataFrame:
    estimator = nannyml.CBPE(
        y_pred_proba="y_pred_proba",
        y_pred="y_pred",
        y_true="repaid",
        metrics=METRICS,
        chunk_size=CHUNK,
        problem_type="classification_binary",
    )
    estimator.fit(reference)
    return estimator.estimate(analysis).filter(period="analysis").to_df()


def _column(frame: pd.DataFrame, metric: str, name: str) -> list[float]:
    return [float(value) for value in frame[metric, name]]


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(*sys.argv[1:])
