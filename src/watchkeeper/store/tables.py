"""The one schema of the state database.

Clock times (`…_at`, `at`, `since`) are Unix seconds as floats; buckets and windows are whole Unix seconds, half-open
[start, end); event times in the catalogue of record files are Unix microseconds. JSON is kept as text.
A change here needs a migration in `migrations/versions`; a test compares the two.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

METADATA = MetaData()

models = Table(
    "models",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("task", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("settings", Text, nullable=False),
)

versions = Table(
    "versions",
    METADATA,
    Column("model", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("artifact_digest", Text, nullable=False),
    Column("runtime", Text, nullable=False),
    Column("schema_json", Text, nullable=False),
    Column("reference_digest", Text, nullable=False),
    Column("options", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("performance_digest", Text),
    ForeignKeyConstraint(["model"], ["models.name"]),
)

routing = Table(
    "routing",
    METADATA,
    Column("model", Text, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("route", Text, primary_key=True),
    Column("weight", Integer, nullable=False),
    Column("created_at", Float, nullable=False),
    ForeignKeyConstraint(["model", "version"], ["versions.model", "versions.version"]),
)

counters = Table(
    "counters",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

tallies = Table(
    "tallies",
    METADATA,
    Column("model", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("route", Text, primary_key=True),
    Column("bucket_start", BigInteger, primary_key=True),
    Column("width", Integer, primary_key=True),
    Column("counts", LargeBinary, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("revision", Integer, nullable=False),
)

record_files = Table(
    "record_files",
    METADATA,
    Column("path", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("first_event", BigInteger, nullable=False),
    Column("last_event", BigInteger, nullable=False),
    Column("first_id", Text, nullable=False),
    Column("last_id", Text, nullable=False),
    Index("record_files_by_time", "kind", "model", "last_event"),
    Index("record_files_by_id", "kind", "model", "last_id"),
)

feedback_ids = Table(
    "feedback_ids",
    METADATA,
    Column("model", Text, primary_key=True),
    Column("feedback_id", Text, primary_key=True),
    Column("seen_at", Float, nullable=False),
    sqlite_with_rowid=False,  # the key is the row: half the size
)

labels = Table(
    "labels",
    METADATA,
    Column("model", Text, primary_key=True),
    Column("prediction_id", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("number", Float),
    Column("text", Text),
    Column("event_time", BigInteger, nullable=False),
    Column("arrived_at", BigInteger, nullable=False),
    Column("source", Text),
    Column("probability", Float),
    Column("version", Text, nullable=False),
    Column("route", Text, nullable=False),
    Column("predicted_at", BigInteger, nullable=False),
    Column("revision", Integer, nullable=False),
    sqlite_with_rowid=False,
)

parked = Table(
    "parked",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("model", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("deadline", Float, nullable=False),
    Column("feedback", LargeBinary, nullable=False),
    Index("parked_by_target", "model", "target"),
    Index("parked_by_deadline", "deadline"),
)

label_outcomes = Table(
    "label_outcomes",
    METADATA,
    Column("model", Text, primary_key=True),
    Column("hour", BigInteger, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("outcome", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

layouts = Table(
    "layouts",
    METADATA,
    Column("model", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("layout", Text, nullable=False),
)

performance = Table(
    "performance",
    METADATA,
    Column("model", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("route", Text, primary_key=True),
    Column("bucket_start", BigInteger, primary_key=True),
    Column("width", Integer, primary_key=True),
    Column("counts", LargeBinary, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("corrections", LargeBinary),
    Column("corrected", BigInteger, nullable=False),
    Column("delays", LargeBinary),
    Column("reward_rows", BigInteger, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("said", LargeBinary),
    Column("reward_sum", Text, nullable=False),  # whole millionths, of any length
    Column("reward_squares", Text),  # their squares; unknown of old rewards whose labels are gone
    Column("reward_zeros", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

estimates = Table(
    "estimates",
    METADATA,
    Column("model", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("window_start", BigInteger, primary_key=True),
    Column("method", Text, primary_key=True),
    Column("window_end", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("made_at", Float, nullable=False),
    sqlite_with_rowid=False,
)

label_requests = Table(
    "label_requests",
    METADATA,
    Column("model", Text, primary_key=True),
    Column("prediction_id", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("window_start", BigInteger, nullable=False),
    Column("window_end", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("probability", Float, nullable=False),
    Column("reason", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("asked_at", Float, nullable=False),
    Column("deadline", Float, nullable=False),
    Column("changed_at", Float, nullable=False),
    Index("label_requests_by_state", "model", "state", "deadline"),
    Index("label_requests_by_window", "model", "version", "window_start"),
    sqlite_with_rowid=False,
)

positions = Table(
    "positions",
    METADATA,
    Column("consumer", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
)

intake = Table(
    "intake",
    METADATA,
    Column("model", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("received", BigInteger, nullable=False),
    Column("stored", BigInteger, nullable=False),
)

losses = Table(
    "losses",
    METADATA,
    Column("model", Text, primary_key=True),
    Column("reason", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
)

dead_letters = Table(
    "dead_letters",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("received_at", Float, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("payload", LargeBinary, nullable=False),
)

streams = Table(
    "streams",
    METADATA,
    Column("model", Text, primary_key=True),
    Column("newest_event", Float, nullable=False),
    Column("newest_receive", Float, nullable=False),
    Column("lag", Float, nullable=False),
)

windows = Table(
    "windows",
    METADATA,
    Column("model", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("window_start", BigInteger, primary_key=True),
    Column("window_end", BigInteger, primary_key=True),
    Column("changed", Integer, nullable=False),
    Column("judged", Integer, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("counts", LargeBinary),
    Column("flagged", Text, nullable=False),
    Index("windows_changed", "changed", "window_end"),
)

verdicts = Table(
    "verdicts",
    METADATA,
    Column("model", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("window_start", BigInteger, primary_key=True),
    Column("window_end", BigInteger, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("verdict", Text, nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("judged_at", Float, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

alerts = Table(
    "alerts",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("onset", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("alerts_by_model", "model", "version", "state"),
    Index("alerts_by_fingerprint", "fingerprint", "onset"),
)

alert_transitions = Table(
    "alert_transitions",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("alert_id", Text, nullable=False),
    Column("at", Float, nullable=False),
    Column("from_state", Text, nullable=False),
    Column("to_state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    ForeignKeyConstraint(["alert_id"], ["alerts.id"], ondelete="CASCADE"),
    Index("alert_transitions_by_alert", "alert_id", "id"),
)

outbox = Table(
    "outbox",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("notice_id", Text, nullable=False),
    Column("alert_id", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_try_at", Float, nullable=False),
    Column("state", Text, nullable=False),
    Column("last_error", Text, nullable=False),
    Index("outbox_once", "notice_id", "target", unique=True),
    Index("outbox_due", "state", "next_try_at"),
)

heartbeats = Table(
    "heartbeats",
    METADATA,
    Column("process", Text, primary_key=True),
    Column("pid", Integer, nullable=False),
    Column("at", Float, nullable=False),
    Column("started_at", Float, nullable=False),
    Column("stats", Text, nullable=False),
)
