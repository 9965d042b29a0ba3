"""Each fault is counted apart and flagged on its rows."""

import pyarrow as pa
import pytest

from watchkeeper.schema.check import Fault, check_batch
from watchkeeper.schema.feature import Feature, FeatureType
from watchkeeper.schema.schema import Schema

NUMBER = Feature(name="x", type=FeatureType.NUMERIC, minimum=0.0, maximum=10.0)
INTEGER = Feature(name="x", type=FeatureType.INTEGER)
CATEGORY = Feature(name="x", type=FeatureType.CATEGORICAL, categories=("a", "b"))
BOOLEAN = Feature(name="x", type=FeatureType.BOOLEAN, categories=("false", "true"))
OPEN = Feature(name="x", type=FeatureType.CATEGORICAL)
TEXT = Feature(name="x", type=FeatureType.TEXT)


@pytest.mark.parametrize(
    ("feature", "values", "faults"),
    [
        (NUMBER, [5.0, 0.0, 10.0], [0, 0, 0]),
        (NUMBER, [None, float("nan"), float("inf"), -1.0, 11.0], [1, 2, 4, 16, 16]),
        (NUMBER, ["5", "x", None], [0, 32, 1]),
        (NUMBER, [True, False], [0, 0]),
        (INTEGER, [1.0, 1.5, float("nan"), None], [0, 32, 2, 1]),
        (INTEGER, [1, 2, None], [0, 0, 1]),
        (CATEGORY, ["a", "z", None], [0, 8, 1]),
        (CATEGORY, [1, 2, None], [32, 32, 1]),
        (CATEGORY, pa.array(["a", "z", None]).dictionary_encode(), [0, 8, 1]),
        (CATEGORY, pa.nulls(2), [1, 1]),
        (BOOLEAN, [True, None, False], [0, 1, 0]),
        (OPEN, ["anything", None], [0, 1]),
        (TEXT, ["anything", None], [0, 1]),
    ],
)
def test_flags(feature: Feature, values: object, faults: list[int]) -> None:
    check = check_batch(Schema(features=(feature,)), pa.table({"input.x": values}))
    assert check.flags.tolist() == faults
    expected: dict[str, int] = {}
    for fault in faults:
        if fault:
            expected[Fault(fault).label] = expected.get(Fault(fault).label, 0) + 1
    assert check.counts == ({"x": expected} if expected else {})


def test_a_lacking_column_is_missing_everywhere() -> None:
    check = check_batch(Schema(features=(NUMBER,)), pa.table({"input.other": [1, 2]}))
    assert check.counts == {"x": {"missing": 2}}


def test_flags_add_over_features() -> None:
    other = Feature(name="y", type=FeatureType.CATEGORICAL, categories=("a",))
    table = pa.table({"input.x": [None, 5.0], "input.y": ["z", "a"]})
    assert check_batch(Schema(features=(NUMBER, other)), table).flags.tolist() == [Fault.MISSING | Fault.UNSEEN, 0]
