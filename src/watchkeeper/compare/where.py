"""Beyond what moved: where it moved (segments.py) and who carried the change of the model's score (attribution.py).

Both look at rows, so they are asked of the samples; what cannot be said is said so in a note, and stops nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchkeeper.compare.attribution import Attribution, attribute
from watchkeeper.compare.segment import Segments
from watchkeeper.compare.segments import segments
from watchkeeper.compare.tables import Sides
from watchkeeper.detectors.finding import Finding
from watchkeeper.events.errors import BadInput
from watchkeeper.events.inference import INPUT
from watchkeeper.events.verdict import Verdict
from watchkeeper.report.advice import ranked

MOST = 20
_NO_ROWS = "A profile keeps no rows: neither segments nor the share of features in the score can be told."


@dataclass(frozen=True)
class Where:
    """Segments of the columns that moved, most urgent first, and the attribution of the score's change."""

    segments: tuple[Segments, ...] = ()
    attribution: Attribution | None = None
    notes: tuple[str, ...] = ()


def where(sides: Sides, findings: Sequence[Finding], by: Sequence[str]) -> Where:
    """Ask for segments of the columns `by` (names as in the tables), and for the score if there is one."""
    if not by and sides.score is None:
        return Where()
    if sides.samples[0] is None or sides.samples[1] is None:
        return Where(notes=(_NO_ROWS,))
    notes: list[str] = []
    attribution = None
    if sides.score is not None:
        try:
            attribution = attribute(sides.samples[0], sides.samples[1], sides.reference, sides.score)
        except BadInput as error:
            notes.append(f"The change of the score was not attributed: {error.message}")
    return Where(_segments(sides, findings, by) if by else (), attribution, tuple(notes))


def _segments(sides: Sides, findings: Sequence[Finding], by: Sequence[str]) -> tuple[Segments, ...]:
    before, now = sides.samples
    cut = [INPUT + name for name in by]
    unknown = [name for name, key in zip(by, cut, strict=True) if key not in sides.common]
    if unknown:
        raise BadInput(f"There is no column {unknown[0]!r} in both tables to cut by.", hint="Check the name.")
    moved = [
        key
        for key, own in ranked(findings)
        if own[0].verdict in (Verdict.WARN, Verdict.ALARM) and key in sides.common and [key] != cut
    ]
    if before is None or now is None:
        return ()
    return tuple(segments(before, now, sides.reference, key, cut) for key in moved[:MOST])
