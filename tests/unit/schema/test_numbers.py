"""Numbers out of any Arrow column."""

import datetime

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.schema.numbers import as_floats

UTC = datetime.UTC


@pytest.mark.parametrize(
    ("column", "values"),
    [
        (pa.array([1, 2, None], pa.int8()), [1, 2, None]),
        (pa.array([2**63 - 1], pa.int64()), [float(2**63 - 1)]),
        (pa.array([1.5, None]), [1.5, None]),
        (pa.array([True, False, None]), [1, 0, None]),
        (pa.array(["1.5", "2", None]), [1.5, 2, None]),
        (pa.array(["7", "7"]).dictionary_encode(), [7, 7]),
        (pa.array([datetime.datetime(1970, 1, 2, tzinfo=UTC)], pa.timestamp("ns", "UTC")), [86400]),
        (pa.array([datetime.date(1970, 1, 2)]), [86400]),
        (pa.chunked_array([[1.0], [2.0]]), [1, 2]),
        (pa.nulls(2), [None, None]),
    ],
)
def test_readable(column: pa.Array, values: list[float | None]) -> None:
    got, missing, unreadable = as_floats(column)
    assert [None if np.isnan(v) else v for v in got] == values
    assert (np.zeros(len(got), bool) if missing is None else missing).tolist() == [v is None for v in values]
    assert unreadable is None


def test_what_is_no_number_is_unreadable_not_missing() -> None:
    _, missing, unreadable = as_floats(pa.array(["1", "x", None]))
    assert missing is not None
    assert unreadable is not None
    assert (missing.tolist(), unreadable.tolist()) == ([False, False, True], [False, True, False])
    _, _, lists = as_floats(pa.array([[1], [2]]))
    assert lists is not None
    assert lists.all()


def test_length_counts_characters() -> None:
    values, _, _ = as_floats(pa.array(["", "né", None]), length=True)
    assert values[:2].tolist() == [0, 2]
