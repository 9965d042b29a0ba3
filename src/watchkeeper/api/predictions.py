"""What the model said, over any window: mean, median, spread, extremes and quantiles, or the share of each class."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from watchkeeper.api.context import Context, Given
from watchkeeper.api.distributions import Moments, moments
from watchkeeper.api.encoding import safe
from watchkeeper.api.series import Steps, steps
from watchkeeper.api.span import End, Named, Span, Start, span
from watchkeeper.events.inference import OUTPUT
from watchkeeper.reference.reference import Reference
from watchkeeper.store.versions import Version
from watchkeeper.tallies.categorical import CategoricalBins
from watchkeeper.tallies.numeric import NumericBins
from watchkeeper.tallies.tally import IntArray

TOP_CLASSES = 8
OTHERS = "(others)"
_WHOLE_WINDOWS = 2


class OutputSeries(msgspec.Struct, frozen=True, kw_only=True):
    """One output. Numeric: `mean` … `high` (10th and 90th percentile) by step. Categorical: `shares` by class and step.

    `total` sums up the whole span (with extremes where it is at most two windows long), `reference` the reference.
    """

    output: str
    kind: str
    mean: tuple[float | None, ...] = ()
    median: tuple[float | None, ...] = ()
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()
    shares: dict[str, tuple[float | None, ...]] = {}
    total: Moments | None = None
    reference: Moments | None = None
    total_shares: dict[str, float] = {}
    reference_shares: dict[str, float] = {}


class PredictionsView(msgspec.Struct, frozen=True, kw_only=True):
    """Every output of a version over [start, end), in steps of `width` seconds that start at `starts`."""

    model: str
    version: str
    start: int
    end: int
    width: int
    starts: tuple[int, ...]
    outputs: tuple[OutputSeries, ...]


@dataclass(frozen=True)
class _Asked:
    context: Context
    version: Version
    reference: Reference
    series: Steps
    when: Span


def predictions(
    context: Given, model: str, version: Named = None, start: Start = None, end: End = None
) -> PredictionsView:
    """Without a span: the last thirty windows."""
    found = context.version(model, version)
    when = span(context, found, start, end)
    reference = context.reference(found)
    series = steps(context, found, when)
    asked = _Asked(context, found, reference, series, when)
    keys = [key for key in reference.binning.columns if key.startswith(OUTPUT)]
    return PredictionsView(
        model=model,
        version=found.version,
        start=when.start,
        end=when.end,
        width=series.width,
        starts=series.starts,
        outputs=tuple(_output(asked, key) for key in keys),
    )


def _output(asked: _Asked, key: str) -> OutputSeries:
    bins = asked.reference.binning.columns[key]
    if isinstance(bins, NumericBins):
        return _numeric(asked, key, bins)
    if isinstance(bins, CategoricalBins):
        return _classes(asked, key, bins)
    return OutputSeries(output=key.removeprefix(OUTPUT), kind=bins.kind)


def _numeric(asked: _Asked, key: str, bins: NumericBins) -> OutputSeries:
    binning = asked.reference.binning
    counts = asked.series.counts[:, binning.slice(key)]
    _, means, _ = bins.moments(counts)

    def quantiles(q: float) -> tuple[float | None, ...]:
        return tuple(safe(bins.quantile(row, q)) for row in counts)

    return OutputSeries(
        output=key.removeprefix(OUTPUT),
        kind=bins.kind,
        mean=tuple(
            None if any(bins.clipped(row)) else safe(mean) for row, mean in zip(counts, means.tolist(), strict=True)
        ),
        median=quantiles(0.5),
        low=quantiles(0.1),
        high=quantiles(0.9),
        total=_total(asked, key, bins),
        reference=moments(bins, binning.part(asked.reference.whole, key)),
    )


def _total(asked: _Asked, key: str, bins: NumericBins) -> Moments | None:
    """The whole span as one tally, from the buckets where that is cheap enough to have its extremes too."""
    binning, store, version, when = asked.reference.binning, asked.context.store, asked.version, asked.when
    width = store.versions.model(version.model).settings.window_seconds
    if when.end - when.start <= _WHOLE_WINDOWS * width:
        found = store.tallies.window_sum(version.model, version.version, when.start, when.end)
        return None if found is None else moments(bins, binning.part(found[0], key))
    zero = binning.zero()
    zero.counts[:] = asked.series.counts.sum(0)
    return moments(bins, binning.part(zero, key))


def _classes(asked: _Asked, key: str, bins: CategoricalBins) -> OutputSeries:
    reference, series = asked.reference, asked.series
    whole = reference.binning.part(reference.whole, key)
    rows = [_levels(bins, counts) for counts in series.counts[:, reference.binning.slice(key)]]
    totals: dict[str, int] = {}
    for row in rows:
        for name, number in row.items():
            totals[name] = totals.get(name, 0) + number
    old = _levels(bins, whole.counts)
    names = sorted({**old, **totals}, key=lambda name: (-totals.get(name, 0), name))
    return OutputSeries(
        output=key.removeprefix(OUTPUT),
        kind=bins.kind,
        shares={name: tuple(_share(row, name) for row in rows) for name in names},
        total_shares={name: _share(totals, name) or 0.0 for name in names},
        reference_shares={name: _share(old, name) or 0.0 for name in names},
    )


def _levels(bins: CategoricalBins, counts: IntArray) -> dict[str, int]:
    """Rows per class: the first few by name, all others together."""
    values = bins.value_counts(counts)
    named = {level: int(values[i]) for i, level in enumerate(bins.levels[:TOP_CLASSES])}
    rest = int(values[len(named) :].sum())
    return {**named, OTHERS: rest} if rest else named


def _share(row: dict[str, int], name: str) -> float | None:
    total = sum(row.values())
    return row.get(name, 0) / total if total else None
