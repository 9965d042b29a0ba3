"""Evidently's DataDriftPreset on two Parquet files with its types declared: what the comparison alone took, as JSON."""

import json
import resource
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path

import drift
import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset


def main(reference: str, current: str, result: str) -> None:
    before, now = pd.read_parquet(reference), pd.read_parquet(current)
    numbers, texts = drift.kinds(before)
    definition = DataDefinition(numerical_columns=numbers, categorical_columns=texts)
    start, cpu = time.perf_counter(), time.process_time()
    sides = [Dataset.from_pandas(frame, data_definition=definition) for frame in (now, before)]
    Report([DataDriftPreset()]).run(*sides).dict()
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    answer = {"version": version("evidently"), "seconds": seconds, "cpu": cpu, "megabytes": megabytes}
    Path(result).write_text(json.dumps(answer))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(*sys.argv[1:])
