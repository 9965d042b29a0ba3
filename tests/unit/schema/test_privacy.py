"""What must not be kept is not kept."""

import pyarrow as pa
import pytest

from watchkeeper.schema.feature import Feature, FeatureType, Privacy
from watchkeeper.schema.privacy import redact, redact_table, redacted_schema, without_values
from watchkeeper.schema.schema import Schema

PEPPER = b"0123456789abcdef"


def schema(policy: Privacy) -> Schema:
    return Schema(
        features=(
            Feature(name="phone", type=FeatureType.CATEGORICAL, privacy=policy, categories=("0123456789",)),
            Feature(name="x", type=FeatureType.NUMERIC),
        )
    )


BATCH = pa.record_batch({"input.phone": ["0123456789", None, "42"], "input.x": [1.0, 2.0, None]})


@pytest.mark.parametrize(
    ("policy", "kept"),
    [
        (Privacy.KEEP, ["0123456789", None, "42"]),
        (Privacy.DROP, [None, None, None]),
        (Privacy.MASK, ["0…9", None, "…"]),
    ],
)
def test_policies(policy: Privacy, kept: list[str | None]) -> None:
    clean = redact(BATCH, schema(policy), PEPPER)
    assert clean.column("input.phone").to_pylist() == kept
    assert clean.column("input.x").to_pylist() == [1.0, 2.0, None]


def test_hash_is_keyed_and_repeats() -> None:
    one = redact(BATCH, schema(Privacy.HASH), PEPPER).column("input.phone").to_pylist()
    two = redact(BATCH, schema(Privacy.HASH), PEPPER).column("input.phone").to_pylist()
    other = redact(BATCH, schema(Privacy.HASH), b"another pepper!!").column("input.phone").to_pylist()
    assert one == two != other
    assert one[1] is None
    assert all(len(text) == 16 and "0123456789" not in text for text in one if text)


def test_numbers_are_hashed_as_their_text() -> None:
    private = Schema(features=(Feature(name="x", type=FeatureType.NUMERIC, privacy=Privacy.HASH),))
    clean = redact(pa.record_batch({"input.x": [1.0, None]}), private, PEPPER)
    assert clean.schema.field("input.x").type == pa.string()
    assert clean.column("input.x")[1].as_py() is None


def test_nothing_private_is_the_very_same_batch() -> None:
    assert redact(BATCH, schema(Privacy.KEEP), PEPPER) is BATCH


def test_reference_and_batch_are_treated_alike() -> None:
    table = pa.table({"phone": ["0123456789"], "x": [1.0]})
    for policy in (Privacy.HASH, Privacy.MASK):
        batch = redact(pa.record_batch({"input.phone": ["0123456789"], "input.x": [1.0]}), schema(policy), PEPPER)
        assert (
            redact_table(table, schema(policy), PEPPER)["phone"].to_pylist() == batch.column("input.phone").to_pylist()
        )
    assert redact_table(table, schema(Privacy.DROP), PEPPER).column_names == ["x"]


def test_the_schema_that_is_left_names_no_private_level() -> None:
    assert redacted_schema(schema(Privacy.DROP)).feature_names == ("x",)
    assert b"0123456789" not in redacted_schema(schema(Privacy.HASH)).to_json()


def test_a_kept_schema_tells_no_value_of_a_private_column() -> None:
    open_ = Feature(name="fare", type=FeatureType.NUMERIC, minimum=1.0, maximum=9.0)
    name = Feature(name="name", type=FeatureType.CATEGORICAL, categories=("Ann", "Bob"), privacy=Privacy.HASH)
    income = Feature(name="income", type=FeatureType.NUMERIC, minimum=7.0, maximum=1e6, privacy=Privacy.DROP)
    kept = without_values(Schema(features=(open_, name, income), outputs=(), revision=3))
    assert kept.features[0] == open_
    assert [(f.name, f.type, f.privacy) for f in kept.features[1:]] == [
        ("name", FeatureType.CATEGORICAL, Privacy.HASH),
        ("income", FeatureType.NUMERIC, Privacy.DROP),
    ]
    assert {(f.minimum, f.maximum, f.categories) for f in kept.features[1:]} == {(None, None, None)}
    assert kept.revision == 3
