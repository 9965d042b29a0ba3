"""Harm in a segment, in words."""

from watchkeeper.monitors.segment_words import Rise, named, note, sentence


def test_where_and_by_how_much() -> None:
    said = sentence("error", named(("carrier", "UA"), {}), Rise(0.22, 0.31, 0.2, 0.201), 0.05)
    assert said == "The error rose where carrier is UA: 0.31 against 0.22 ordinarily (+41 %), elsewhere it did not."


def test_the_others_and_what_is_finer_are_said() -> None:
    said = sentence("error", "carrier is UA", Rise(0.2, 0.4, 0.2, 0.24), 0.05, "origin is EWR")
    assert said.endswith("(+100 %), elsewhere by +20 %. All of it is where origin is EWR.")


def test_a_value_that_privacy_hid_is_named_as_such() -> None:
    assert named(("phone", "3f2a"), {"phone": "hashed"}) == "phone is the hashed value 3f2a"
    assert named(("name", "A…z"), {"name": "masked"}) == "name is the masked value A…z"


def test_what_a_silence_is_worth() -> None:
    said = note(0.05, 200, (32, 8), "+60 %")
    assert said == (
        "5.0 % of the labels are in it. 200 segments were looked at, 8 windows against 32 ordinary ones. A lasting "
        "+60 % there shows four times in five."
    )
