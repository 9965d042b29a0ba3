"""The thread of the watch process that delivers what the outbox holds."""

from __future__ import annotations

import json
import logging
import random
import threading
import time

from watchkeeper.app.logs import NOTICE
from watchkeeper.config import Settings
from watchkeeper.notify.delivery import FindSender, RetryPolicy, deliver_due
from watchkeeper.notify.log import LogLine
from watchkeeper.notify.sender import Sender
from watchkeeper.notify.webhook import Webhook
from watchkeeper.store.store import Store

LOG = "log"
WEBHOOK = "webhook"
IDLE_SECONDS = 0.5
_log = logging.getLogger("watchkeeper.alerts")


def targets(settings: Settings) -> tuple[str, ...]:
    """Where every notice goes: the log, and the webhook if there is one."""
    return (LOG, WEBHOOK) if settings.webhook_url else (LOG,)


def senders(settings: Settings) -> FindSender:
    """What delivers to each target."""
    found: dict[str, Sender] = {LOG: LogLine(_write_notice)}
    if settings.webhook_url:
        found[WEBHOOK] = Webhook(
            settings.webhook_url, secret=settings.secret(), private=settings.webhook_private, clock=time.time
        )
    return found.get


def _write_notice(line: str) -> None:
    notice = json.loads(line)
    _log.warning("%s", notice.get("alert", {}).get("title", "notice"), extra={NOTICE: notice})


class Notifier:
    """Delivers from `start` until `stop`. Every fault is logged, and the next round comes all the same."""

    def __init__(self, store: Store, find_sender: FindSender, policy: RetryPolicy | None = None) -> None:
        self._store, self._find = store, find_sender
        self._policy, self._rng = policy or RetryPolicy(), random.Random()  # noqa: S311 (jitter, no secret)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="notifier", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout: float = 15.0) -> None:
        """End after the delivery under way; what is not delivered stays in the outbox."""
        self._stopped.set()
        self._thread.join(timeout)

    def round(self) -> None:
        """Try what is due now."""
        done = deliver_due(self._store.outbox, self._find, time.time(), self._rng, self._policy)
        for error in done.errors:
            _log.error("A notice was not delivered: %s", error)
        if done.given_up:
            _log.error("%d notices were given up after %d tries each", done.given_up, self._policy.tries)

    def _run(self) -> None:
        while not self._stopped.wait(IDLE_SECONDS):
            try:
                self.round()
            except Exception:  # noqa: BLE001 (the outermost place of this thread)
                _log.exception("A round of deliveries failed")
