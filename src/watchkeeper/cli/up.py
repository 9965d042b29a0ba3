"""`watchkeeper up`: everything, and what to do next."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from watchkeeper.app.logs import set_up_logs
from watchkeeper.app.up import Opened, run_up
from watchkeeper.cli.example import curl_line
from watchkeeper.cli.options import settings_from, settings_options
from watchkeeper.config import SETTINGS
from watchkeeper.supervisor.supervisor import Told

_HERE = tuple(name for name in SETTINGS if name not in ("webhook_secret", "rater_secret"))


@click.command()
@settings_options(*_HERE)
def up(config: Path | None, **flags: Any) -> None:
    """Start the gateway, the watch worker and the console, and keep them running until Ctrl-C or SIGTERM."""
    settings = settings_from(config, flags)
    set_up_logs("up", settings.log_level)
    click.echo("Starting …")
    sys.exit(run_up(settings, opened=_print_opened, tell=_print_told))


def _print_opened(opened: Opened) -> None:
    click.echo(f"Watchkeeper is up: {opened.address}")
    click.echo(f"  data    {opened.data_dir}")
    if not opened.models:
        click.echo("  models  none yet. Register one, and it is served a second later:")
        click.echo("    watchkeeper register NAME --version v1 --artifact FILE --reference FILE --task binary")
        click.echo("Ctrl-C stops it.")
        return
    click.echo("  models  " + ", ".join(f"{model.name} {model.version}" for model in opened.models))
    first = opened.models[0]
    click.echo("Ask for a prediction:")
    click.echo("  " + curl_line(opened.address, first.name, first.schema))
    click.echo("Ctrl-C stops it.")


def _print_told(told: Told) -> None:
    if told.event in ("died", "hung", "looping", "slow"):
        click.echo(f"{told.child or 'start'}: {told.text}.", err=True)
