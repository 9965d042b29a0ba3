"""When a process that died may start again: at once the first time, then ever later, and loudly when it keeps dying."""

from __future__ import annotations

import msgspec


class RestartPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds. A process that ran for `healthy` starts with a clean sheet; `loop` deaths without that are a loop."""

    first: float = 0.1
    cap: float = 30.0
    healthy: float = 60.0
    loop: int = 5

    def wait(self, deaths: int) -> float:
        """How long to wait before the start that follows `deaths` deaths in a row."""
        return min(self.cap, self.first * 2.0 ** min(deaths - 1, 30))

    def is_loop(self, deaths: int) -> bool:
        """Whether this death is the one at which people must be told, and each `loop` deaths after it."""
        return deaths > 0 and deaths % self.loop == 0


class History(msgspec.Struct, frozen=True, kw_only=True):
    """How one process has fared: when it was started, how often it died in a row, when it may start again."""

    started_at: float
    deaths: int = 0
    start_at: float | None = None

    def died(self, now: float, policy: RestartPolicy) -> History:
        """The history after a death at `now`."""
        deaths = 1 if now - self.started_at >= policy.healthy else self.deaths + 1
        return History(started_at=self.started_at, deaths=deaths, start_at=now + policy.wait(deaths))

    def started(self, now: float) -> History:
        """The history after a start at `now`."""
        return History(started_at=now, deaths=self.deaths)
