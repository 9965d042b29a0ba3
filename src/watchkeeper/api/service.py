"""How the service answered over time: rows, failures, latency."""

from __future__ import annotations

import msgspec
import numpy as np

from watchkeeper.api.context import Given
from watchkeeper.api.encoding import safe
from watchkeeper.api.series import Steps, steps
from watchkeeper.api.span import End, Named, Start, span
from watchkeeper.tallies.binning import LATENCY, STATUS, Binning
from watchkeeper.tallies.numeric import NumericBins
from watchkeeper.tallies.status import CODE_CLASSES

QUANTILES = (0.5, 0.95, 0.99)


class ServiceView(msgspec.Struct, frozen=True, kw_only=True):
    """Steps of `width` seconds that start at `starts` (Unix seconds). Latencies are milliseconds by quantile.

    `failed` are rows answered 5xx; `rejected` rows answered 4xx. `rate` is rows a second. `latency` is
    over the whole span.
    """

    model: str
    version: str
    start: int
    end: int
    width: int
    starts: tuple[int, ...]
    rows: tuple[int, ...]
    failed: tuple[int, ...]
    rejected: tuple[int, ...]
    latency_ms: dict[str, tuple[float | None, ...]]
    total_rows: int
    total_failed: int
    error_rate: float | None
    rate: float | None
    latency: dict[str, float | None]


def service(context: Given, model: str, version: Named = None, start: Start = None, end: End = None) -> ServiceView:
    """Throughput, failures and latency quantiles. Without a span: the last thirty windows."""
    found = context.version(model, version)
    when = span(context, found, start, end)
    binning = context.reference(found).binning
    series = steps(context, found, when)
    classes = _classes(binning, series)
    rows, failed = classes.sum(1), classes[:, CODE_CLASSES.index("5xx")]
    total = int(rows.sum())
    covered = len(series.starts) * series.width
    return ServiceView(
        model=model,
        version=found.version,
        start=when.start,
        end=when.end,
        width=series.width,
        starts=series.starts,
        rows=tuple(rows.tolist()),
        failed=tuple(failed.tolist()),
        rejected=tuple(classes[:, CODE_CLASSES.index("4xx")].tolist()),
        latency_ms={f"{q:g}": tuple(_latency(binning, counts, q) for counts in series.counts) for q in QUANTILES},
        total_rows=total,
        total_failed=int(failed.sum()),
        error_rate=int(failed.sum()) / total if total else None,
        rate=total / covered if covered else None,
        latency={f"{q:g}": _latency(binning, series.counts.sum(0), q) for q in QUANTILES},
    )


def _classes(binning: Binning, series: Steps) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Rows (K, 4) per class of status."""
    if STATUS not in binning.columns:
        return np.zeros((len(series.starts), len(CODE_CLASSES)), np.int64)
    return series.counts[:, binning.slice(STATUS)]


def _latency(binning: Binning, counts: np.ndarray[tuple[int], np.dtype[np.int64]], q: float) -> float | None:
    """A quantile of latency in milliseconds; None without rows."""
    bins = binning.columns.get(LATENCY)
    if not isinstance(bins, NumericBins):
        return None
    micros = safe(bins.quantile(counts[binning.slice(LATENCY)], q))
    return None if micros is None else micros / 1000
