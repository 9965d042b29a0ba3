"""`watchkeeper demo`: a year of real flights against the live server, with three planted breaks."""

from __future__ import annotations

from pathlib import Path

import click

MISSED = 1


@click.command("demo")
@click.option("--once", is_flag=True, help="Exit at the end; the status tells whether all went as planned.")
@click.option("--json", "as_json", is_flag=True, help='Print the findings as JSON, "schema": "watchkeeper.demo/1".')
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535), help="Port to serve on.")
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="A new folder to keep everything in. Default: a temporary one.",
)
def demo(*, once: bool, as_json: bool, port: int, data_dir: Path | None) -> int:
    """Tell a true story with real flights: serve, break, alert, explain.

    A model trained on flights of January to March predicts which will arrive late. The rest of the year is replayed
    against the live server. Three things break along the way; see what is found, and when.

    Exit status with --once: 0 if every planted break was alarmed with the right feature named, nothing was alarmed in
    the control weeks and nothing was lost; 1 otherwise; 2 if the demo could not run.
    """
    import msgspec
    from rich.console import Console

    from watchkeeper.demo.results import DemoResult
    from watchkeeper.demo.story import Plan, run

    console = Console(stderr=as_json)

    def report(found: DemoResult) -> None:
        if as_json:
            click.echo(msgspec.json.format(msgspec.json.encode(found)).decode())

    result = run(Plan(port=port, data_dir=data_dir, stay=not once), console, report)
    return MISSED if once and not result.passed else 0
