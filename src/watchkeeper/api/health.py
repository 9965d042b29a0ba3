"""Whether Watchkeeper itself is well: processes, what waits, what was lost."""

from __future__ import annotations

import shutil
from typing import Any

import msgspec

from watchkeeper.api.context import Context, Given
from watchkeeper.events.errors import Unavailable
from watchkeeper.monitors.rating import RaterFigures
from watchkeeper.notify.circuit import TRIPS
from watchkeeper.store.heartbeats import Heartbeat
from watchkeeper.store.losses import DEAD_LETTERED, DUPLICATE, Intake
from watchkeeper.store.outbox import Delivery

ALIVE_SECONDS = 15.0
PROCESSES = ("gateway", "watch", "console")
RATER = "rater"
CONSUMER = "watch"
_LOW_DISK = 1 << 30


class ProcessView(msgspec.Struct, frozen=True, kw_only=True):
    """One process: `up` if it gave a sign of life in the last 15 s. Times are Unix seconds, null if never seen."""

    process: str
    up: bool
    pid: int | None
    at: float | None
    started_at: float | None
    stats: dict[str, Any]


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of a model that were received and not stored, by reason."""

    model: str
    reason: str
    rows: int


class Lag(msgspec.Struct, frozen=True, kw_only=True):
    """What waits in the journal: rows, bytes, and for how many seconds the oldest has waited."""

    entries: int
    rows: int
    bytes: int
    seconds: float


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """The proof that nothing is lost in silence: of rows journaled, received = stored + duplicate + dead-lettered."""

    received: int
    stored: int
    duplicate: int
    dead_lettered: int

    @property
    def holds(self) -> bool:
        """Whether the sum is right."""
        return self.received == self.stored + self.duplicate + self.dead_lettered


class HealthView(msgspec.Struct, frozen=True, kw_only=True):
    """`ok` is false where a person should look, and `problems` says at what."""

    ok: bool
    problems: tuple[str, ...]
    processes: tuple[ProcessView, ...]
    lag: Lag | None
    balance: Balance
    intake: tuple[Intake, ...]
    losses: tuple[Loss, ...]
    dead_letters: int
    outbox_due: int
    outbox_given_up: int
    disk_free_bytes: int
    disk_total_bytes: int


def health(context: Given) -> HealthView:
    """How Watchkeeper itself is."""
    processes = tuple(_processes(context))
    lag = _lag(context)
    totals = context.store.losses.totals()
    intake = context.store.losses.intake()
    outbox = context.store.outbox.counts()
    disk = shutil.disk_usage(context.store.data_dir)
    problems = _problems(context, processes, lag, outbox, disk.free)
    return HealthView(
        ok=not problems,
        problems=tuple(problems),
        processes=processes,
        lag=lag,
        balance=_balance(intake, totals),
        intake=tuple(intake),
        losses=tuple(Loss(model=model, reason=reason, rows=rows) for (model, reason), rows in totals.items()),
        dead_letters=context.store.dead_letters.count(),
        outbox_due=outbox[Delivery.DUE],
        outbox_given_up=outbox[Delivery.GIVEN_UP],
        disk_free_bytes=disk.free,
        disk_total_bytes=disk.total,
    )


def _processes(context: Context) -> list[ProcessView]:
    beats = {beat.process: beat for beat in context.store.heartbeats.all()}
    names = [*PROCESSES, *sorted(set(beats) - set(PROCESSES))]
    return [_process(name, beats.get(name), context.now()) for name in names]


def _process(name: str, beat: Heartbeat | None, now: float) -> ProcessView:
    if beat is None:
        return ProcessView(process=name, up=False, pid=None, at=None, started_at=None, stats={})
    return ProcessView(
        process=name,
        up=now - beat.at < ALIVE_SECONDS,
        pid=beat.pid,
        at=beat.at,
        started_at=beat.started_at,
        stats=beat.stats,
    )


def _lag(context: Context) -> Lag | None:
    """What waits in the journal; None where it cannot be asked."""
    if context.journal is None:
        return None
    try:
        waits = context.journal.backlog(context.store.positions.get(CONSUMER))
    except Unavailable:
        return None
    oldest = 0.0 if waits.oldest is None else max(0.0, context.now() - waits.oldest)
    return Lag(entries=waits.entries, rows=waits.rows, bytes=waits.bytes, seconds=oldest)


def _balance(intake: list[Intake], totals: dict[tuple[str, str], int]) -> Balance:
    return Balance(
        received=sum(item.received for item in intake),
        stored=sum(item.stored for item in intake),
        duplicate=_lost(totals, DUPLICATE),
        dead_lettered=_lost(totals, DEAD_LETTERED),
    )


def _lost(totals: dict[tuple[str, str], int], reason: str) -> int:
    return sum(rows for (_, why), rows in totals.items() if why == reason)


def _problems(
    context: Context, processes: tuple[ProcessView, ...], lag: Lag | None, outbox: dict[Delivery, int], free: int
) -> list[str]:
    problems = [f"The {p.process} process gives no sign of life: read its log." for p in processes if not p.up]
    problems += _rater_problems(processes)
    if lag is not None and lag.seconds > 60:
        problems.append(f"{lag.rows:,} rows wait in the journal: the watch process is down or too slow.")
    if outbox[Delivery.GIVEN_UP]:
        problems.append(f"{outbox[Delivery.GIVEN_UP]} notifications were given up: check the webhook's address.")
    letters = context.store.dead_letters.count()
    if letters:
        problems.append(f"{letters} entries could not be kept as records: read the dead letters.")
    if free < _LOW_DISK:
        problems.append(
            "Less than 1 GiB of disk is free: register models again with a shorter --retention-records, or move "
            "the data directory."
        )
    return problems


def _rater_problems(processes: tuple[ProcessView, ...]) -> list[str]:
    """That the team's rater fails, where it runs and does."""
    found = [RaterFigures.read(p.stats) for p in processes if p.process == RATER and p.up]
    return [
        f"The rater failed {figures.failures} times in a row, so what is asked for waits: {figures.error}"
        for figures in found
        if figures is not None and figures.failures >= TRIPS
    ]


class DeadLetterView(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that could not be kept: when (Unix seconds), whose, why. Its bytes stay in the store."""

    id: int
    received_at: float
    model: str
    kind: str
    rows: int
    reason: str
    detail: str


def dead_letters(context: Given) -> list[DeadLetterView]:
    """The newest hundred entries that could not be kept."""
    names = DeadLetterView.__struct_fields__
    letters = context.store.dead_letters.find()
    return [DeadLetterView(**{name: getattr(letter, name) for name in names}) for letter in letters]
