"""`watchkeeper rater`: labels from the team's own rater."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from watchkeeper.cli.options import settings_from, settings_options
from watchkeeper.cli.processes import process, supervised_option
from watchkeeper.config import SETTINGS
from watchkeeper.monitors.rating import RaterFigures

_HERE = tuple(name for name in SETTINGS if name.startswith("rater_") and name != "rater_secret")


@click.command()
@click.option("--once", is_flag=True, help="Ask for what waits now, and end.")
@supervised_option
@settings_options("data_dir", *_HERE, "log_level")
def rater(config: Path | None, once: bool, supervised: bool, **flags: Any) -> None:
    """Have your own rater give the labels that are asked for: a program, or an address that takes POST.

    It gets JSON with the inputs of a few predictions and answers with their labels. What it cannot say, and a random
    share that checks it, is left to people. `watchkeeper up` runs this by itself where a rater is set up.
    """
    settings = settings_from(config, flags)
    from watchkeeper.app.rater import rate_once, run_rater

    with process("rater", settings, supervised=supervised):
        if once:
            click.echo(_words(rate_once(settings)))
        else:
            run_rater(settings)


def _words(done: RaterFigures) -> str:
    """What one pass gave."""
    parts = [f"{done.labels:,} labels are on disk"]
    parts += [f"{done.opinions:,} answers are kept beside those that people give"] if done.opinions else []
    parts += [f"{done.left:,} requests are left to people"] if done.left else []
    parts += [f"{done.refused:,} labels were refused"] if done.refused else []
    rest = " More wait: rater_per_hour is reached." if done.limited else ""
    return f"The rater was asked about {done.asked:,} predictions: {', '.join(parts)}.{rest}"
