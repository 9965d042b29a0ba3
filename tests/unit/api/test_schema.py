from __future__ import annotations

from watchkeeper.api.context import Context
from watchkeeper.api.schema import schema


def test_the_schema_of_the_live_version(context: Context) -> None:
    found = schema(context, "delays")
    assert found.feature_names[:2] == ("distance", "carrier")
    assert [output.name for output in found.outputs] == ["probability", "late"]
    assert schema(context, "delays", version="v7") == found
