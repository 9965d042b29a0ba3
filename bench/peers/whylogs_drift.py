"""whylogs: a profile of every window, its drift score against the reference's profile at its defaults."""

import logging
import sys
import warnings
from collections.abc import Iterator

import drift
import pandas as pd
import whylogs
from whylogs.viz.drift.column_drift_algorithms import calculate_drift_scores

LEVEL = 0.05


def severities(reference: pd.DataFrame, windows: list[pd.DataFrame]) -> Iterator[dict[str, float]]:
    before = whylogs.log(reference).view()
    for window in windows:
        found = calculate_drift_scores(
            target_view=whylogs.log(window).view(), reference_view=before, with_thresholds=True
        )
        yield {name: LEVEL / max(score["pvalue"], 1e-300) for name, score in found.items() if score}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    drift.main("whylogs", severities, *sys.argv[1:])
