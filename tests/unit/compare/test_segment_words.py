from __future__ import annotations

from dataclasses import replace

from tests.unit.compare.test_segment import segment
from watchkeeper.compare.segment import Segments
from watchkeeper.compare.segment_words import segments_sentence

AA, JFK = segment(("carrier", "AA")), segment(("carrier", "AA"), ("origin", "JFK"), share=0.2)
FOUND = Segments(
    feature="distance",
    whole=segment(),
    column="carrier",
    moved=(AA,),
    still=(),
    rest=segment(moved=False),
    finer=(),
    mix=(),
    too_few=(),
    looked_at=4,
    sentence="",
)


def test_sentences_say_where_and_where_not() -> None:
    assert segments_sentence(FOUND) == "`distance` moved in carrier=AA (41 % of rows), not elsewhere."
    said = segments_sentence(replace(FOUND, finer=(JFK,)))
    assert said == "`distance` moved in carrier=AA and origin=JFK (20 % of rows), not elsewhere."
    assert "most in carrier=AA" in segments_sentence(replace(FOUND, rest=None))
    assert "no value of `carrier`" in segments_sentence(replace(FOUND, moved=(), mix=("carrier",)))
    assert "chance" in segments_sentence(replace(FOUND, moved=(), whole=segment(moved=False)))
    assert "enough rows" in segments_sentence(replace(FOUND, moved=()))


def test_long_lists_are_cut() -> None:
    moved = tuple(segment(("carrier", letter)) for letter in "ABCDE")
    assert "carrier=C (41 % of rows) and 2 more" in segments_sentence(replace(FOUND, moved=moved))
