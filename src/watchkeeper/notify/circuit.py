"""How somebody who is asked again and again has fared: after failures ever longer pauses, and loudly after some.

An open circuit is not given up: it is tried once a pause, and one answer closes it. Pauses double up to a cap, with
jitter, as those of deliveries do.
"""

from __future__ import annotations

import random

import msgspec

from watchkeeper.notify.delivery import RetryPolicy

TRIPS = 5
"""Failures in a row at which people are told."""

PAUSES = RetryPolicy(first=5.0, cap=900.0, tries=1 << 30)


class Circuit(msgspec.Struct, frozen=True, kw_only=True):
    """`failures` in a row, the last for the reason `error`; nothing is asked before `resume_at` (Unix seconds)."""

    failures: int = 0
    error: str = ""
    resume_at: float = 0.0

    @property
    def open(self) -> bool:
        """Whether people are told."""
        return self.failures >= TRIPS

    def failed(self, error: str, now: float, rng: random.Random, pauses: RetryPolicy = PAUSES) -> Circuit:
        """After one more failure."""
        failures = self.failures + 1
        return Circuit(failures=failures, error=error, resume_at=pauses.next_try(failures, now, rng) or now)
