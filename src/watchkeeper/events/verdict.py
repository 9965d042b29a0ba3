"""The five answers a monitor can give. Missing evidence is never `ok`."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """A finding held against a policy."""

    OK = "ok"
    WARN = "warn"
    ALARM = "alarm"
    NOT_ENOUGH_DATA = "not enough data"
    NOT_COMPUTABLE = "not computable"


_GRAVITY = {
    Verdict.ALARM: 4,
    Verdict.WARN: 3,
    Verdict.OK: 2,
    Verdict.NOT_ENOUGH_DATA: 1,
    Verdict.NOT_COMPUTABLE: 0,
}


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The gravest verdict. An `ok` outweighs silence elsewhere; silence alone stays silence; nothing is no data."""
    return max(verdicts, key=_GRAVITY.__getitem__, default=Verdict.NOT_ENOUGH_DATA)
