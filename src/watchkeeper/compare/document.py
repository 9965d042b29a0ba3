"""A comparison as JSON, by the published schema `watchkeeper.compare/1`."""

from __future__ import annotations

import msgspec

from watchkeeper.report.compared import Compared

SCHEMA = "watchkeeper.compare/1"


def comparison_document(comparison: Compared) -> str:
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
