"""The console process: pages, control API and metrics, on a Unix socket that the gateway passes requests to."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from watchkeeper.app.gateway import CONSOLE_SOCKET
from watchkeeper.app.heartbeat import SECONDS, heartbeat, repeating
from watchkeeper.config import Settings
from watchkeeper.console.app import console_app
from watchkeeper.gateway.serve import Address, bind
from watchkeeper.journal.sqlite import SqliteJournal
from watchkeeper.store.store import open_store

_DRAIN_SECONDS = 5


def run_console(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    store = open_store(settings.data_dir)
    journal = SqliteJournal(store.data_dir / "journal.db")
    listener = bind(Address(uds=store.data_dir / CONSOLE_SOCKET))
    config = uvicorn.Config(
        console_app(store, journal=journal),
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )
    try:
        with repeating(SECONDS, heartbeat("console", store)):
            QuietServer(config).run(sockets=[listener])
    finally:
        journal.close()
        store.close()


class QuietServer(uvicorn.Server):
    """uvicorn, but a signal ends the process with 0 after the drain instead of being raised again."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Let SIGTERM and SIGINT begin the drain."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.handle_exit)
        yield
