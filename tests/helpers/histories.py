"""A small history of a binary model: quiet at first; then a feature goes missing; then the world turns."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from watchkeeper.backtest.backtest import Backtest, backtest

DAY, A_DAY = 86_400, 60
DAYS, UNTIL = 90, "1970-02-10"  # 40 days of reference
MISSING, TURNED = (55, 59), (70, 80)  # days, the last one left out


@cache
def history(seed: int = 0) -> pa.Table:
    """90 days of 60 rows: `at`, `x`, `kind`, `score`, `said` and the label `truth`."""
    rng = np.random.default_rng(seed)
    n = DAYS * A_DAY
    day = np.repeat(np.arange(DAYS), A_DAY)
    seconds = day * DAY + np.tile(np.arange(A_DAY) * (DAY // A_DAY), DAYS)
    x = rng.normal(size=n) + rng.normal(0, 0.3, DAYS)[day]
    score = 1 / (1 + np.exp(-2.5 * x))
    truth = rng.uniform(size=n) < score
    truth ^= (day >= TURNED[0]) & (day < TURNED[1])
    lost = (day >= MISSING[0]) & (day < MISSING[1]) & (rng.uniform(size=n) < 0.5)
    return pa.table(
        {
            "at": pa.array(seconds * 1_000_000).cast(pa.timestamp("us")),
            "x": pa.array(x, mask=lost),
            "kind": rng.choice(np.array(["a", "b", "c"]), n),
            "score": score,
            "said": score > 0.5,
            "truth": truth,
        }
    )


ASKED: dict[str, Any] = {"time": "at", "reference_until": UNTIL}
WITH_LABELS: dict[str, Any] = {**ASKED, "prediction": "said", "score": "score", "label": "truth", "label_delay": "2d"}


@cache
def replayed(*, labels: bool = True) -> Backtest:
    """The history replayed, with its labels or without."""
    return backtest(history(), **(WITH_LABELS if labels else {**ASKED, "ignore": ("said", "truth", "score")}))
