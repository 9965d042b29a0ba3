"""The envelope names its source in the Arrow metadata."""

import pyarrow as pa

from watchkeeper.events.inference import ENVELOPE, Source, envelope_schema, source_of


def test_source_survives_the_metadata() -> None:
    source = Source(model="m", version="v", route="shadow")
    schema = envelope_schema(source, [pa.field("input.x", pa.float64())])
    assert source_of(pa.RecordBatch.from_pylist([], schema=schema)) == source
    assert schema.names == [*(field.name for field in ENVELOPE), "input.x"]
