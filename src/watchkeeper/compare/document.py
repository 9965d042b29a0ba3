"""A comparison as JSON, by the published schema `watchkeeper.compare/1`."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from watchkeeper.detectors.finding import Finding
from watchkeeper.events.verdict import Verdict
from watchkeeper.reference.reference import Reference

SCHEMA = "watchkeeper.compare/1"


def comparison_document(verdict: Verdict, findings: Sequence[Finding], reference: Reference, rows: int) -> str:
    """The JSON text: verdict, sizes of both tables, and all findings with all their fields."""
    fields = {
        "schema": SCHEMA,
        "verdict": verdict,
        "rows": rows,
        "reference_rows": reference.rows,
        "reference_blocks": len(reference.blocks),
        "findings": findings,
    }
    return msgspec.json.encode(fields).decode()
