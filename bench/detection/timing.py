"""One comparison of two files in a process of its own: seconds, processor seconds and the peak of memory, as JSON.

`python -m bench.detection.timing REFERENCE CURRENT`: the files are given as paths, so reading counts.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

import watchkeeper

TINY = 2_000


def timed(paths: tuple[Path, Path]) -> dict[str, float]:
    """The same, asked from another process."""
    command = [sys.executable, "-m", "bench.detection.timing", *map(str, paths)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def main(reference: str, current: str) -> None:
    """Time one comparison; imports and first-call costs are paid on the first rows of the files beforehand."""
    with tempfile.TemporaryDirectory() as folder:
        tiny = [Path(folder) / f"{place}.parquet" for place in range(2)]
        for path, source in zip(tiny, (reference, current), strict=True):
            first = next(pq.ParquetFile(source).iter_batches(TINY))
            pq.write_table(pa.Table.from_batches([first]), path)
        watchkeeper.compare(*tiny)
    start, cpu = time.perf_counter(), time.process_time()
    watchkeeper.compare(reference, current)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "cpu": cpu, "megabytes": megabytes}))


if __name__ == "__main__":
    main(*sys.argv[1:])
