"""Evidently's DataDriftPreset on two Parquet files: seconds of the comparison alone, as JSON."""

import json
import resource
import sys
import time

import pandas as pd
from evidently import Report
from evidently.presets import DataDriftPreset


def main(reference: str, current: str) -> None:
    left, right = pd.read_parquet(reference), pd.read_parquet(current)
    start, cpu = time.perf_counter(), time.process_time()
    Report([DataDriftPreset()]).run(right, left).dict()
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "cpu": cpu, "megabytes": megabytes}))


if __name__ == "__main__":
    main(*sys.argv[1:])
