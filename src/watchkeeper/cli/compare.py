"""`watchkeeper compare`: two tables, no server."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click
import msgspec
from rich.console import Console

from watchkeeper.cli.progress import progress
from watchkeeper.cli.writing import write_page
from watchkeeper.compare.comparison import Comparison
from watchkeeper.compare.comparison import compare as compare_tables
from watchkeeper.compare.terminal import comparison_lines, comparison_table
from watchkeeper.events.errors import BadInput
from watchkeeper.events.verdict import Verdict

ALARM = 1


@click.command()
@click.argument("reference", type=click.Path(path_type=Path))
@click.argument("current", type=click.Path(path_type=Path))
@click.option("--time", metavar="COLUMN", help="Column that says when: then ordinary movement is learned from it.")
@click.option("--score", metavar="COLUMN", help="Column with the model's score: which features carried its change?")
@click.option("--importance", type=click.Path(path_type=Path), metavar="FILE", help='JSON of weights: {"age": 3.0, …}.')
@click.option("--segment", "segments", metavar="COLUMN", multiple=True, help="Column to look for where others moved.")
@click.option("--rows", metavar="NAMES", help="Tests on the rows themselves, by commas: mmd,energy_distance.")
@click.option(
    "--embed", metavar="COLUMN=KIND", multiple=True, help="What a column holds: text, image or embedding (vectors)."
)
@click.option("--json", "as_json", is_flag=True, help='Print every finding as JSON, "schema": "watchkeeper.compare/1".')
@click.option("--html", type=click.Path(path_type=Path), metavar="FILE", help="Write a self-contained page to FILE.")
def compare(  # noqa: PLR0917 - click gives every option by name
    reference: Path,
    current: Path,
    time: str | None,
    score: str | None,
    importance: Path | None,
    segments: tuple[str, ...],
    rows: str | None,
    embed: tuple[str, ...],
    as_json: bool,
    html: Path | None,
) -> int:
    """Compare the table CURRENT with the table REFERENCE, column by column.

    Tables are Parquet, CSV, Arrow, Feather or JSONL files of any size, folders of Parquet files, or profiles
    (`watchkeeper profile`). Exit status: 0 ok, warn or not enough data; 1 alarm; 2 bad input.
    """
    with progress() as tell:
        comparison = compare_tables(
            reference,
            current,
            time=time,
            score=score,
            importance=None if importance is None else _weights(importance),
            segments=segments,
            rows=[name.strip() for name in rows.split(",") if name.strip()] if rows else (),
            embed=dict(_kind(pair) for pair in embed),
            progress=tell,
        )
    return show(comparison, as_json=as_json, html=html)


def show(comparison: Comparison, *, as_json: bool, html: Path | None) -> int:
    """Print a comparison, write its page if asked, and return the exit status."""
    if html is not None:
        write_page(html, comparison.to_html())
    if as_json:
        click.echo(comparison.to_json())
    else:
        console = Console()
        console.print(comparison_table(comparison))
        for line in comparison_lines(comparison):
            console.print(line)
        if html is not None:
            click.echo(f"The page is {html}.")
    return ALARM if comparison.verdict is Verdict.ALARM else 0


def _kind(pair: str) -> tuple[str, str]:
    column, _, kind = pair.rpartition("=")
    if not column or not kind:
        raise BadInput(f"--embed takes COLUMN=KIND, not {pair!r}.", hint="For example --embed comment=text.")
    return column, kind


def _weights(path: Path) -> Mapping[str, float]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, float])
    except OSError as error:
        raise BadInput(f"The weights {path} cannot be read: {error.strerror}.", hint="Check the path.") from error
    except msgspec.DecodeError as error:
        raise BadInput(
            f"{path} holds no weights: {error}.", hint='It is JSON like {"age": 3.0, "plan": 1.0}.'
        ) from error
