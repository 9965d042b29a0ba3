"""The service that answers: errors, latency and throughput of one window against its recent windows and stated limits.

Errors: Fisher's exact test against the recent windows together, and a rate whose 95 % bound lies above the worst of
them by a floor; at least `least_errors`, for one error in a quiet night is no outage. Latency: the logarithm of each
quantile against its recent windows (t prediction), and a rise of at least `slower` times and `least_rise_ms`.
Throughput: the logarithm of the rows, likewise, and a fall below `fewer` of the usual. A limit that the team states
(`latency_ms`, `error_rate`) alarms by itself, with or without a past.

What is usual is said by the recent windows in which that figure did not alarm, so an alarm lasts as long as what it is
about; after `adapt_after` such windows in a row they are the new usual.

Quantiles come from bins 1/8 of a doubling wide, so they are right to about 9 %. Latency of replayed events belongs to
the time of the replay, not to theirs: it is held against stated limits only.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

import msgspec
import numpy as np
from scipy import special

from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.detectors.rate import newcombe, rate_gate
from watchkeeper.detectors.result import GATE, Z_CONFIDENCE
from watchkeeper.detectors.samples import Rates
from watchkeeper.detectors.tails import fisher_tail, smallest_rate
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.history import teaches
from watchkeeper.monitors.sentences import percent
from watchkeeper.monitors.traffic import TRAFFIC
from watchkeeper.tallies.binning import LATENCY, STATUS, Binning
from watchkeeper.tallies.numeric import NumericBins
from watchkeeper.tallies.status import StatusBins
from watchkeeper.tallies.tally import IntArray

QUANTILES: Mapping[str, float] = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
WATCHED = frozenset({LATENCY, STATUS, TRAFFIC})
_REPLAYED = "The events are replayed, so the latency is not of their time."
_LEAST_LOG_SD = 0.05
_BIN_ERROR = 0.09


class ServicePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """When the service is worth an alarm.

    `level` is the p-value of one figure of one window. `slower` is the least rise of a latency quantile, `fewer` the
    share of the usual rows below which traffic has fallen, `error_floor` the rise of the error rate beyond the worst
    recent window. `latency_ms` (by "p50", "p95", "p99") and `error_rate` are limits of the team's own. Of the recent
    windows, the last `recent_windows` usual ones count.
    """

    level: float = 1e-4
    slower: float = 1.5
    fewer: float = 0.5
    error_floor: float = 0.01
    error_rate: float | None = 0.05
    latency_ms: dict[str, float] = {}
    least_rows: int = 50
    least_windows: int = 8
    least_errors: int = 5
    least_rise_ms: float = 1.0
    recent_windows: int = 28
    adapt_after: int = 28


class ServiceWindow(msgspec.Struct, frozen=True, kw_only=True):
    """One window: rows answered, how many of them failed (5xx), and latency quantiles in µs (None without rows).

    `flagged` are the columns that alarmed in it, once it was judged.
    """

    rows: int
    errors: int
    latency_us: dict[str, float | None]
    flagged: frozenset[str] = frozenset()


def service_window(binning: Binning, counts: IntArray, flagged: Collection[str] = ()) -> ServiceWindow:
    """The figures of a window (size,) of a served model; zeros where its tallies hold no service columns."""
    status, latency = binning.columns.get(STATUS), binning.columns.get(LATENCY)
    rows = errors = 0
    if isinstance(status, StatusBins):
        cells = counts[binning.slice(STATUS)]
        rows, errors = int(status.rows(cells)), int(status.errors(cells))
    quantiles: dict[str, float | None] = dict.fromkeys(QUANTILES)
    if isinstance(latency, NumericBins):
        cells = counts[binning.slice(LATENCY)]
        quantiles = {name: _quantile(latency, cells, q) for name, q in QUANTILES.items()}
    return ServiceWindow(rows=rows, errors=errors, latency_us=quantiles, flagged=frozenset(flagged) & WATCHED)


def judge_service(
    now: ServiceWindow, recent: Sequence[ServiceWindow], policy: ServicePolicy | None = None, *, live: bool = True
) -> list[Finding]:
    """Findings on the error rate, the three latency quantiles and the throughput; `recent` is oldest first.

    `live` says whether the events came as they happened; where they did not, no past latency is comparable.
    """
    rules = policy or ServicePolicy()
    latencies = _usual(recent, LATENCY, rules) if live else []
    return [
        _errors(now, _usual(recent, STATUS, rules), rules),
        *(_latency(now, latencies, rules, name, "" if live else _REPLAYED) for name in QUANTILES),
        _rows(now, _usual(recent, TRAFFIC, rules), rules),
    ]


def _usual(recent: Sequence[ServiceWindow], column: str, policy: ServicePolicy) -> list[ServiceWindow]:
    """The last windows that say what is usual of `column`."""
    flagged = np.array([column in window.flagged for window in recent], bool)
    kept = np.flatnonzero(teaches(flagged, policy.adapt_after, short=0))
    return [recent[place] for place in kept[-policy.recent_windows :]]


def _errors(now: ServiceWindow, recent: Sequence[ServiceWindow], policy: ServicePolicy) -> Finding:
    if not now.rows:
        return _silent("error rate", STATUS, now, "No request in this window.")
    before = [window for window in recent if window.rows]
    past, failed = sum(window.rows for window in before), sum(window.errors for window in before)
    worst = max((window.errors / window.rows for window in before if window.rows >= policy.least_rows), default=0.0)
    rates = Rates(*(np.array(float(a)) for a in (now.errors, now.rows, failed, past)))
    share = now.errors / now.rows
    p = float(fisher_tail(rates.hits, rates.reference_hits + 1, rates.n, rates.m)) if before else None
    usual = max(worst, failed / past if past else 0.0)
    several = now.errors >= policy.least_errors
    unusual = several and p is not None and p <= policy.level and _shown_above(now, usual + policy.error_floor)
    over = several and policy.error_rate is not None and _shown_above(now, policy.error_rate)
    known = len(before) >= policy.least_windows or policy.error_rate is not None
    verdict = Verdict.ALARM if unusual or over else Verdict.OK if known else Verdict.NOT_ENOUGH_DATA
    low, high = newcombe(rates)
    smallest = smallest_rate(np.array(usual + policy.error_floor), np.array(float(now.rows)), policy.level)
    return msgspec.structs.replace(
        _blank("error rate", STATUS, now, verdict),
        statistic=float(now.errors),
        effect=share - (failed / past if past else 0.0),
        effect_name="change of rate",
        effect_low=float(low),
        effect_high=float(high),
        p_value=p,
        n_reference=past,
        smallest_effect=float(smallest) - usual,
        floor=policy.error_floor,
        blocks=len(before),
        sentence=f"{percent(share)} of {now.rows:,} requests failed; {percent(usual)} was the most before.",
    )


def _shown_above(now: ServiceWindow, border: float) -> bool:
    """Whether the error rate is above `border` with 95 % confidence."""
    fixed = Rates(*(np.array(a) for a in (float(now.errors), float(now.rows), border * 1e12, 1e12)))
    return now.errors / max(now.rows, 1) > border and float(rate_gate(fixed, 0.0)) <= GATE


def _latency(
    now: ServiceWindow, recent: Sequence[ServiceWindow], policy: ServicePolicy, name: str, why_none: str
) -> Finding:
    feature, value = f"latency {name}", now.latency_us[name]
    if value is None or now.rows < policy.least_rows:
        return _silent(feature, LATENCY, now, f"{now.rows} requests; {policy.least_rows} are needed.")
    limit = policy.latency_ms.get(name)
    over = limit is not None and value / 1000 > limit
    past = [v for window in recent if window.rows >= policy.least_rows and (v := window.latency_us[name]) is not None]
    if len(past) < policy.least_windows:
        note = why_none or f"{len(past)} recent windows; {policy.least_windows} are needed."
        verdict = Verdict.ALARM if over else Verdict.NOT_ENOUGH_DATA if limit is None else Verdict.OK
        sentence = _latency_sentence(name, value, None, limit)
        return msgspec.structs.replace(_blank(feature, LATENCY, now, verdict, note), sentence=sentence)
    log = _LogPrediction.of(past)
    p, ratio = log.p_above(value), value / log.usual
    felt = (value - log.usual) / 1000 >= policy.least_rise_ms
    slow = felt and p <= policy.level and ratio >= policy.slower
    half = Z_CONFIDENCE * log.sd / math.sqrt(len(past)) + _BIN_ERROR
    return msgspec.structs.replace(
        _blank(feature, LATENCY, now, Verdict.ALARM if slow or over else Verdict.OK),
        statistic=value,
        effect=ratio,
        effect_name="times the usual",
        effect_low=ratio * math.exp(-half),
        effect_high=ratio * math.exp(half),
        p_value=p,
        smallest_effect=max(policy.slower, log.factor(policy.level)),
        floor=policy.slower,
        null="blocks",
        blocks=len(past),
        sentence=_latency_sentence(name, value, log.usual, limit),
    )


def _latency_sentence(name: str, value: float, usual: float | None, limit: float | None) -> str:
    share = percent(QUANTILES[name])
    before = "" if usual is None else f"; {usual / 1000:.3g} ms was usual"
    stated = "" if limit is None else f"; the limit is {limit:.3g} ms"
    return f"{share} of requests took at most {value / 1000:.3g} ms{before}{stated}."


def _rows(now: ServiceWindow, recent: Sequence[ServiceWindow], policy: ServicePolicy) -> Finding:
    past = [float(window.rows) for window in recent if window.rows]
    if len(past) < policy.least_windows:
        return _silent("throughput", TRAFFIC, now, f"{len(past)} recent windows; {policy.least_windows} are needed.")
    log = _LogPrediction.of(past)
    p, ratio = log.p_below(max(now.rows, 0.5)), now.rows / log.usual
    fell = p <= policy.level and ratio < policy.fewer
    return msgspec.structs.replace(
        _blank("throughput", TRAFFIC, now, Verdict.ALARM if fell else Verdict.OK),
        statistic=float(now.rows),
        effect=ratio,
        effect_name="times the usual",
        p_value=p,
        smallest_effect=min(policy.fewer, 1 / log.factor(policy.level)),
        floor=policy.fewer,
        null="blocks",
        blocks=len(past),
        sentence=f"{now.rows:,} requests; {log.usual:,.0f} are usual.",
    )


class _LogPrediction(msgspec.Struct, frozen=True):
    """Positive figures of K windows, their logarithms taken as normal."""

    mean: float
    sd: float
    windows: int

    @classmethod
    def of(cls, past: Sequence[float]) -> _LogPrediction:
        logs = np.log(np.maximum(np.asarray(past, np.float64), 1e-9))
        return cls(float(logs.mean()), max(float(logs.std(ddof=1)), _LEAST_LOG_SD), len(past))

    @property
    def usual(self) -> float:
        """The geometric mean."""
        return math.exp(self.mean)

    def p_above(self, value: float) -> float:
        """Chance that an ordinary window is as high."""
        return float(special.stdtr(self.windows - 1, -(math.log(value) - self.mean) / self._error))

    def p_below(self, value: float) -> float:
        """Chance that an ordinary window is as low."""
        return float(special.stdtr(self.windows - 1, (math.log(value) - self.mean) / self._error))

    def factor(self, level: float) -> float:
        """How many times the usual a window must be to reach `level`."""
        return math.exp(min(-float(special.stdtrit(self.windows - 1, level)) * self._error, 50.0))

    @property
    def _error(self) -> float:
        return self.sd * math.sqrt(1 + 1 / self.windows)


def _quantile(bins: NumericBins, cells: IntArray, q: float) -> float | None:
    value = bins.quantile(cells, q)
    return value if math.isfinite(value) else None


def _blank(feature: str, column: str, now: ServiceWindow, verdict: Verdict, note: str = "") -> Finding:
    return Finding(
        feature=feature,
        column=column,
        detector=feature,
        statement=Statement.SERVICE,
        verdict=verdict,
        n=now.rows,
        note=note,
    )


def _silent(feature: str, column: str, now: ServiceWindow, note: str) -> Finding:
    return _blank(feature, column, now, Verdict.NOT_ENOUGH_DATA, note)
