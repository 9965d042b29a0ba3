"""The Arrow envelope of inferences: what every later stage reads.

One RecordBatch holds rows of one (model, version, route), named in the Arrow schema metadata. Envelope columns come
first, then `input.<feature>` and `output.<name>`. A failed request is one row with status >= 400, an error text, and
null inputs and outputs.
"""

from __future__ import annotations

import msgspec
import pyarrow as pa

TIMESTAMP = pa.timestamp("us", tz="UTC")
INPUT = "input."
OUTPUT = "output."

ENVELOPE: tuple[pa.Field, ...] = (
    pa.field("prediction_id", pa.string(), nullable=False),
    pa.field("request_id", pa.string()),
    pa.field("event_time", TIMESTAMP, nullable=False),
    pa.field("receive_time", TIMESTAMP, nullable=False),
    pa.field("status", pa.int16(), nullable=False),
    pa.field("error", pa.string()),
    pa.field("latency_us", pa.int32(), nullable=False),
)


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Which model, version and route answered the rows of one batch."""

    model: str
    version: str
    route: str = "live"

    def metadata(self) -> dict[str, str]:
        """The Arrow schema metadata that carries this source."""
        return {"kind": "inference", "model": self.model, "version": self.version, "route": self.route}


def source_of(batch: pa.RecordBatch) -> Source:
    """The source named in a batch's metadata; KeyError if the batch is not an inference batch."""
    metadata = batch.schema.metadata or {}
    return Source(
        model=metadata[b"model"].decode(), version=metadata[b"version"].decode(), route=metadata[b"route"].decode()
    )


def envelope_schema(source: Source, columns: list[pa.Field]) -> pa.Schema:
    """The Arrow schema of an inference batch whose inputs and outputs are `columns` (already prefixed)."""
    return pa.schema([*ENVELOPE, *columns], metadata=source.metadata())
