"""`watchkeeper live`: which version answers for a model."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from watchkeeper.cli.options import settings_from, settings_options
from watchkeeper.store.store import open_store


@click.command()
@click.argument("model")
@click.argument("version")
@settings_options("data_dir")
def live(config: Path | None, model: str, version: str, **given: Any) -> None:
    """Let VERSION answer for MODEL from now on.

    A running gateway follows within about a second, without losing a request. The version before stays registered:
    the same command takes you back to it.
    """
    settings = settings_from(config, given)
    store = open_store(settings.data_dir)
    try:
        before = store.versions.live_version(model).version
        if before != version:
            store.versions.set_live(model, version, time.time())
    finally:
        store.close()
    if before == version:
        click.echo(f"Version {version} answers for {model} already.")
        return
    click.echo(f"Version {version} answers for {model} from now on, instead of {before}.")
    click.echo(f"To go back: watchkeeper live {model} {before}")
