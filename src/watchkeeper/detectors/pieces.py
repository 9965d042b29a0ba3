"""Work whose memory grows with the square of the bins, done for some rows at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from watchkeeper.tallies.tally import FloatArray

_CELLS = 4_000_000


def in_pieces(function: Callable[[FloatArray], tuple[FloatArray, ...]], rows: FloatArray) -> tuple[FloatArray, ...]:
    """`function` of `rows` (..., B), which it takes as (n, B) and answers with arrays (n,): each as (...).

    A piece holds about 4 million numbers per (n, B, B) array of the function's (32 MB).
    """
    flat = rows.reshape(-1, rows.shape[-1])
    size = max(1, _CELLS // max(rows.shape[-1], 1) ** 2)
    pieces = [function(flat[start : start + size]) for start in range(0, max(len(flat), 1), size)]
    return tuple(np.concatenate(parts).reshape(rows.shape[:-1]) for parts in zip(*pieces, strict=True))
