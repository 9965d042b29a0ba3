"""What a sequential detector answers after each value, and how values are read.

Rules of every detector here:

- The policy (parameters) is a frozen record; `policy.start()` makes the state, and `state.update(value)` returns a
  `Signal`. Nothing has to be read from the state afterwards. A state copies, pickles and compares as plain data.
- Positions count every value given, from 1, over the whole life of the state.
- After an alarm the detector starts anew with the next value. It knows what changed only up to there.
- A value that is missing (NaN or infinite) is evidence of nothing: the answer is `not computable` and the state stays
  as it was. What is no number at all, or no error where errors are asked for, is `BadInput`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol, SupportsFloat

from watchkeeper.events.errors import BadInput
from watchkeeper.events.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """The answer to one value.

    `position` is that value's, from 1. `statistic` is held against `threshold`; its unit is the detector's. `since` is
    the position of the first value of the present excursion, an estimate of the onset: a change that came at once is
    placed about there, a slow one began earlier and only *not later* can be said. None when there is no excursion.
    """

    position: int
    verdict: Verdict
    statistic: float = 0.0
    threshold: float = 0.0
    since: int | None = None
    note: str = ""

    @property
    def alarm(self) -> bool:
        """Whether the detector says that a change has happened."""
        return self.verdict is Verdict.ALARM


class Stream(Protocol):
    """The state of a sequential detector."""

    def update(self, value: float) -> Signal:
        """Take one value, and say what is to be made of all so far."""
        ...


def read(value: SupportsFloat) -> float | None:
    """The value as a float; None when it is missing (NaN, infinite). Raises BadInput for what is no number."""
    if isinstance(value, str | bytes):
        raise BadInput(f"A stream takes numbers, not {value!r}.", hint="Convert it before it is given.")
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise BadInput(f"A stream takes numbers, one at a time, not {type(value).__name__}.") from error
    return number if math.isfinite(number) else None


def read_loss(value: SupportsFloat) -> float | None:
    """The same for a loss, which lies between 0 and 1."""
    loss = read(value)
    if loss is not None and not 0.0 <= loss <= 1.0:
        raise BadInput(f"A loss lies between 0 and 1, not {loss:g}.", hint="Divide it by the largest loss possible.")
    return loss


def read_error(value: SupportsFloat) -> bool | None:
    """The same for an error, which is 0 (right) or 1 (wrong)."""
    error = read(value)
    if error is not None and error not in (0.0, 1.0):
        raise BadInput(f"An error is 0 (the model was right) or 1 (it was wrong), not {error:g}.")
    return None if error is None else error == 1.0


def missing(position: int, threshold: float) -> Signal:
    """The answer to a missing value."""
    return Signal(
        position=position,
        verdict=Verdict.NOT_COMPUTABLE,
        threshold=threshold,
        note="missing value: the state is as it was",
    )


def require(condition: bool, message: str) -> None:
    """Raise BadInput with `message` unless the condition holds: for parameters."""
    if not condition:
        raise BadInput(message)
