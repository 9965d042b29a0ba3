"""`watchkeeper compare`: two tables, no server."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from watchkeeper.compare.comparison import compare as compare_tables
from watchkeeper.compare.terminal import comparison_table
from watchkeeper.events.errors import BadInput
from watchkeeper.events.verdict import Verdict

ALARM = 1


@click.command()
@click.argument("reference", type=click.Path(path_type=Path))
@click.argument("current", type=click.Path(path_type=Path))
@click.option("--time", metavar="COLUMN", help="Column that says when: then ordinary movement is learned from it.")
@click.option("--json", "as_json", is_flag=True, help='Print every finding as JSON, "schema": "watchkeeper.compare/1".')
@click.option("--html", type=click.Path(path_type=Path), metavar="FILE", help="Write a self-contained page to FILE.")
def compare(reference: Path, current: Path, time: str | None, as_json: bool, html: Path | None) -> int:
    """Compare the table CURRENT with the table REFERENCE, column by column.

    Tables are Parquet, CSV, Arrow, Feather or JSONL files. Exit status: 0 ok, warn or not enough data; 1 alarm; 2 bad
    input.
    """
    comparison = compare_tables(reference, current, time=time)
    if html is not None:
        _write(html, comparison.to_html())
    if as_json:
        click.echo(comparison.to_json())
    else:
        Console().print(comparison_table(comparison))
        if html is not None:
            click.echo(f"The page is {html}.")
    return ALARM if comparison.verdict is Verdict.ALARM else 0


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"The page {path} cannot be written: {error.strerror}.", hint="Check the path.") from error
