"""The console's server ends with status 0 on a signal; the process itself is proved in tests/e2e/test_up.py."""

from __future__ import annotations

import signal

import uvicorn

from watchkeeper.app.console import QuietServer


async def _app(scope: object, receive: object, send: object) -> None:
    raise AssertionError("nobody asks")


def test_a_signal_begins_the_drain_and_is_not_raised_again() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    server = QuietServer(uvicorn.Config(_app, log_config=None))
    try:
        with server.capture_signals():
            signal.raise_signal(signal.SIGTERM)
            assert server.should_exit
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
