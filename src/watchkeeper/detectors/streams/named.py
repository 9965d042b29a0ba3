"""A sequential detector by its name: what `watchkeeper.stream` gives."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Protocol

from watchkeeper.detectors.streams.registry import STREAM_DETECTORS
from watchkeeper.detectors.streams.signal import Stream
from watchkeeper.events.errors import BadInput


class Policy(Protocol):
    """The parameters of a sequential detector: frozen, to be started as often as there are streams."""

    def start(self, *rng: Any) -> Stream:
        """A state that has seen nothing; `kswin` alone, which draws at random, takes a NumPy generator."""
        ...


def stream(name: str, **parameters: Any) -> Policy:
    """The sequential detector `name` with its `parameters`; the rest are at their defaults.

    `start()` makes a state, whose `update(value)` answers each value with a `Signal`. Raises BadInput for an unknown
    name or parameter, or a parameter out of its range.

    >>> state = stream("cusum", mean=0.12, sd=0.03, h=4).start()
    >>> [state.update(error).alarm for error in (0.11, 0.13, 0.19, 0.21)]
    [False, False, False, True]
    """
    known = STREAM_DETECTORS.get(name)
    if known is None:
        raise BadInput(f"There is no stream detector {name!r}.", hint=f"There are {', '.join(STREAM_DETECTORS)}.")
    names = [field.name for field in fields(known.policy)]
    unknown = [parameter for parameter in parameters if parameter not in names]
    if unknown:
        raise BadInput(f"{name} has no parameter {unknown[0]!r}.", hint=f"It has {', '.join(names)}.")
    policy: Policy = known.policy(**parameters)
    return policy
