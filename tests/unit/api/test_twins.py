"""Which rows two versions share."""

from __future__ import annotations

import pyarrow as pa

from watchkeeper.api.twins import _places


def test_a_row_is_known_by_the_callers_id_and_its_number_or_by_its_own() -> None:
    rows = pa.table(
        {
            "request_id": ["a", "a", "b", None, "c", "c"],
            "prediction_id": ["x:0", "x:1", "y", "z", "u", "v"],
        }
    )
    assert _places(rows) == {("a", "0"): 0, ("a", "1"): 1, ("b", ""): 2, (None, "z"): 3}
