"""River's drift detectors at their defaults on streams of errors: where each alarms, as JSON.

The file is a NumPy array (streams, rows) of 0 and 1; answers are positions from 1, all of them, since River's
detectors start anew by themselves after an alarm.
"""

import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
from river import drift
from river.drift import binary

DETECTORS = {
    "ADWIN": drift.ADWIN,
    "PageHinkley": drift.PageHinkley,
    "DDM": binary.DDM,
    "EDDM": binary.EDDM,
    "HDDM_A": binary.HDDMA,
    "HDDM_W": binary.HDDMW,
}


def alarms(name: str, stream: list[int]) -> list[int]:
    detector, found = DETECTORS[name](), []
    for position, error in enumerate(stream, 1):
        detector.update(error)
        if detector.drift_detected:
            found.append(position)
    return found


def main(streams: str, names: str, result: str) -> None:
    rows = np.load(streams).astype(int).tolist()
    start = time.process_time()
    found = {name: [alarms(name, row) for row in rows] for name in names.split(",")}
    answer = {"version": version("river"), "alarms": found, "seconds": time.process_time() - start}
    Path(result).write_text(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])
