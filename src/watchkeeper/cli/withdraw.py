"""`watchkeeper withdraw`: what one source said is taken back, on a running server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from watchkeeper.cli.options import settings_from, settings_options
from watchkeeper.client.client import Client


@click.command()
@click.option("--model", required=True, help="The model that the labels are about.")
@click.option("--source", required=True, help="Whose labels, rewards and decisions are taken back.")
@click.option("--since", help="Only what came from then on: ISO 8601, or Unix seconds.")
@click.option("--url", help="The server. Default: http://HOST:PORT of the settings.")
@settings_options("host", "port")
def withdraw(config: Path | None, model: str, source: str, since: str | None, **given: Any) -> None:
    """Take back all that one source said: labels, corrections, rewards and decisions.

    Metrics become what they would be without it, exactly; the feedback files keep what was said and that it was taken
    back. Running it again is harmless, and finds what has been joined since.
    """
    settings = settings_from(config, given)
    with Client(given["url"] or f"http://{settings.host}:{settings.port}", source="watchkeeper withdraw") as client:
        taken = client.withdraw(model, source, since)
    click.echo(f"What {source!r} said of {taken:,} predictions is taken back.")
    if taken:
        click.echo("Send what is right under another source: the same words of the same source count once.")
    else:
        click.echo(
            f"Nothing of it stands, or it is not read yet. Sources of the last day: /api/v1/models/{model}/labels"
        )
