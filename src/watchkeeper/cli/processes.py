"""`watchkeeper gateway`, `watch` and `console`: each process by itself."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from watchkeeper.app.logs import set_up_logs
from watchkeeper.cli.options import settings_from, settings_options
from watchkeeper.config import Settings
from watchkeeper.supervisor.lock import hold
from watchkeeper.supervisor.orphan import end_with_supervisor

supervised_option = click.option("--supervised", is_flag=True, hidden=True, help="End when standard input does.")


@contextmanager
def process(name: str, settings: Settings, *, supervised: bool) -> Iterator[None]:
    """The lock of the data directory, logs, and the end that comes with the supervisor's."""
    with hold(settings.data_dir / "run", name):
        set_up_logs(name, settings.log_level)
        if supervised:
            end_with_supervisor()
        yield


@click.command()
@click.option("--listen-fd", type=int, hidden=True, help="A listening socket to inherit.")
@supervised_option
@settings_options(
    "data_dir", "host", "port", "capture", "capture_max_rows", "capture_max_bytes", "max_body_bytes", "log_level"
)
def gateway(config: Path | None, listen_fd: int | None, supervised: bool, **flags: Any) -> None:
    """Run the gateway alone: it answers predictions, takes feedback, and passes the rest on to the console."""
    settings = settings_from(config, flags)
    from watchkeeper.app.gateway import run_gateway

    with process("gateway", settings, supervised=supervised):
        run_gateway(settings, None if listen_fd is None else socket.socket(fileno=listen_fd))


@click.command()
@supervised_option
@settings_options("data_dir", "webhook_url", "webhook_secret_file", "webhook_private", "log_level")
def watch(config: Path | None, supervised: bool, **flags: Any) -> None:
    """Run the watch worker alone: it keeps the store, judges windows, and sends what alerts tell."""
    settings = settings_from(config, flags)
    from watchkeeper.app.watch import run_watch

    with process("watch", settings, supervised=supervised):
        run_watch(settings)


@click.command()
@supervised_option
@settings_options("data_dir", "log_level")
def console(config: Path | None, supervised: bool, **flags: Any) -> None:
    """Run the console alone: pages, control API and /metrics, on a socket that the gateway passes requests to."""
    settings = settings_from(config, flags)
    from watchkeeper.app.console import run_console

    with process("console", settings, supervised=supervised):
        run_console(settings)
