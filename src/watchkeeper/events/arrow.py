"""One RecordBatch to bytes and back: the Arrow IPC stream format, as the journal keeps it."""

from __future__ import annotations

import pyarrow as pa

from watchkeeper.events.errors import BadInput


def encode_batch(batch: pa.RecordBatch) -> bytes:
    """The batch as an Arrow IPC stream of its own, schema and metadata included."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return sink.getvalue().to_pybytes()


def decode_batch(payload: bytes) -> pa.RecordBatch:
    """The batch that `encode_batch` wrote. Raises BadInput if the bytes are not one Arrow IPC stream of one batch."""
    try:
        with pa.ipc.open_stream(payload) as reader:
            batches = list(reader)
    except (pa.ArrowInvalid, OSError) as error:
        raise BadInput(f"These {len(payload)} bytes are not an Arrow IPC stream: {error}.") from error
    if len(batches) != 1:
        raise BadInput(f"An Arrow IPC stream of one batch was expected, this one holds {len(batches)}.")
    return batches[0]
