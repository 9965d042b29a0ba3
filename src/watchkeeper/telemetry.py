"""Watchkeeper's own metrics: every name, its type and labels, and what to do when it moves.

Rules (https://prometheus.io/docs/practices/naming/): the prefix is `watchkeeper_`; base units (seconds, bytes); a
counter ends in `_total`; a label never holds a value that a caller can choose freely, so the number of series is
bounded by models x versions x routes. Rates and shares are left to PromQL: what is exported can be summed.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

PREFIX = "watchkeeper_"


class MetricKind(StrEnum):
    """The Prometheus type of a metric."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """One metric: `help` says what it counts, `action` what a person does about it."""

    name: str
    kind: MetricKind
    labels: tuple[str, ...] = ()
    help: str
    action: str

    @property
    def family(self) -> str:
        """The name as client libraries want it: a counter without its `_total`."""
        return self.name.removesuffix("_total") if self.kind is MetricKind.COUNTER else self.name


def _counter(name: str, labels: str, help_: str, action: str) -> Metric:
    return _metric(MetricKind.COUNTER, name, labels, help_, action)


def _gauge(name: str, labels: str, help_: str, action: str) -> Metric:
    return _metric(MetricKind.GAUGE, name, labels, help_, action)


def _metric(kind: MetricKind, name: str, labels: str, help_: str, action: str) -> Metric:
    return Metric(name=PREFIX + name, kind=kind, labels=tuple(labels.split()), help=help_, action=action)


# --- predictions ------------------------------------------------------------------------------------------------------
INFERENCES = _counter(
    "inferences_total",
    "model version route code_class",
    "Rows asked for and recorded, by class of HTTP status; a request may hold many, a refused request counts as one.",
    "None where there were some: callers stopped. More 5xx: read the model's log. More 4xx: a caller broke the schema.",
)
INFERENCE_DURATION = _metric(
    MetricKind.HISTOGRAM,
    "inference_duration_seconds",
    "model version route",
    "Time from the request's last byte to its answer, observed once for each row of the request.",
    "A moving p99: compare with the rate of rows, then with the process's CPU; roll back a slower model.",
)
FEEDBACK = _counter(
    "feedback_total",
    "model",
    "Labels, corrections, rewards and decisions stored.",
    "Flat while predictions go on: the process that sends labels stopped; judgements on labels grow stale.",
)

LABELS = _counter(
    "labels_total",
    "model outcome",
    "Feedback by what became of it; the page on delivery guarantees says what each outcome means.",
    "unmatched or expired grow: labels come too late or name the wrong predictions. conflicting: senders disagree.",
)
LABELS_PARKED = _gauge(
    "labels_parked",
    "model",
    "Feedback that waits for its prediction.",
    "Growth for hours: the sender's IDs are not those of this model, or predictions are not recorded.",
)

# --- how well models do, on labels ------------------------------------------------------------------------------------
PERFORMANCE = _gauge(
    "performance",
    "model version metric",
    "The task's main metric in the newest window whose labels are mature.",
    "Worse than the interval of ordinary weeks: open the model's page; harm pages by itself when it lasts.",
)
PERFORMANCE_LOW = _gauge(
    "performance_interval_low",
    "model version metric",
    "Lower end of the 95 % interval of watchkeeper_performance.",
    "A wide interval: the window has few labels; send more, or choose longer windows.",
)
PERFORMANCE_HIGH = _gauge(
    "performance_interval_high",
    "model version metric",
    "Upper end of the 95 % interval of watchkeeper_performance.",
    "Below what you promised: not chance; open the model's page.",
)
PERFORMANCE_TIMESTAMP = _gauge(
    "performance_timestamp_seconds",
    "model version",
    "End of the window that watchkeeper_performance is of, in Unix seconds of event time.",
    "Older than windows and labels' delay allow: labels stopped; find the process that sends them.",
)
PERFORMANCE_ESTIMATED = _gauge(
    "performance_estimated",
    "model version metric",
    "The main metric as estimated without labels in the newest window that has an estimate; only with a good record.",
    "Worse for several windows: get labels for a sample of them before you act, an estimate can be wrong.",
)
PERFORMANCE_ESTIMATED_LOW = _gauge(
    "performance_estimated_interval_low",
    "model version metric",
    "Lower end of the 95 % interval of watchkeeper_performance_estimated.",
    "A wide interval: windows have few rows, or differ much in what scores mean; choose longer windows.",
)
PERFORMANCE_ESTIMATED_HIGH = _gauge(
    "performance_estimated_interval_high",
    "model version metric",
    "Upper end of the 95 % interval of watchkeeper_performance_estimated.",
    "Below what you promised: ask for labels of these windows; the model's page shows the estimate beside its record.",
)
PERFORMANCE_ESTIMATED_TIMESTAMP = _gauge(
    "performance_estimated_timestamp_seconds",
    "model version",
    "End of the window that watchkeeper_performance_estimated is of, in Unix seconds of event time.",
    "Older than two windows: no rows come, or their scores cannot be read; see the model's page for why.",
)
LABEL_COVERAGE = _gauge(
    "label_coverage_ratio",
    "model version",
    "Share of the predictions of that window that have a label.",
    "A fall: labels get lost, or come later than they used to.",
)
LABELS_ARRIVED = _gauge(
    "labels_arrived_ratio",
    "model version",
    "Share of the labels of the newest window that have come by its age, going by earlier windows.",
    "Nothing by itself: it says how far the newest window is to be believed.",
)

# --- nothing is lost without being counted ----------------------------------------------------------------------------
CAPTURE_DROPPED = _counter(
    "capture_dropped_total",
    "model reason",
    "Events that were received and not kept, by reason.",
    "Any growth: read the reason; a full buffer or disk wants room, an undecodable body wants its sender fixed.",
)
DUPLICATES = _counter(
    "duplicates_total",
    "model",
    "Events received again and counted once.",
    "Steady growth: a sender retries what was acknowledged; look at its time-outs.",
)
DEAD_LETTERS = _counter(
    "dead_letters_total",
    "reason",
    "Events kept aside because they could not be read.",
    "Read them in the console; each says what was wrong with it.",
)

# --- the way from the journal to the store ----------------------------------------------------------------------------
JOURNAL_LAG_ROWS = _gauge(
    "journal_lag_rows",
    "",
    "Rows in the journal that the watch worker has not stored yet.",
    "Growth for minutes: the worker is down or too slow; see watchkeeper_process_up and its log. Predictions go on.",
)
JOURNAL_BYTES = _gauge(
    "journal_bytes",
    "",
    "Size of the journal on disk.",
    "Growth for hours: the worker does not keep up, so nothing is trimmed.",
)
WATCH_POSITION = _gauge(
    "watch_position",
    "",
    "Journal position up to which everything is in the store.",
    "Flat while requests arrive: restart the watch process and read its log.",
)

# --- verdicts, alerts, notifications ----------------------------------------------------------------------------------
VERDICT = _gauge(
    "verdict",
    "model version state",
    "1 for the verdict of the newest judged window, 0 for the other verdicts.",
    "alarm: open the model's page. not enough data: traffic fell, or windows are too short.",
)
VERDICT_TIMESTAMP = _gauge(
    "verdict_timestamp_seconds",
    "model version",
    "End of the newest judged window, in Unix seconds of event time.",
    "Older than two windows: nothing is being judged, so silence means nothing.",
)
ALERTS_FIRING = _gauge(
    "alerts_firing",
    "model",
    "Alerts that are firing now.",
    "Above 0: open /alerts; each says what broke, since when, how much, and what to do next.",
)
ALERTS_PENDING = _gauge(
    "alerts_pending",
    "model",
    "Causes seen that wait for their policy's number of windows before they fire.",
    "Nothing yet; it is a warning of what may come.",
)
OUTBOX_PENDING = _gauge(
    "outbox_pending",
    "",
    "Notifications waiting to be delivered.",
    "Above 0 for minutes: the receiver is down; delivery is retried by itself.",
)
OUTBOX_FAILED = _gauge(
    "outbox_failed",
    "",
    "Notifications given up after every try.",
    "Above 0: nobody was told of these alerts. Fix webhook_url, read /alerts.",
)

# --- processes and disk -----------------------------------------------------------------------------------------------
PROCESS_UP = _gauge(
    "process_up",
    "process",
    "1 if the process sent a heartbeat in the last 15 seconds.",
    "0: the supervisor restarts it; if it stays 0, read that process's log.",
)
PROCESS_START_TIME = _gauge(
    "process_start_time_seconds",
    "process",
    "When the process started, in Unix seconds.",
    "A changing value: the process dies again and again; read its log.",
)
PROCESS_HEARTBEAT = _gauge(
    "process_heartbeat_timestamp_seconds",
    "process",
    "Last heartbeat of the process, in Unix seconds.",
    "More than 15 s old: the process hangs or is gone.",
)
PROCESS_CPU = _counter(
    "process_cpu_seconds_total",
    "process",
    "CPU time used by the process since it started.",
    "Near one second a second: that process is the bottleneck.",
)
PROCESS_MEMORY = _gauge(
    "process_resident_memory_bytes",
    "process",
    "Resident memory of the process.",
    "Steady growth: please report it with the log; restart the process meanwhile (nothing acknowledged is lost).",
)
DISK_FREE = _gauge(
    "disk_free_bytes",
    "",
    "Free space where the data directory lies.",
    "Below a few days of growth: register models again with a shorter --retention-records, or move the data directory.",
)
DATA_BYTES = _gauge(
    "data_bytes",
    "part",
    "Size of each part of the data directory (state, journal, records, feedback, blobs).",
    "Find the part that grows; a model's --retention-records bounds its records.",
)
BUILD_INFO = _gauge(
    "build_info",
    "version python",
    "Always 1; its labels name what is running.",
    "Nothing; join on it to see a change of version.",
)

METRICS: tuple[Metric, ...] = (
    INFERENCES,
    INFERENCE_DURATION,
    FEEDBACK,
    LABELS,
    LABELS_PARKED,
    PERFORMANCE,
    PERFORMANCE_LOW,
    PERFORMANCE_HIGH,
    PERFORMANCE_TIMESTAMP,
    PERFORMANCE_ESTIMATED,
    PERFORMANCE_ESTIMATED_LOW,
    PERFORMANCE_ESTIMATED_HIGH,
    PERFORMANCE_ESTIMATED_TIMESTAMP,
    LABEL_COVERAGE,
    LABELS_ARRIVED,
    CAPTURE_DROPPED,
    DUPLICATES,
    DEAD_LETTERS,
    JOURNAL_LAG_ROWS,
    JOURNAL_BYTES,
    WATCH_POSITION,
    VERDICT,
    VERDICT_TIMESTAMP,
    ALERTS_FIRING,
    ALERTS_PENDING,
    OUTBOX_PENDING,
    OUTBOX_FAILED,
    PROCESS_UP,
    PROCESS_START_TIME,
    PROCESS_HEARTBEAT,
    PROCESS_CPU,
    PROCESS_MEMORY,
    DISK_FREE,
    DATA_BYTES,
    BUILD_INFO,
)


def _seldon(cell: str, what: str) -> Metric:
    return Metric(
        name=f"seldon_metric_{cell}_total",
        kind=MetricKind.COUNTER,
        labels=("model_name", "model_version", "predictor_name", "class"),
        help=f"Labelled rows that are {what} of the class (as first labelled; under Seldon Core's name).",
        action="Take rates of all four: dashboards made for Seldon Core's metric server go on working.",
    )


SELDON_METRICS: tuple[Metric, ...] = (
    _seldon("true_positive", "true positives"),
    _seldon("false_positive", "false positives"),
    _seldon("true_negative", "true negatives"),
    _seldon("false_negative", "false negatives"),
)
"""Seldon Core's names for decisions by class: every row is scored, and a true negative counts for the right classes."""
