"""One window's level, shared out among the questions that are asked of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shares:
    """How a window's level is shared out; adds up to 1. `together` is the omnibus's."""

    columns: float
    score: float
    together: float
    dependence: float

    @classmethod
    def of(cls, *, score: bool, together: bool, dependence: bool) -> Shares:
        """By what is looked for."""
        own = 0.2 if score else 0.0
        each = (0.4 - own) / max(together + dependence, 1) * bool(together + dependence)
        return cls(1 - own - each * (together + dependence), own, each * together, each * dependence)
