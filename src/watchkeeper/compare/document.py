"""A comparison as JSON, by the published schema `watchkeeper.compare/1`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from watchkeeper.compare.attribution import Attribution
from watchkeeper.compare.segment import Segments
from watchkeeper.detectors.finding import Finding
from watchkeeper.events.verdict import Verdict
from watchkeeper.reference.reference import Reference

SCHEMA = "watchkeeper.compare/1"


class Told(Protocol):
    """What the document needs of a comparison."""

    @property
    def verdict(self) -> Verdict: ...
    @property
    def findings(self) -> Sequence[Finding]: ...
    @property
    def reference(self) -> Reference: ...
    @property
    def rows(self) -> int: ...
    @property
    def segments(self) -> tuple[Segments, ...]: ...
    @property
    def attribution(self) -> Attribution | None: ...
    @property
    def notes(self) -> tuple[str, ...]: ...


def comparison_document(comparison: Told) -> str:
    """The JSON text: verdict, sizes of both tables, all findings with all their fields, and where they were found."""
    fields = {
        "schema": SCHEMA,
        "verdict": comparison.verdict,
        "rows": comparison.rows,
        "reference_rows": comparison.reference.rows,
        "reference_blocks": len(comparison.reference.blocks),
        "findings": comparison.findings,
        "segments": comparison.segments,
        "attribution": comparison.attribution,
        "notes": comparison.notes,
    }
    return msgspec.json.encode(fields).decode()
