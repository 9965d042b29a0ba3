"""Drains the outbox: each message is tried until it is taken, or given up after the last try, visibly.

The outbox is in the store, so messages outlive restarts. A message is marked delivered after its receiver took it: a
crash in between sends it again with the same id. Waits double from one try to the next, up to a cap, with jitter so
that many senders do not come back at one moment (AWS Architecture Blog, "Exponential Backoff And Jitter").
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from watchkeeper.notify.sender import DeliveryError, Parcel, Sender


class Message(Protocol):
    """What the outbox knows of a message."""

    @property
    def id(self) -> int: ...
    @property
    def notice_id(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def payload(self) -> str: ...
    @property
    def tries(self) -> int: ...


class Outbox(Protocol):
    """What delivery needs of the store. `failed` with None for the next try gives the message up."""

    def due(self, now: float, limit: int = 100) -> Sequence[Message]: ...
    def delivered(self, message_id: int) -> None: ...
    def failed(self, message_id: int, error: str, next_try_at: float | None) -> None: ...


FindSender = Callable[[str], Sender | None]
"""A target to what delivers there, None if nothing is set up for it."""


class RetryPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds. With these values a receiver may be away for about five hours before a message is given up."""

    first: float = 2.0
    cap: float = 900.0
    tries: int = 30

    def next_try(self, tries: int, now: float, rng: random.Random) -> float | None:
        """When to try again after `tries` failures, None for never: half the wait is fixed, half is drawn."""
        if tries >= self.tries:
            return None
        wait = min(self.cap, self.first * 2.0 ** min(tries - 1, 60))
        return now + wait / 2 + rng.uniform(0, wait / 2)


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """What one pass over the outbox did; `errors` has one text for each message that was not delivered."""

    delivered: int = 0
    postponed: int = 0
    given_up: int = 0
    errors: tuple[str, ...] = ()


def deliver_due(outbox: Outbox, find_sender: FindSender, now: float, rng: random.Random, policy: RetryPolicy) -> Round:
    """Try every message that is due, oldest first."""
    delivered = postponed = given_up = 0
    errors: list[str] = []
    for message in outbox.due(now):
        error = _try(message, find_sender)
        if error is None:
            outbox.delivered(message.id)
            delivered += 1
            continue
        again = policy.next_try(message.tries + 1, now, rng)
        outbox.failed(message.id, error, again)
        errors.append(error)
        postponed, given_up = postponed + (again is not None), given_up + (again is None)
    return Round(delivered=delivered, postponed=postponed, given_up=given_up, errors=tuple(errors))


def _try(message: Message, find_sender: FindSender) -> str | None:
    """Send one message: None if it was taken, else why not."""
    sender = find_sender(message.target)
    if sender is None:
        return f"Nothing is set up for the target {message.target!r}."
    try:
        sender(Parcel(id=message.notice_id, target=message.target, body=message.payload))
    except DeliveryError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 (one bad sender must not keep the others' messages from leaving)
        return f"The sender for {message.target!r} failed ({type(error).__name__})."
    return None
