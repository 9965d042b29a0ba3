"""`watchkeeper profile`: tables as small files of tallies that add up and compare."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from watchkeeper.cli.compare import show as show_comparison
from watchkeeper.cli.progress import progress
from watchkeeper.profiles.profile import Profile
from watchkeeper.profiles.showing import profile_table

_PATH = click.Path(path_type=Path)


_OUTPUT = click.option(
    "-o", "--output", type=_PATH, required=True, metavar="FILE", help="The profile to write: NAME.wkprofile."
)
_TIME = click.option("--time", metavar="COLUMN", help="Column that says when: then each stretch of time is counted.")


@click.group()
def profile() -> None:
    """Keep what a table looks like in a small file: to compare with later, elsewhere, or in parts."""


@profile.command()
@click.argument("data", type=_PATH)
@_OUTPUT
@_TIME
@click.option("--like", type=_PATH, metavar="PROFILE", help="Count on the bins of PROFILE, to merge or compare them.")
def build(data: Path, output: Path, time: str | None, like: Path | None) -> None:
    """Profile the table DATA: any file or folder that `watchkeeper compare` reads."""
    with progress() as tell:
        made = Profile.build(data, time=time, like=None if like is None else Profile.load(like), progress=tell)
    _keep(made, output)


@profile.command()
@click.argument("to", type=_PATH, metavar="PROFILE")
@click.argument("data", type=_PATH)
@click.option("-o", "--output", type=_PATH, metavar="FILE", help="The profile to write. Default: PROFILE itself.")
@_TIME
def add(to: Path, data: Path, output: Path | None, time: str | None) -> None:
    """Count the rows of DATA too, on the bins of PROFILE."""
    with progress() as tell:
        made = Profile.load(to).add(data, time=time, progress=tell)
    _keep(made, output or to)


@profile.command()
@click.argument("parts", type=_PATH, nargs=-1, required=True, metavar="PROFILE...")
@_OUTPUT
def merge(parts: tuple[Path, ...], output: Path) -> None:
    """Add profiles on the same bins into one: that of all their rows."""
    first, *others = (Profile.load(part) for part in parts)
    _keep(first.merge(*others), output)


@profile.command()
@click.argument("reference", type=_PATH)
@click.argument("current", type=_PATH)
@click.option("--json", "as_json", is_flag=True, help='Print every finding as JSON, "schema": "watchkeeper.compare/1".')
@click.option("--html", type=_PATH, metavar="FILE", help="Write a self-contained page to FILE.")
def diff(reference: Path, current: Path, as_json: bool, html: Path | None) -> int:
    """Compare two profiles on the same bins. Exit status as of `watchkeeper compare`."""
    return show_comparison(Profile.load(reference).diff(Profile.load(current)), as_json=as_json, html=html)


@profile.command()
@click.argument("file", type=_PATH, metavar="PROFILE")
def show(file: Path) -> None:
    """Print what a profile holds: rows, time, and each column's range or levels."""
    Console().print(profile_table(Profile.load(file).reference))


def _keep(made: Profile, output: Path) -> None:
    made.save(output)
    click.echo(f"{output}: {made.rows:,} rows, {len(made.columns):,} columns.")
