"""`watchkeeper backtest`: a team's own history, replayed; no server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.console import Console

from watchkeeper.backtest.backtest import backtest as backtest_history
from watchkeeper.backtest.terminal import backtest_story
from watchkeeper.cli.progress import progress
from watchkeeper.cli.writing import write_page


@click.command()
@click.argument("history", type=click.Path(path_type=Path))
@click.option("--time", required=True, metavar="COLUMN", help="Column that says when.")
@click.option("--reference-until", required=True, metavar="DATE", help="Rows before this date or ISO time are normal.")
@click.option("--window", default="1d", metavar="DURATION", show_default=True, help="Length of a window: 1h, 1d, 7d.")
@click.option("--prediction", metavar="COLUMN", help="Column of the model's answer: a class or a number.")
@click.option(
    "--score",
    multiple=True,
    metavar="COLUMN",
    help="Column of the probability of the positive class; repeat it for each class of a multiclass model, in order.",
)
@click.option("--label", metavar="COLUMN", help="Column of the truth; empty where it never came.")
@click.option(
    "--label-delay",
    default="0s",
    metavar="DURATION",
    show_default=True,
    help="How long after its row a label is known.",
)
@click.option(
    "--budget", default="1/month", metavar="RATE", show_default=True, help="False alarms you accept: 1/month, 2/week."
)
@click.option("--task", metavar="TASK", help="binary, multiclass or regression. Default: told from the data.")
@click.option("--ignore", multiple=True, metavar="COLUMN", help="Column that is not watched; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help='Print all of it as JSON, "schema": "watchkeeper.backtest/1".')
@click.option("--html", type=click.Path(path_type=Path), metavar="FILE", help="Write a self-contained page to FILE.")
def backtest(history: Path, as_json: bool, html: Path | None, **asked: Any) -> int:
    """Replay the table HISTORY as if it had been watched: what would have paged, and what truly happened?

    HISTORY is a Parquet, CSV, Arrow, Feather or JSONL file, or a directory of Parquet files. All columns that no option
    names are watched as features. Exit status: 0 when it ran, whatever it found; 2 bad input.
    """
    with progress() as tell:
        found = backtest_history(history, **asked, progress=tell)
    if html is not None:
        write_page(html, found.to_html())
    if as_json:
        click.echo(found.to_json())
        return 0
    console = Console()
    console.print(backtest_story(found.document, console.width))
    if html is not None:
        click.echo(f"The page is {html}.")
    return 0
