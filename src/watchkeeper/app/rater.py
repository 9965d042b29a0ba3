"""The rater process: asks the team's own rater for the labels that wait, until it is stopped."""

from __future__ import annotations

import logging
import shlex
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import msgspec

from watchkeeper.api.context import Context
from watchkeeper.api.health import RATER
from watchkeeper.app.heartbeat import SECONDS, heartbeat, repeating
from watchkeeper.app.rating import Rating, RatingPlan
from watchkeeper.app.watch import stop_on_signals
from watchkeeper.config import Settings
from watchkeeper.events.errors import BadInput, Unavailable
from watchkeeper.journal.sqlite import SqliteJournal
from watchkeeper.monitors.rating import RaterFigures
from watchkeeper.notify.circuit import PAUSES
from watchkeeper.notify.command import Command
from watchkeeper.notify.delivery import RetryPolicy
from watchkeeper.notify.question import Post, Question, abandoned_when
from watchkeeper.store.store import Store, open_store

IDLE_SECONDS = 3.0
_AT_ONCE = RetryPolicy(first=0.0, tries=1 << 30)
_log = logging.getLogger("watchkeeper.rater")


def run_rater(settings: Settings) -> None:
    """Ask until SIGTERM or SIGINT; the call under way is ended. Raises BadInput if no rater is set up."""
    stop = stop_on_signals()
    with _rating(settings, stop.is_set) as (store, rating):
        beat = heartbeat(RATER, store, lambda: msgspec.structs.asdict(rating.figures()))
        try:
            with repeating(SECONDS, beat):
                _keep_asking(rating, stop)
        finally:
            store.heartbeats.forget(RATER)  # it is not expected to run: its silence alarms nobody


def rate_once(settings: Settings) -> RaterFigures:
    """Ask for all that waits now; what was asked and given. Raises BadInput if the rater fails again and again."""
    stop = stop_on_signals()
    with _rating(settings, stop.is_set, pauses=_AT_ONCE) as (_, rating):
        while not stop.is_set() and not rating.circuit.open and rating.turn():
            pass
        if rating.circuit.failures:
            raise BadInput(f"The rater failed: {rating.circuit.error}", hint="What it did not label still waits.")
        return rating.figures()


def question_of(settings: Settings, stopped: Callable[[], bool]) -> Question:
    """Who is asked. Raises BadInput if nobody is set up."""
    if settings.rater_command:
        words = shlex.split(settings.rater_command)
        return Command(words, timeout=settings.rater_timeout, stopped=stopped, tell=_tell)
    if settings.rater_url:
        return abandoned_when(
            stopped,
            Post(
                settings.rater_url,
                secret=settings.rater_key(),
                private=settings.rater_private,
                timeout=settings.rater_timeout,
            ),
        )
    raise BadInput("No rater is set up.", hint="Set rater_command, or rater_url.")


def plan_of(settings: Settings, pauses: RetryPolicy = PAUSES) -> RatingPlan:
    """How it is asked. Neither arguments nor paths are told, as they may be secrets."""
    program = f"the program {shlex.split(settings.rater_command)[0]}" if settings.rater_command else ""
    return RatingPlan(
        how=program or f"at {urlsplit(settings.rater_url).hostname}",
        batch=settings.rater_batch,
        per_hour=settings.rater_per_hour,
        models=tuple(name for given in settings.rater_models.split(",") if (name := given.strip())),
        check=settings.rater_check,
        sees_answer=settings.rater_sees_answer,
        pauses=pauses,
    )


@contextmanager
def _rating(
    settings: Settings, stopped: Callable[[], bool], pauses: RetryPolicy = PAUSES
) -> Iterator[tuple[Store, Rating]]:
    question, plan = question_of(settings, stopped), plan_of(settings, pauses)
    store = open_store(settings.data_dir)
    journal = SqliteJournal(store.data_dir / "journal.db")
    try:
        yield store, Rating(Context(store, now=time.time), journal, question, plan)
    finally:
        journal.close()
        store.close()


def _keep_asking(rating: Rating, stop: threading.Event) -> None:
    """Every fault is logged, and the next turn comes all the same."""
    while not stop.is_set():
        busy = False
        try:
            busy = rating.turn()
        except Unavailable as error:
            _log.error("The rater waits: %s", error)
        except Exception:  # noqa: BLE001 (the outermost place of this process's work)
            _log.exception("A turn of the rater failed")
        if not busy:
            stop.wait(IDLE_SECONDS)


def _tell(last_words: str) -> None:
    _log.info("The rater wrote: %s", last_words)
