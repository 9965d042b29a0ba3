"""A change of dependence between two tables, from samples of their rows: what no tally of single columns can show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from watchkeeper.compare.tables import Sides
from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.detectors.rows.dependence import (
    EFFECT,
    FLOOR,
    PAIR_EFFECT,
    PAIR_FLOOR,
    DependenceShift,
    decided,
    dependence_shift,
    normal_scores,
)
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.columns import feature_name
from watchkeeper.monitors.together import shift_finding
from watchkeeper.reference.dependence import evenly
from watchkeeper.schema.feature import FeatureType
from watchkeeper.tallies.binning import Binning
from watchkeeper.tallies.categorical import CategoricalBins
from watchkeeper.tallies.numeric import NumericBins
from watchkeeper.tallies.tally import FloatArray, IntArray

ROWS = 20_000
_LEVELS, _COMMON = 3, 0.05


def dependence_finding(sides: Sides, alarm: float, warn: float, note: str) -> Finding | None:
    """Whether the columns of both tables depend on each other as before; None where there are no rows to ask.

    `alarm` and `warn` are the levels of the two verdicts.
    """
    before, now = sides.samples
    names = [name for name in sides.common if _watched(sides, name)]
    if before is None or now is None or len(names) < 2:
        return None
    reference, scores = _scores(sides.reference.binning, sides.reference.whole.counts, names, evenly(before, ROWS))
    window, _ = _scores(sides.reference.binning, sides.reference.whole.counts, names, evenly(now, ROWS))
    shift = dependence_shift(reference, window, scores, alarm)
    if shift is None:
        return None
    verdict = Verdict.ALARM if decided(shift, alarm) else Verdict.WARN if decided(shift, warn) else Verdict.OK
    pair = tuple(feature_name(names[scores[place]]) for place in shift.pair)
    by_pair = shift.deciding is shift.surest
    return shift_finding(
        shift.deciding, 0, detector="dependence", effect=PAIR_EFFECT if by_pair else EFFECT,
        floor=PAIR_FLOOR if by_pair else FLOOR, statement=Statement.DIFFERENT, verdict=verdict,
        rows=(len(window), len(reference)), note=f"{shift.pairs} pairs looked at. {note}".strip(),
        sentence="" if verdict is Verdict.OK else _sentence(shift, pair),
    )  # fmt: skip


def _sentence(shift: DependenceShift, pair: Sequence[str]) -> str:
    typical = "" if shift.deciding is shift.surest else "Many pairs of columns depend on each other otherwise. "
    return (
        f"{typical}`{pair[0]}` and `{pair[1]}` move together otherwise than they did: "
        f"correlation {shift.now:.2f} against {shift.before:.2f}."
    )


def _watched(sides: Sides, name: str) -> bool:
    return sides.reference.schema.feature(feature_name(name)).type is not FeatureType.TIMESTAMP


def _scores(binning: Binning, whole: IntArray, names: Sequence[str], rows: pa.Table) -> tuple[FloatArray, IntArray]:
    """(N, d) scores of the columns and the place in `names` (d,) that each belongs to."""
    parts = [_column_scores(binning, whole, name, rows) for name in names]
    owner = np.repeat(np.arange(len(names)), [part.shape[1] for part in parts])
    return np.concatenate(parts, 1), owner


def _column_scores(binning: Binning, whole: IntArray, name: str, rows: pa.Table) -> FloatArray:
    bins, cells = binning.columns[name], binning.columns[name].encode(rows[name]).cell.astype(np.int64)
    if isinstance(bins, NumericBins):
        return normal_scores(cells, bins.value_bins)[:, None]
    levels = _common_levels(bins, whole[binning.slice(name)]) if isinstance(bins, CategoricalBins) else []
    return (cells[:, None] == np.array(levels, np.int64)).astype(np.float64)


def _common_levels(bins: CategoricalBins, whole: IntArray) -> list[int]:
    """At most three levels with 5 % of the reference's rows or more; of two levels one says all."""
    share = bins.value_counts(whole) / max(int(bins.rows(whole)), 1)
    ranked = np.argsort(-share, kind="stable")[:_LEVELS]
    common = [int(level) for level in ranked if _COMMON <= share[level] <= 1 - _COMMON]
    return common[:1] if len(common) == 2 and share[common].sum() > 1 - 1e-9 else common
