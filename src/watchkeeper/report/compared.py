"""What telling of a comparison, as a report or as JSON, needs to be given, as shapes: not how comparing works."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from watchkeeper.detectors.finding import Finding
from watchkeeper.events.verdict import Verdict
from watchkeeper.reference.reference import Reference
from watchkeeper.tallies.tally import Tally


class Located(Protocol):
    """Where a column moved, in a sentence."""

    @property
    def sentence(self) -> str: ...


class Carried(Protocol):
    """What one feature carried of the change of the score."""

    @property
    def feature(self) -> str: ...
    @property
    def amount(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def share(self) -> float | None: ...


class Attributed(Protocol):
    """The change of the score, divided among the features."""

    @property
    def sentence(self) -> str: ...
    @property
    def note(self) -> str: ...
    @property
    def contributions(self) -> Sequence[Carried]: ...


class Compared(Protocol):
    """What must be known of a comparison to tell it: both sides as tallies over one binning, and what was found."""

    @property
    def verdict(self) -> Verdict: ...
    @property
    def findings(self) -> Sequence[Finding]: ...
    @property
    def reference(self) -> Reference: ...
    @property
    def current(self) -> Tally: ...
    @property
    def rows(self) -> int: ...
    @property
    def segments(self) -> Sequence[Located]: ...
    @property
    def attribution(self) -> Attributed | None: ...
    @property
    def notes(self) -> tuple[str, ...]: ...
