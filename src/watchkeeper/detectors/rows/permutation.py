"""Permutation tests: deal the rows again at random, and see how often chance does as much.

Under *no change* rows are exchangeable, so p = (1 + deals that reach the statistic seen) / (1 + deals) is a valid
p-value for any statistic and any n. Rows that follow each other in time are not exchangeable: a test that deals single
rows alarms on nearly every ordinary stretch. Then blocks of time, long against the memory of the data, are dealt as
wholes: exchangeable blocks are all that is assumed. With few blocks p cannot get small; the note says how small.

Politis, Romano, *The stationary bootstrap*, JASA 89 (1994), for blocks; Phipson, Smyth, *Permutation p-values should
never be zero*, SAGMB 9 (2010), for the ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from watchkeeper.detectors.rows.pair import BoolArray, Pair
from watchkeeper.detectors.rows.result import RowResult
from watchkeeper.events.errors import BadInput, TooLarge
from watchkeeper.tallies.tally import FloatArray

PERMUTATIONS = 200
MOST_DEALT = 40_000_000
Statistics = Callable[[BoolArray], FloatArray]


def permutation_test(
    test: str, pair: Pair, statistics: Statistics, rng: np.random.Generator, permutations: int, *, note: str = ""
) -> RowResult:
    """Hold the statistic seen against those of random deals, all in one call of `statistics`.

    `statistics` takes (m + n, deals) booleans, True where a row counts as the window's, and gives (deals,) numbers, the
    larger the more the samples differ.
    """
    values = statistics(deals(pair, permutations, rng))
    notes = [text for text in (note, block_note(pair)) if text]
    return RowResult(
        test=test,
        statistic=float(values[0]),
        p_value=p_value(values),
        n=pair.n,
        m=pair.m,
        permutations=permutations,
        note="; ".join(notes),
    )


def deals(pair: Pair, permutations: int, rng: np.random.Generator) -> BoolArray:
    """(m + n, permutations + 1) which rows are the window's: as they are, then dealt at random."""
    if permutations < 1:
        raise BadInput(f"permutations is 1 or more, not {permutations}.")
    if len(pair.rows) * (permutations + 1) > MOST_DEALT:
        raise TooLarge(
            f"{permutations} permutations of {len(pair.rows):,} rows do not fit in memory.",
            hint="Ask for fewer, draw a sample of the rows, or compare tallies, which take any number.",
        )
    window = np.zeros((len(pair.rows), permutations + 1), dtype=np.bool_)
    window[pair.m :, 0] = True
    for column in range(1, permutations + 1):
        window[:, column] = _deal(pair, rng)
    return window


def _deal(pair: Pair, rng: np.random.Generator) -> BoolArray:
    if pair.blocks is None:
        dealt = np.zeros(len(pair.rows), dtype=np.bool_)
        dealt[rng.permutation(len(pair.rows))[: pair.n]] = True
        return dealt
    total, of_window = block_counts(pair)
    chosen = np.zeros(total, dtype=np.bool_)
    chosen[rng.permutation(total)[:of_window]] = True
    return chosen[pair.blocks]


def p_value(values: FloatArray) -> float:
    """(1 + those that reach the first) / all; equal up to rounding counts as reached."""
    reached = values[1:] >= values[0] - 1e-10 * max(1.0, abs(float(values[0])))
    return float((1 + reached.sum()) / len(values))


def block_counts(pair: Pair) -> tuple[int, int]:
    """(blocks in all, blocks of the window); rows are blocks of one where there are none."""
    if pair.blocks is None:
        return len(pair.rows), pair.n
    total = int(pair.blocks.max()) + 1
    return total, total - int(pair.blocks[: pair.m].max()) - 1


def block_note(pair: Pair) -> str:
    """What dealing blocks means for the p-value."""
    if pair.blocks is None:
        return ""
    total, of_window = block_counts(pair)
    ways = math.comb(total, of_window)
    floor = f", so p cannot be below {1 / ways:.2g}" if ways < 1000 else ""
    return f"{of_window} blocks against {total - of_window} dealt as wholes{floor}"
