"""Features as plain JSON."""

import msgspec

from watchkeeper.schema.feature import Feature, FeatureType, Privacy


def test_defaults_are_left_out_of_the_json() -> None:
    assert msgspec.json.decode(msgspec.json.encode(Feature(name="a", type=FeatureType.TEXT))) == {
        "name": "a",
        "type": "text",
    }


def test_number_types() -> None:
    assert [kind for kind in FeatureType if kind.is_number] == [FeatureType.NUMERIC, FeatureType.INTEGER]


def test_privacy_is_kept_by_default() -> None:
    assert Feature(name="a", type=FeatureType.NUMERIC).privacy is Privacy.KEEP
