"""Evidently's DataDriftPreset at its defaults on windows of a file: how far each column is past its threshold."""

import sys
import warnings
from collections.abc import Iterator
from typing import Any

import drift
import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset


def severities(reference: pd.DataFrame, windows: list[pd.DataFrame]) -> Iterator[dict[str, float]]:
    numbers, texts = drift.kinds(reference)
    definition = DataDefinition(numerical_columns=numbers, categorical_columns=texts)
    before = Dataset.from_pandas(reference, data_definition=definition)
    for window in windows:
        now = Dataset.from_pandas(window, data_definition=definition)
        found = Report([DataDriftPreset()]).run(now, before).dict()
        yield {
            metric["config"]["column"]: _severity(metric)
            for metric in found["metrics"]
            if metric["config"]["type"].endswith("ValueDrift")
        }


def _severity(metric: dict[str, Any]) -> float:
    """Distances alarm at or above their threshold, p-values below it."""
    value, threshold = float(metric["value"]), float(metric["config"]["threshold"])
    by_p = "p_value" in metric["config"]["method"]
    return threshold / max(value, 1e-300) if by_p else value / threshold


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    drift.main("evidently", severities, *sys.argv[1:])
