"""Everything together: the three processes, and a rater where one is set up, under one supervisor.

The port is opened here and handed down, so that requests that come while a gateway is being restarted wait in the
socket's queue instead of being refused.
"""

from __future__ import annotations

import dataclasses
import http.client
import os
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from watchkeeper.api.health import RATER
from watchkeeper.app.heartbeat import beat_file
from watchkeeper.config import ENV_PREFIX, Settings, as_environment
from watchkeeper.gateway.serve import Address, bind
from watchkeeper.schema.schema import Schema
from watchkeeper.store.store import open_store
from watchkeeper.supervisor.lock import hold, read_pid
from watchkeeper.supervisor.supervisor import Child, Supervisor, Told

_ASK_SECONDS = 0.5


class ModelLine(msgspec.Struct, frozen=True, kw_only=True):
    """A registered model: its name, the version that answers, and what that takes."""

    name: str
    version: str
    schema: Schema


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """What runs, for whoever started it: the address, the data directory, the models."""

    address: str
    data_dir: Path
    models: tuple[ModelLine, ...]


def run_up(settings: Settings, *, opened: Callable[[Opened], None], tell: Callable[[Told], None]) -> int:
    """Run everything until SIGTERM or SIGINT; the exit status. `opened` is called once all of it answers."""
    settings = dataclasses.replace(settings, data_dir=settings.data_dir.absolute())
    with hold(settings.data_dir / "run", "up"):
        models = _models(settings)
        listener = bind(Address(host=settings.host, port=settings.port))
        listener.set_inheritable(True)
        settings = dataclasses.replace(settings, port=listener.getsockname()[1])
        opening = Opened(address=_address(settings), data_dir=settings.data_dir, models=models)

        def tell_or_open(told: Told) -> None:
            if told.event == "ready":
                opened(opening)
            else:
                tell(told)

        with listener:
            return Supervisor(
                _children(settings, listener), environment=_environment(settings), tell=tell_or_open
            ).run()


def _models(settings: Settings) -> tuple[ModelLine, ...]:
    """The registered models. Opening the store also brings it to this version's schema, before anybody else does."""
    store = open_store(settings.data_dir)
    try:
        if not settings.rated:
            store.heartbeats.forget(RATER)  # one that was killed with the machine is not waited for
        live = [store.versions.live_version(model.name) for model in store.versions.models()]
    finally:
        store.close()
    return tuple(ModelLine(name=version.model, version=version.version, schema=version.schema) for version in live)


def _address(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"


def _children(settings: Settings, listener: socket.socket) -> list[Child]:
    # -P: the current directory is not searched for modules, so no file in it can take the place of one of ours.
    command = (sys.executable, "-P", "-m", "watchkeeper")
    run_dir, descriptor = settings.data_dir / "run", listener.fileno()
    rater = Child(
        name=RATER,
        command=(*command, "rater", "--supervised"),
        ready=lambda: read_pid(run_dir / "rater.pid") is not None,
        beat=beat_file(settings.data_dir, RATER),
    )
    return [
        Child(
            name="console",
            command=(*command, "console", "--supervised"),
            ready=lambda: _listens(run_dir / "console.sock"),
            beat=beat_file(settings.data_dir, "console"),
        ),
        Child(
            name="watch",
            command=(*command, "watch", "--supervised"),
            ready=lambda: read_pid(run_dir / "watch.pid") is not None,
            beat=beat_file(settings.data_dir, "watch"),
        ),
        Child(
            name="gateway",
            command=(*command, "gateway", "--supervised", "--listen-fd", str(descriptor)),
            ready=lambda: _answers(settings),
            fds=(descriptor,),
            beat=beat_file(settings.data_dir, "gateway"),
        ),
        *([rater] if settings.rated else []),
    ]


def _environment(settings: Settings) -> dict[str, str]:
    others = {name: value for name, value in os.environ.items() if not name.startswith(ENV_PREFIX)}
    return others | as_environment(settings)


def _answers(settings: Settings) -> bool:
    """Whether the gateway has read its models."""
    connection = http.client.HTTPConnection(settings.host, settings.port, timeout=_ASK_SECONDS)
    try:
        connection.request("GET", "/v2/health/ready")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking, suppress(OSError):
        asking.settimeout(_ASK_SECONDS)
        asking.connect(str(path))
        return True
    return False
