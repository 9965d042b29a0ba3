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
    start = time.perf_counter()
    Report([DataDriftPreset()]).run(right, left).dict()
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


if __name__ == "__main__":
    main(*sys.argv[1:])
