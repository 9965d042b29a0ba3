"""What is being compared: data still to be counted, or a reference that was counted before, perhaps elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from watchkeeper.events.errors import BadInput
from watchkeeper.events.inference import INPUT
from watchkeeper.reference.profile_file import SUFFIX, reference_from
from watchkeeper.reference.reference import Reference
from watchkeeper.schema.inference import feature_type_of
from watchkeeper.schema.opening import as_source
from watchkeeper.schema.source import Source

_SHOWN = 20


@dataclass(frozen=True)
class Shape:
    """The columns of one side: `kinds` says in words what each holds; `unwatchable` are those without a tally."""

    kinds: Mapping[str, str]
    unwatchable: frozenset[str] = frozenset()
    repeated: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names that stand for one column."""
        return tuple(self.kinds)

    @property
    def listed(self) -> str:
        """The first columns, for a message."""
        return ", ".join(self.names[:_SHOWN]) or "no columns"


Side = Source | Reference


def opened(data: Any) -> Side:
    """`data` as rows to count, or as the reference that a profile holds. Raises BadInput."""
    if isinstance(data, str | Path) and Path(data).suffix.lower() == SUFFIX:
        return reference_from(_bytes(Path(data)), str(data))
    held = getattr(data, "reference", data)
    return held if isinstance(held, Reference) else as_source(data)


def shape_of(side: Side) -> Shape:
    """The columns of a side."""
    if isinstance(side, Reference):
        kinds = {f.name: f.type.value for f in side.schema.features if INPUT + f.name in side.binning.columns}
        return Shape(kinds)
    return Shape(
        {field.name: str(field.type) for field in side.fields},
        frozenset(field.name for field in side.fields if feature_type_of(field.type) is None),
        side.repeated,
    )


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"The profile {path} cannot be read: {error.strerror}.", hint="Check the path.") from error
