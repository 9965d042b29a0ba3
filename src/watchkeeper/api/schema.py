"""The schema of a version: its features and outputs as declared."""

from __future__ import annotations

from watchkeeper.api.context import Given
from watchkeeper.api.span import Named
from watchkeeper.schema.schema import Schema


def schema(context: Given, model: str, version: Named = None) -> Schema:
    """Features in the order the model takes them, outputs in the order it gives them."""
    return context.version(model, version).schema
