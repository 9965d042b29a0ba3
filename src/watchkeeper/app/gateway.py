"""The gateway process: the port, the models, the journal, and the way to the console."""

from __future__ import annotations

import gc
import logging
import socket
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from watchkeeper.app.catalogue import CatalogueReader
from watchkeeper.app.heartbeat import SECONDS, heartbeat
from watchkeeper.app.keys import pepper
from watchkeeper.config import Settings
from watchkeeper.events.errors import WatchkeeperError
from watchkeeper.gateway.asgi import Gateway
from watchkeeper.gateway.infer import CaptureMode
from watchkeeper.gateway.limits import Limits
from watchkeeper.gateway.proxy import ConsoleProxy
from watchkeeper.gateway.serve import Address, Periodic, bind, run
from watchkeeper.ingest.feedback import FeedbackIntake
from watchkeeper.ingest.feedback_body import Key
from watchkeeper.journal.sqlite import SqliteJournal
from watchkeeper.store.store import Store, open_store

POLL_SECONDS = 1.0
_log = logging.getLogger(__name__)
CONSOLE_SOCKET = Path("run") / "console.sock"


def run_gateway(settings: Settings, listener: socket.socket | None = None) -> None:
    """Serve until SIGTERM or SIGINT, on `listener` or where the settings say."""
    store = open_store(settings.data_dir)
    journal = SqliteJournal(store.data_dir / "journal.db")
    console = ConsoleProxy(store.data_dir / CONSOLE_SOCKET)
    gateway = Gateway(
        journal,
        pepper=pepper(store.data_dir),
        limits=limits(settings),
        mode=CaptureMode(settings.capture),
        feedback=FeedbackIntake(journal, find=_finder(store)),
        console=console,
    )
    reader = CatalogueReader(store, gateway.limits, gateway.publish)
    tasks = (Periodic(POLL_SECONDS, reader), Periodic(SECONDS, heartbeat("gateway", store, gateway.stats)))
    closing: Sequence[Callable[[], Awaitable[None]]] = (console.close,)
    # Loaded before anything is accepted: requests that wait in the socket's queue find their model.
    _attempt(reader)
    try:
        run(gateway, listener or bind(Address(host=settings.host, port=settings.port)), tasks=tasks, on_close=closing)
    finally:
        gc.unfreeze()  # `run` froze what was there; extensions complain at exit about what was never collected
        journal.close()
        store.close()


def _finder(store: Store) -> Callable[[str, Key], str]:
    """The prediction of a model that a key means."""

    def find(model: str, key: Key) -> str:
        schema = store.versions.live_version(model).schema
        return store.keys.find(model, schema, key.features, key.start, key.end)

    return find


def _attempt(read: Callable[[], None]) -> None:
    """Read the models if the store can be read now; if not, the periodic task will as soon as it can."""
    try:
        read()
    except WatchkeeperError as error:
        _log.error("The models cannot be read yet: %s", error)


def limits(settings: Settings) -> Limits:
    """The gateway's bounds that are settings."""
    return Limits(
        body_bytes=settings.max_body_bytes,
        buffer_rows=settings.capture_max_rows,
        buffer_bytes=settings.capture_max_bytes,
    )
