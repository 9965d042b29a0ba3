"""The schema reads back what it wrote and says what is wrong with an edited one."""

import pytest

from watchkeeper.events.errors import BadInput, NotFound
from watchkeeper.schema.feature import Feature, FeatureType
from watchkeeper.schema.schema import Schema

SCHEMA = Schema(
    features=(Feature(name="a", type=FeatureType.NUMERIC, minimum=0.0), Feature(name="b", type=FeatureType.TEXT)),
    outputs=(Feature(name="y", type=FeatureType.NUMERIC),),
)


def test_json_round_trip() -> None:
    assert Schema.from_json(SCHEMA.to_json()) == SCHEMA


def test_feature_by_name() -> None:
    assert SCHEMA.feature("b").type is FeatureType.TEXT
    with pytest.raises(NotFound, match="It has a, b"):
        SCHEMA.feature("c")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"features": [{"name": "a", "type": "number"}]}', "number"),
        ('{"features": [{"type": "text"}]}', "name"),
        ('{"features": ', "truncated"),
        ("[]", "object"),
    ],
)
def test_a_bad_edit_names_the_place(text: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        Schema.from_json(text)


def test_names_must_be_unique() -> None:
    with pytest.raises(BadInput, match="more than once"):
        Schema(features=(Feature(name="a", type=FeatureType.TEXT),) * 2)
