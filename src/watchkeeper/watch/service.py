"""What a window says of the service itself: errors, latency, traffic. Pure.

Errors: the share of requests that the server failed to answer (5xx). It alarms when even the lower end of its 95 %
interval (Wilson, 1927) lies above the floor and there were at least five: one error in a quiet night is no outage.
Latency: the 95th percentile against the median of its recent windows. Judged only in a live stream: in a replay it
belongs to another time than the window's.
Traffic: a live stream in which nothing came. The alert policy asks for two such alarms in a row, so with the first
empty window a warning, silence is told after three.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.verdict import Verdict
from watchkeeper.tallies.binning import LATENCY, STATUS, Binning
from watchkeeper.tallies.numeric import NumericBins
from watchkeeper.tallies.status import StatusBins
from watchkeeper.tallies.tally import IntArray

ERROR_FLOOR, LEAST_ERRORS = 0.01, 5
SLOWER_WARN, SLOWER_ALARM, SLOWER_LEAST_US = 1.5, 2.0, 1000.0
LEAST_WINDOWS, LEAST_ROWS = 3, 50
TRAFFIC = "service.traffic"
_Z = 1.959964


def error_finding(binning: Binning, counts: IntArray) -> Finding | None:
    """The share of 5xx answers in a window (size,); None where the tallies have no status, or no rows."""
    bins = binning.columns.get(STATUS)
    if not isinstance(bins, StatusBins):
        return None
    cells = counts[binning.slice(STATUS)]
    n, errors = int(bins.rows(cells)), int(bins.errors(cells))
    if not n:
        return None
    share, (low, high) = errors / n, wilson(errors, n)
    sure = low > ERROR_FLOOR and errors >= LEAST_ERRORS
    verdict = Verdict.ALARM if sure else Verdict.WARN if share > ERROR_FLOOR else Verdict.OK
    return Finding(
        feature="error rate",
        column=STATUS,
        detector="error rate",
        statement=Statement.SERVICE,
        verdict=verdict,
        statistic=float(errors),
        effect=share,
        effect_name="share of requests",
        effect_low=low,
        effect_high=high,
        floor=ERROR_FLOOR,
        n=n,
        sentence=f"{share:.1%} of {n:,} requests failed (5xx).",
    )


def latency_p95(binning: Binning, counts: IntArray) -> float | None:
    """The 95th percentile of latency in µs of a window (size,); None where too few rows say so."""
    bins = binning.columns.get(LATENCY)
    if not isinstance(bins, NumericBins):
        return None
    cells = counts[binning.slice(LATENCY)]
    if int(bins.rows(cells)) < LEAST_ROWS:
        return None
    found = bins.quantile(cells, 0.95)
    return found if math.isfinite(found) else None


def latency_finding(now: float | None, recent: Sequence[float], n: int, *, live: bool) -> Finding:
    """A window's p95 latency `now` (µs) against those of `recent` windows."""
    known = now is not None and len(recent) >= LEAST_WINDOWS
    if now is None or not known or not live:
        note = (
            f"{len(recent)} recent windows with {LEAST_ROWS} requests or more; {LEAST_WINDOWS} are needed."
            if live
            else "The events are replayed, so the latency is not of their time."
        )
        return _latency(Verdict.NOT_ENOUGH_DATA, n, note=note)
    usual = float(np.median(recent))
    ratio, rise = now / max(usual, 1.0), now - usual
    slower = ratio if rise >= SLOWER_LEAST_US else 0.0
    verdict = Verdict.ALARM if slower >= SLOWER_ALARM else Verdict.WARN if slower >= SLOWER_WARN else Verdict.OK
    sentence = f"95 % of requests took at most {now / 1000:.1f} ms; {usual / 1000:.1f} ms is usual."
    return _latency(verdict, n, effect=ratio, sentence=sentence, statistic=now, blocks=len(recent))


def traffic_finding(rows: int, quiet: int) -> Finding:
    """Whether anything came; `quiet` is which empty window in a row this is."""
    verdict = Verdict.OK if rows else Verdict.ALARM if quiet > 1 else Verdict.WARN
    words = f"{rows:,} requests." if rows else f"No request in {quiet} window{'s' if quiet > 1 else ''} in a row."
    return Finding(
        feature="traffic",
        column=TRAFFIC,
        detector="traffic",
        statement=Statement.SERVICE,
        verdict=verdict,
        effect=float(0 if rows else quiet),
        effect_name="empty windows in a row",
        n=rows,
        sentence=words,
    )


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson, 1927)."""
    share, z2 = hits / n, _Z * _Z
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))


def _latency(verdict: Verdict, n: int, *, note: str = "", sentence: str = "", **numbers: float | int | None) -> Finding:
    return Finding(
        feature="latency",
        column=LATENCY,
        detector="latency",
        statement=Statement.SERVICE,
        verdict=verdict,
        effect_name="times the usual p95",
        n=n,
        note=note,
        sentence=sentence,
        **numbers,  # type: ignore[arg-type]  # statistic, effect and blocks, each of its own type
    )
