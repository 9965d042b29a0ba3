"""One column now against the reference: shares for a picture, faults and moments for a table."""

from __future__ import annotations

from typing import Annotated

import msgspec
import numpy as np
from fastapi import Query

from watchkeeper.api.context import Context, Given
from watchkeeper.api.encoding import safe
from watchkeeper.api.evidence import window_at
from watchkeeper.api.span import End, Named, Span, Start, span
from watchkeeper.events.errors import NotFound
from watchkeeper.report.distribution import Distribution, distribution_of
from watchkeeper.store.versions import Version
from watchkeeper.tallies.bins import Bins
from watchkeeper.tallies.numeric import NumericBins
from watchkeeper.tallies.tally import Tally

Column = Annotated[str, Query(description="A feature's name, or a column key such as output.late.", max_length=300)]
QUANTILES = (0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99)


class Moments(msgspec.Struct, frozen=True, kw_only=True):
    """Finite values of a numeric column. `quantiles` maps "0.5" … to values; all null where n is 0.

    `mean` and `sd` are null, too, where values lay so far out (128 reference spans) that their sums were clipped.
    """

    n: int
    mean: float | None
    sd: float | None
    minimum: float | None
    maximum: float | None
    quantiles: dict[str, float | None]


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """Rows with one fault, now and in the reference, as counts and as shares of all rows."""

    fault: str
    current: int
    reference: int
    current_share: float | None
    reference_share: float | None


class DistributionView(msgspec.Struct, frozen=True, kw_only=True):
    """One column over [start, end) against the reference of its version."""

    feature: str
    column: str
    version: str
    start: int
    end: int
    rows: int
    reference_rows: int
    shape: Distribution | None
    rates: tuple[Rate, ...]
    current: Moments | None
    reference: Moments | None


def distribution(
    context: Given, model: str, feature: Column, *, version: Named = None, start: Start = None, end: End = None
) -> DistributionView:
    """Counts now and in the reference. Without `start` and `end`: over the newest judged window."""
    found = context.version(model, version)
    reference = context.reference(found)
    key = column_key(reference.binning.columns, feature)
    when = _when(context, found, start, end)
    bins = reference.binning.columns[key]
    summed = context.store.tallies.window_sum(model, found.version, when.start, when.end)
    whole = reference.binning.part(reference.whole, key)
    now = reference.binning.part(summed[0] if summed else reference.binning.zero(), key)
    return DistributionView(
        feature=key.partition(".")[2],
        column=key,
        version=found.version,
        start=when.start,
        end=when.end,
        rows=summed[1] if summed else 0,
        reference_rows=reference.rows,
        shape=distribution_of(bins, whole, now),
        rates=_rates(bins, now, whole),
        current=moments(bins, now),
        reference=moments(bins, whole),
    )


def column_key(columns: dict[str, Bins], feature: str) -> str:
    """The key of a column named with or without its prefix. NotFound names some that there are."""
    for key in (feature, f"input.{feature}", f"output.{feature}"):
        if key in columns:
            return key
    some = ", ".join(list(columns)[:10])
    raise NotFound(f"No column {feature[:80]!r} is watched.", hint=f"There are {some}.")


def _when(context: Context, version: Version, start: str | None, end: str | None) -> Span:
    judged = window_at(context, version, None) if start is None and end is None else None
    if judged is None:
        return span(context, version, start, end)
    return Span(start=judged.window_start, end=judged.window_end)


def _rates(bins: Bins, now: Tally, whole: Tally) -> tuple[Rate, ...]:
    counts = getattr(bins, "rate_counts", None)
    if counts is None:
        return ()
    rows, reference_rows = int(bins.rows(now.counts)), int(bins.rows(whole.counts))
    old = counts(whole.counts)
    return tuple(
        Rate(
            fault=fault,
            current=int(number),
            reference=int(old[fault]),
            current_share=int(number) / rows if rows else None,
            reference_share=int(old[fault]) / reference_rows if reference_rows else None,
        )
        for fault, number in counts(now.counts).items()
    )


def moments(bins: Bins, tally: Tally) -> Moments | None:
    """Mean, spread, extremes and quantiles of a numeric column; None for other kinds."""
    if not isinstance(bins, NumericBins):
        return None
    n, mean, sd = bins.moments(tally.counts)
    exact = not any(bins.clipped(tally.counts))
    low, high = float(tally.low[0]), float(tally.high[0])
    bounds = (low, high) if low <= high else (-np.inf, np.inf)  # a sum of counts alone keeps no extremes
    return Moments(
        n=int(n),
        mean=safe(float(mean)) if exact else None,
        sd=safe(float(sd)) if exact else None,
        minimum=safe(low),
        maximum=safe(high),
        quantiles={f"{q:g}": safe(bins.quantile(tally.counts, q, *bounds)) for q in QUANTILES},
    )
