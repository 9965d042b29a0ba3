"""The extension point: a sender is a function that delivers one parcel, or raises DeliveryError."""

from __future__ import annotations

from collections.abc import Callable

import msgspec


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """One notice on its way. `id` is the same at every try, so a receiver can drop what it has seen."""

    id: str
    target: str
    body: str


class DeliveryError(Exception):
    """It was not delivered, and why, in words fit for a page: never the receiver's answer, never a secret."""


Sender = Callable[[Parcel], None]
"""Delivers a parcel. Returning means that the receiver has taken it. May be called again for the same parcel."""
