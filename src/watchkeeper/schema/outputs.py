"""What the outputs of a model are called, and how a label is written down."""

from __future__ import annotations

LABEL = "label"
PROBABILITY = "probability"
PREDICTION = "prediction"


def label_text(value: object) -> str:
    """A label as it is recorded: booleans `true` and `false`, whole numbers without a point, anything else as text."""
    if isinstance(value, bool) or type(value).__name__ == "bool":
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
