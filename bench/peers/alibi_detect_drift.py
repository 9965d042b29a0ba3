"""alibi-detect's TabularDrift at its defaults (0.05, Bonferroni). Measured only: its licence (BSL) forbids more.

Categories are given as codes, a missing one as a code of its own.
"""

import sys
import warnings
from collections.abc import Iterator

import drift
import numpy as np
import pandas as pd
from alibi_detect.cd import TabularDrift

LEVEL = 0.05


def severities(reference: pd.DataFrame, windows: list[pd.DataFrame]) -> Iterator[dict[str, float]]:
    _, texts = drift.kinds(reference)
    levels = {name: sorted(set(pd.concat([reference[name], *(w[name] for w in windows)]).dropna())) for name in texts}
    names, columns = list(reference.columns), len(reference.columns)
    detector = TabularDrift(
        _matrix(reference, levels),
        p_val=LEVEL,
        categories_per_feature={names.index(name): None for name in texts},  # those of the reference
    )
    for window in windows:
        p = detector.predict(_matrix(window, levels), drift_type="feature")["data"]["p_val"]
        yield {name: LEVEL / columns / max(float(value), 1e-300) for name, value in zip(names, p, strict=True)}


def _matrix(frame: pd.DataFrame, levels: dict[str, list[str]]) -> np.ndarray:
    return np.column_stack([_codes(frame[name], levels.get(name)) for name in frame.columns]).astype(np.float64)


def _codes(column: pd.Series, levels: list[str] | None) -> np.ndarray:
    if levels is None:
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    codes = pd.Categorical(column, categories=levels).codes.astype(np.int64)
    return np.where(codes < 0, len(levels), codes)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    drift.main("alibi-detect", severities, *sys.argv[1:])
