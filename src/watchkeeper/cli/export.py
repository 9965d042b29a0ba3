"""`watchkeeper export`: inputs, outputs and labels of any time as one Parquet file, for training again."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click
import pyarrow.parquet as pq

from watchkeeper.api.context import Context
from watchkeeper.api.export import parquet_of
from watchkeeper.cli.options import settings_from, settings_options
from watchkeeper.store.files import whole_file
from watchkeeper.store.store import open_store


@click.command()
@click.argument("model")
@click.option("--from", "start", metavar="TIME", help="From this event time on: ISO 8601, or Unix seconds.")
@click.option("--to", "end", metavar="TIME", help="Before this event time. Default: up to the newest row.")
@click.option("--version", help="Only rows that this version answered.")
@click.option("--flag", help="Only rows with this fault: missing, nan, infinite, unseen, out_of_range, wrong_type.")
@click.option("--labelled", is_flag=True, help="Only rows that have a label now.")
@click.option("-o", "--output", required=True, metavar="FILE", type=click.Path(path_type=Path), help="What to write.")
@settings_options("data_dir")
def export(config: Path | None, model: str, output: Path, **given: Any) -> None:
    """Write the recorded rows of MODEL with their labels to a Parquet file.

    One row a prediction: its inputs as `input.NAME`, its outputs as `output.NAME`, the `label` as it stands now, its
    time, source and weight. It reads the data directory itself; a server may be running or not.
    """
    settings = settings_from(config, given)
    store = open_store(settings.data_dir)
    asked = {name: given[name] for name in ("start", "end", "version", "flag", "labelled")}
    try:
        pieces = parquet_of(Context(store, now=time.time), model, **asked)
        with whole_file(output) as part, part.open("wb") as file:
            for piece in pieces:
                file.write(piece)
    finally:
        store.close()
    written = pq.ParquetFile(output).metadata
    click.echo(f"{written.num_rows:,} rows with {written.num_columns} columns in {output}.")
