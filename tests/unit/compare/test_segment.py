from __future__ import annotations

from watchkeeper.compare.segment import Segment


def segment(*conditions: tuple[str, str], moved: bool = True, share: float = 0.41) -> Segment:
    return Segment(
        conditions=conditions,
        n_before=1000,
        n_now=1000,
        share_before=0.4,
        share_now=share,
        effect=0.3,
        low=0.2,
        high=0.4,
        p_value=1e-9,
        smallest=0.1,
        moved=moved,
    )


def test_a_segment_is_named_by_its_conditions() -> None:
    assert segment(("carrier", "AA"), ("origin", "JFK")).name == "carrier=AA and origin=JFK"
    assert segment().name == ""
