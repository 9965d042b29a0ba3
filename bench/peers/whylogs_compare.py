"""whylogs: profile two Parquet files and score their drift: seconds of that alone, as JSON."""

import json
import resource
import sys
import time

import pandas as pd
import whylogs
from whylogs.viz.drift.column_drift_algorithms import calculate_drift_scores


def main(reference: str, current: str) -> None:
    left, right = pd.read_parquet(reference), pd.read_parquet(current)
    start, cpu = time.perf_counter(), time.process_time()
    views = [whylogs.log(frame).view() for frame in (left, right)]
    calculate_drift_scores(target_view=views[1], reference_view=views[0], with_thresholds=True)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "cpu": cpu, "megabytes": megabytes}))


if __name__ == "__main__":
    main(*sys.argv[1:])
