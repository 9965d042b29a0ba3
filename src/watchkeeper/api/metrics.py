"""/metrics: Watchkeeper's own figures in Prometheus text format, rendered from the store at each scrape.

One process owns them all, so a restart of the gateway or the worker resets nothing. Labels are names from the registry
(models, versions, routes) and small fixed sets; nothing that a caller sends becomes a label.
"""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Iterator, Mapping
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector
from starlette.responses import Response

from watchkeeper import telemetry
from watchkeeper.alerts.table import State
from watchkeeper.api.context import Context, ServiceCells
from watchkeeper.api.decisions import decisions
from watchkeeper.api.fleet import last_verdicts
from watchkeeper.api.health import CONSUMER, HealthView, health
from watchkeeper.api.performance_gauges import performance_gauges
from watchkeeper.events.names import ITSELF
from watchkeeper.events.verdict import Verdict
from watchkeeper.store.buckets import Source
from watchkeeper.store.losses import AFTER_JOURNAL, CLOCK_SKEW, DEAD_LETTERED, DUPLICATE
from watchkeeper.store.tables import record_files, versions
from watchkeeper.tallies.status import CODE_CLASSES
from watchkeeper.tallies.tally import Tally

_FAMILIES = {telemetry.MetricKind.COUNTER: CounterMetricFamily, telemetry.MetricKind.GAUGE: GaugeMetricFamily}
_EVERY_BIN = 8
"""Latency bins are eight to a doubling; a histogram bucket is one doubling."""


class StoreCollector(Collector):
    """Reads the store when Prometheus asks."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def collect(self) -> Iterator[Family]:
        context = self._context
        view = health(context)
        yield from _traffic(context)
        yield from _labels(context)
        yield from decisions(context)
        yield from _losses(view)
        yield from _backlog(context, view)
        yield from _verdicts(context)
        yield from _alerts(context, view)
        yield from _processes(view)
        yield from _machine(context, view)


def render(context: Context) -> Response:
    """All metrics as text."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(StoreCollector(context))
    return Response(
        generate_latest(registry), headers={"content-type": CONTENT_TYPE_LATEST, "cache-control": "no-store"}
    )


def _family(metric: telemetry.Metric, samples: Mapping[Any, float]) -> Family:
    """A metric with its samples: {label values: value}."""
    made = _FAMILIES[metric.kind](metric.family, metric.help, labels=metric.labels)
    for labels, value in samples.items():
        made.add_metric(list(labels), value)
    return made


def _traffic(context: Context) -> Iterator[Family]:
    inferences: dict[tuple[str, ...], float] = {}
    durations = HistogramMetricFamily(
        telemetry.INFERENCE_DURATION.family,
        telemetry.INFERENCE_DURATION.help,
        labels=telemetry.INFERENCE_DURATION.labels,
    )
    digests = _digests(context)
    for source, tally, _ in context.store.tallies.totals():
        cells = context.service_cells(digests.get((source.model, source.version), ""))
        if cells is not None and cells.size == tally.counts.size:
            for code, answered in zip(CODE_CLASSES, tally.counts[cells.status].tolist(), strict=True):
                inferences[*source, code] = answered
            _add_durations(durations, source, cells, tally)
    yield _family(telemetry.INFERENCES, inferences)
    yield durations
    stored = {(item.model,): float(item.stored) for item in context.store.losses.intake() if item.kind == "feedback"}
    yield _family(telemetry.FEEDBACK, stored)


def _labels(context: Context) -> Iterator[Family]:
    outcomes: Counter[tuple[str, str]] = Counter()
    for line in context.store.outcomes.totals():
        outcomes[line.model, line.outcome.value] += line.number
    yield _family(telemetry.LABELS, outcomes)
    names = [model.name for model in context.store.versions.models()]
    yield _family(telemetry.LABELS_PARKED, {(name,): context.store.parked.count(name) for name in names})
    for gauge, values in performance_gauges(context):
        yield _family(gauge, values)


def _digests(context: Context) -> dict[tuple[str, str], str]:
    """The digest of every version's reference, without reading a schema."""
    c = versions.c
    with context.store.read() as connection:
        return {
            (row[0], row[1]): row[2] for row in connection.execute(sa.select(c.model, c.version, c.reference_digest))
        }


def _add_durations(family: HistogramMetricFamily, source: Source, cells: ServiceCells, tally: Tally) -> None:
    """Cumulative counts at every doubling of latency, in seconds."""
    bins, counts = cells.bins, tally.counts[cells.latency]
    upto = bins.value_counts(counts).cumsum()
    places = range(bins.lo_bin, bins.hi_bin + 1, _EVERY_BIN)
    buckets = [(f"{bins.edges[place] / 1e6:.9g}", int(upto[place - 1])) for place in places]
    n, mean, _ = bins.moments(counts)
    total = max(0.0, float(mean) * int(n) / 1e6) if int(n) else 0.0
    family.add_metric(list(source), [*buckets, ("+Inf", int(n))], sum_value=total)


def _losses(view: HealthView) -> Iterator[Family]:
    aside = {*AFTER_JOURNAL, CLOCK_SKEW}
    dropped = {(loss.model, loss.reason): float(loss.rows) for loss in view.losses if loss.reason not in aside}
    yield _family(telemetry.CAPTURE_DROPPED, dropped)
    duplicates = {(loss.model,): float(loss.rows) for loss in view.losses if loss.reason == DUPLICATE}
    yield _family(telemetry.DUPLICATES, duplicates)
    letters = sum(loss.rows for loss in view.losses if loss.reason == DEAD_LETTERED)
    yield _family(telemetry.DEAD_LETTERS, {(DEAD_LETTERED,): letters})


def _backlog(context: Context, view: HealthView) -> Iterator[Family]:
    if view.lag is not None:
        yield _family(telemetry.JOURNAL_LAG_ROWS, {(): view.lag.rows})
    if context.journal is not None:
        yield _family(telemetry.JOURNAL_BYTES, {(): context.journal.size_bytes()})
    yield _family(telemetry.WATCH_POSITION, {(): context.store.positions.get(CONSUMER)})


def _verdicts(context: Context) -> Iterator[Family]:
    states: dict[tuple[str, ...], float] = {}
    times: dict[tuple[str, ...], float] = {}
    for source, (verdict, end) in last_verdicts(context).items():
        times[source] = end
        states |= {(*source, one.value): float(one is verdict) for one in Verdict}
    yield _family(telemetry.VERDICT, states)
    yield _family(telemetry.VERDICT_TIMESTAMP, times)


def _alerts(context: Context, view: HealthView) -> Iterator[Family]:
    names = [*(model.name for model in context.store.versions.models()), ITSELF]
    for metric, state in ((telemetry.ALERTS_FIRING, State.FIRING), (telemetry.ALERTS_PENDING, State.PENDING)):
        found = context.store.alerts.find(states=[state])
        yield _family(metric, {(name,): sum(alert.model == name for alert in found) for name in names})
    yield _family(telemetry.OUTBOX_PENDING, {(): view.outbox_due})
    yield _family(telemetry.OUTBOX_FAILED, {(): view.outbox_given_up})


def _processes(view: HealthView) -> Iterator[Family]:
    seen = [process for process in view.processes if process.at is not None]
    yield _family(telemetry.PROCESS_UP, {(p.process,): float(p.up) for p in view.processes})
    yield _family(telemetry.PROCESS_START_TIME, {(p.process,): p.started_at or 0.0 for p in seen})
    yield _family(telemetry.PROCESS_HEARTBEAT, {(p.process,): p.at or 0.0 for p in seen})
    for metric, name in ((telemetry.PROCESS_CPU, "cpu_seconds"), (telemetry.PROCESS_MEMORY, "rss_bytes")):
        yield _family(metric, {(p.process,): float(p.stats[name]) for p in seen if _is_number(p.stats.get(name))})


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _machine(context: Context, view: HealthView) -> Iterator[Family]:
    folder = context.store.data_dir
    parts = _recorded(context)
    for part, pattern in (("state", "state.db*"), ("journal", "journal.db*"), ("blobs", "blobs/sha256/*")):
        parts[part,] = _size(folder, pattern)
    yield _family(telemetry.DISK_FREE, {(): view.disk_free_bytes})
    yield _family(telemetry.DATA_BYTES, parts)
    build = (installed_version("watchkeeper"), platform.python_version())
    yield _family(telemetry.BUILD_INFO, {build: 1})


def _size(folder: Path, pattern: str) -> float:
    return float(sum(path.stat().st_size for path in folder.glob(pattern) if path.is_file()))


def _recorded(context: Context) -> dict[tuple[str], float]:
    """Bytes of the catalogued files, by kind."""
    query = sa.select(record_files.c.kind, sa.func.sum(record_files.c.bytes)).group_by(record_files.c.kind)
    with context.store.read() as connection:
        found = {str(kind): float(size) for kind, size in connection.execute(query)}
    return {("records",): found.get("inference", 0.0), ("feedback",): found.get("feedback", 0.0)}
