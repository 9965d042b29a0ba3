"""The gateway on a socket: uvicorn with httptools and uvloop, started and stopped from here.

SIGTERM and SIGINT stop accepting, give requests under way DRAIN_SECONDS, journal what was captured, and end with 0.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import msgspec
import uvicorn
import uvloop

from watchkeeper.events.errors import BadInput
from watchkeeper.gateway.asgi import Gateway
from watchkeeper.gateway.coalesce import CoalescingProtocol

DRAIN_SECONDS = 10
_SWITCH_SECONDS = 0.0005
_log = logging.getLogger(__name__)


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Where to listen: `host` and `port` (0 picks a free one), or a Unix socket."""

    host: str = "127.0.0.1"
    port: int = 8080
    uds: Path | None = None


class Periodic(msgspec.Struct, frozen=True):
    """Something to do every so many seconds, in a thread of its own, such as reading the routing or a heartbeat.

    An exception is logged, and the next turn comes all the same.
    """

    seconds: float
    call: Callable[[], None]


class _Server(uvicorn.Server):
    """uvicorn, but a signal ends the process with 0 after the drain instead of being raised again."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def bind(address: Address) -> socket.socket:
    """A listening socket. BadInput says which address cannot be had, and what to do."""
    if address.uds is not None:
        return _bind_unix(address.uds)
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address.host, address.port))
    except OSError as error:
        listener.close()
        raise BadInput(
            f"Cannot listen on {address.host}:{address.port}: {error.strerror or error}.",
            hint="Another program may have the port: choose one with --port.",
        ) from error
    listener.listen(2048)
    return listener


def _bind_unix(path: Path) -> socket.socket:
    with suppress(FileNotFoundError):
        path.unlink()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(os.fspath(path))
    except OSError as error:
        listener.close()
        raise BadInput(f"Cannot listen on {path}: {error.strerror or error}.") from error
    listener.listen(2048)
    return listener


def run(
    gateway: Gateway,
    listener: socket.socket,
    *,
    tasks: Sequence[Periodic] = (),
    on_close: Sequence[Callable[[], Awaitable[None]]] = (),
) -> None:
    """Serve until SIGTERM or SIGINT. `tasks` run all the while; `on_close` are awaited after the drain."""
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.freeze()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(gateway, listener, tasks=tasks, on_close=on_close))


async def serve(
    gateway: Gateway,
    listener: socket.socket,
    *,
    tasks: Sequence[Periodic] = (),
    on_close: Sequence[Callable[[], Awaitable[None]]] = (),
    stop: asyncio.Event | None = None,
) -> None:
    """As `run`, inside a running loop, until a signal (main thread only) or until `stop` is set."""
    server = _Server(_config(gateway))
    gateway.start()
    try:
        async with _running(tasks, server, stop):
            await server.serve(sockets=[listener])
    finally:
        for close in on_close:
            await close()
        await asyncio.to_thread(gateway.close, DRAIN_SECONDS)


def _config(gateway: Gateway) -> uvicorn.Config:
    return uvicorn.Config(
        gateway,
        http=CoalescingProtocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )


@asynccontextmanager
async def _running(
    tasks: Sequence[Periodic], server: uvicorn.Server, stop: asyncio.Event | None
) -> AsyncIterator[None]:
    under_way = [asyncio.ensure_future(_repeat(task)) for task in tasks]
    if stop is not None:
        under_way.append(asyncio.ensure_future(_end(server, stop)))
    try:
        yield
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


async def _end(server: uvicorn.Server, stop: asyncio.Event) -> None:
    await stop.wait()
    server.should_exit = True


async def _repeat(task: Periodic) -> None:
    while True:
        try:
            await asyncio.to_thread(task.call)
        except Exception:  # noqa: BLE001 - the next turn may do better; the log says what this one met
            _log.exception("A periodic task failed")
        await asyncio.sleep(task.seconds)
