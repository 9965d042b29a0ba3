"""Where a feature moved, in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

from watchkeeper.compare.segment import Segment, Segments
from watchkeeper.monitors.sentences import percent

_SHOWN = 3


def segments_sentence(found: Segments) -> str:
    """`distance` moved in carrier=AA (41 % of rows), not elsewhere."""
    name = f"`{found.feature}`"
    if found.finer and all(segment.moved for segment in found.finer):
        return f"{name} moved in {_list(found.finer)}, not elsewhere."
    if found.moved and found.rest is not None and not found.rest.moved:
        return f"{name} moved in {_list(found.moved)}, not elsewhere."
    if not found.whole.moved:
        return f"{name} did not move by more than chance, or by too little to matter."
    if found.moved:
        most = found.moved[0]
        return f"{name} moved everywhere that was looked at, most in {most.name} ({percent(most.share_now)} of rows)."
    if found.mix:
        names = ", ".join(f"`{one}`" for one in found.mix[:_SHOWN])
        return f"{name} moved as a whole and within no value of {names}: the mix of those values changed."
    return f"{name} moved; no segment has enough rows to say where."


def _list(segments: Sequence[Segment]) -> str:
    named = [f"{segment.name} ({percent(segment.share_now)} of rows)" for segment in segments[:_SHOWN]]
    more = len(segments) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")
