"""A profile as a table for a terminal."""

from __future__ import annotations

import math

from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

from watchkeeper.events.inference import INPUT
from watchkeeper.reference.reference import Reference
from watchkeeper.report.words import count, duration, moment, number, percent, short
from watchkeeper.schema.feature import Feature, FeatureType
from watchkeeper.tallies.categorical import CategoricalBins
from watchkeeper.tallies.numeric import NumericBins

NAME, LEVELS = 28, 3


def profile_table(reference: Reference) -> Table:
    """One line a column: type, share missing, and the range or the commonest levels."""
    table = Table(title=_title(reference), box=SIMPLE)
    for header in ("column", "type", "missing", "values"):
        table.add_column(header, justify="right" if header == "missing" else "left", overflow="fold")
    for feature in reference.schema.features:
        if INPUT + feature.name in reference.binning.columns:
            missing, values = _column(reference, feature)
            table.add_row(Text(short(feature.name, NAME)), feature.type.value, percent(missing), Text(values))
    return table


def _title(reference: Reference) -> str:
    text = f"{count(reference.rows)} rows"
    if reference.block_width is None or not reference.blocks:
        return f"{text}, no time column"
    first, last = reference.block_starts[0], reference.block_starts[-1] + reference.block_width
    width = duration(reference.block_width)
    return f"{text}, {moment(first)} to {moment(last)}, {len(reference.blocks)} buckets of {width}"


def _column(reference: Reference, feature: Feature) -> tuple[float | None, str]:
    """(share missing, values in words)."""
    name = INPUT + feature.name
    bins, tally = reference.binning.columns[name], reference.binning.part(reference.whole, name)
    rows = int(bins.rows(tally.counts))
    if isinstance(bins, CategoricalBins):
        missing = int(tally.counts[bins.slot("missing")])
        top = [
            f"{short(level, NAME)} {percent(int(n) / max(rows, 1))}"
            for level, n in zip(bins.levels, tally.counts, strict=False)
        ]
        more = len(bins.levels) + len(bins.rare) - LEVELS
        return _share(missing, rows), ", ".join(top[:LEVELS]) + (f" and {more:,} more" if more > 0 else "")
    if isinstance(bins, NumericBins):
        missing = int(tally.counts[bins.slot("missing")])
        return _share(missing, rows), _range(bins, feature, float(tally.low[0]), float(tally.high[0]))
    return None, ""


def _range(bins: NumericBins, feature: Feature, low: float, high: float) -> str:
    if not (math.isfinite(low) and math.isfinite(high)):
        return "none"
    if feature.type is FeatureType.TIMESTAMP:
        return f"{moment(low)} to {moment(high)}"
    return f"{number(low)} to {number(high)}" + (" characters" if bins.length else "")


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
