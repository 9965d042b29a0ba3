"""One feature or output of a model: its type, what is normal for it, and what may be kept of it."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class FeatureType(StrEnum):
    """What a column holds; decides how it is checked and tallied."""

    NUMERIC = "numeric"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CATEGORICAL = "categorical"
    TIMESTAMP = "timestamp"
    TEXT = "text"

    @property
    def is_number(self) -> bool:
        """Whether values are tallied as floating-point numbers as they are."""
        return self in (FeatureType.NUMERIC, FeatureType.INTEGER)


class Privacy(StrEnum):
    """What may be kept of a value. Applied before the first byte reaches a disk."""

    KEEP = "keep"
    DROP = "drop"
    HASH = "hash"
    MASK = "mask"


class Feature(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A declared column.

    `minimum` and `maximum` bound numbers (timestamps: Unix seconds), inclusive. `categories` is the closed set of
    levels seen in the reference, or None where the set is open. `null_rate` is the share of missing values in the
    reference. Hand edits are welcome: every field is plain JSON.
    """

    name: str
    type: FeatureType
    nullable: bool = True
    minimum: float | None = None
    maximum: float | None = None
    categories: tuple[str, ...] | None = None
    null_rate: float = 0.0
    unit: str | None = None
    privacy: Privacy = Privacy.KEEP
    description: str | None = None
