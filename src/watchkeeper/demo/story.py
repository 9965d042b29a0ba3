"""The whole story: train, register, start the live server, replay the year, read what was found."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import uvloop
from rich.console import Console

from watchkeeper.app.register import Registered, Registration, register
from watchkeeper.config import Settings
from watchkeeper.demo.breaks import with_breaks
from watchkeeper.demo.estimated import estimated
from watchkeeper.demo.flights import TARGET, TIME, TRAINED_UNTIL, Flights, as_table, load_flights, midnight
from watchkeeper.demo.model import Trained, train
from watchkeeper.demo.reading import Reader
from watchkeeper.demo.realised import realised
from watchkeeper.demo.replay import Replay, Totals
from watchkeeper.demo.results import DemoResult, settle
from watchkeeper.demo.server import HOST, check_port, server
from watchkeeper.demo.telling import ProgressOfYear, progress_bar, tell
from watchkeeper.demo.wire import Pool
from watchkeeper.events.errors import BadInput
from watchkeeper.models.task import Task
from watchkeeper.performance.metrics import MAIN
from watchkeeper.schema.feature import FeatureType
from watchkeeper.schema.inference import infer_schema
from watchkeeper.schema.schema import Schema
from watchkeeper.store.store import Store, open_store

MODEL, VERSION = "flights", "1"
CONNECTIONS = 4
DAY = 86_400
FOREVER = 100 * 365 * DAY  # the flights are of 2013: by age, retention would clear them away at once
UNITS = {
    "distance": "miles",
    "duration": "minutes",
    "departure_minute": "minutes after midnight",
    "wind": "miles/hour",
    "precipitation": "inches",
    "visibility": "miles",
}


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How to run: where to keep data (None: a folder that is removed at the end), and on which port."""

    port: int
    data_dir: Path | None = None
    stay: bool = True


def run(plan: Plan, console: Console, report: Callable[[DemoResult], None]) -> DemoResult:
    """Tell the story, and `report` the result; then, if `plan.stay`, leave the server running until Ctrl-C.

    Raises WatchkeeperError if the story cannot be told.
    """
    check_port(plan.port)
    with _folder(plan.data_dir) as data_dir:
        flights = load_flights()
        trained = _prepare(data_dir, flights.between(0, midnight(TRAINED_UNTIL)), console)
        year = with_breaks(flights).between(midnight(TRAINED_UNTIL), midnight(TRAINED_UNTIL) + FOREVER)
        with server(data_dir, plan.port, MODEL) as process:
            address = f"http://{HOST}:{plan.port}"
            console.print(f"The server is up at {address}. Replaying {len(year):,} flights, April to December …")
            result = _replayed(data_dir, year, plan.port, trained, console)
            tell(console, result)
            report(result)
            if plan.stay:
                console.print(f"Look around: [link={address}]{address}[/link]   (Ctrl-C ends it)")
                _wait(process)
    return result


def _prepare(data_dir: Path, spring: Flights, console: Console) -> Trained:
    """Train on January to March, and register the model as anybody would."""
    trained = train(spring)
    console.print(
        f"Trained on {trained.rows:,} flights of January to March: late by more than 15 minutes or not "
        f"(area under the ROC curve {trained.auc:.2f} on days kept out)."
    )
    store = open_store(data_dir)
    try:
        registered = _register(store, data_dir, spring, trained)
    finally:
        store.close()
    console.print(f"Registered as {MODEL} version {VERSION}, {registered.reference.rows:,} reference rows.")
    return trained


def _register(store: Store, data_dir: Path, spring: Flights, trained: Trained) -> Registered:
    table = as_table(spring, landed_only=False)
    with tempfile.TemporaryDirectory() as folder:
        artifact, reference = Path(folder) / "flights.onnx", Path(folder) / "reference.parquet"
        artifact.write_bytes(trained.artifact)
        pq.write_table(table, reference)
        wanted = Registration(
            model=MODEL,
            version=VERSION,
            artifact=artifact,
            reference=reference,
            task=Task.BINARY,
            target=TARGET,
            time=TIME,
            in_sample=True,
            schema=declared(infer_schema(table, exclude=(TARGET, TIME))),
        )
        return register(store, settings(data_dir), wanted, now=time.time())


def settings(data_dir: Path) -> Settings:
    """A verdict a day; labels and flights of one event hour may come in any order."""
    return Settings(
        data_dir=data_dir,
        bucket=3600,
        window=DAY,
        lateness=2 * 3600,
        retention_records=FOREVER,
        retention_tallies=FOREVER,
    )


def declared(learned: Schema) -> Schema:
    """The learned schema with what data cannot tell: units, and that all these numbers are measures, not counts."""
    features = [
        msgspec.structs.replace(
            feature,
            type=FeatureType.NUMERIC if feature.type is FeatureType.INTEGER else feature.type,
            unit=UNITS.get(feature.name),
        )
        for feature in learned.features
    ]
    return msgspec.structs.replace(learned, features=tuple(features))


def _replayed(data_dir: Path, year: Flights, port: int, trained: Trained, console: Console) -> DemoResult:
    store = open_store(data_dir)
    try:
        reader = Reader(store, MODEL, settings(data_dir).lateness)
        began = time.monotonic()
        with progress_bar(console, float(year.departure[0]), float(year.departure[-1])) as bar:
            totals = uvloop.run(_replay(year, port, reader, bar))
        span = float(year.departure[0]), float(year.departure[-1])
        return settle(
            store.alerts.find(model=MODEL),
            reader.windows(),
            reader.counts(totals),
            model_auc=trained.auc,
            seconds=time.monotonic() - began,
            console=f"http://{HOST}:{port}",
            realised=realised(store, MODEL, VERSION, *span),
            estimated=estimated(store, MODEL, VERSION, span, MAIN["binary"]),
        )
    finally:
        store.close()


async def _replay(year: Flights, port: int, reader: Reader, bar: ProgressOfYear) -> Totals:
    async def pace(totals: Totals) -> None:
        bar.show(totals)
        await reader.keep_up(totals)

    async with Pool(HOST, port, CONNECTIONS) as pool:
        totals = await Replay(pool, MODEL, year, pace).run()
    await reader.finished(totals)
    return totals


@contextmanager
def _folder(data_dir: Path | None) -> Iterator[Path]:
    """The data directory asked for, which must be empty; or one that is removed at the end."""
    if data_dir is None:
        temporary = Path(tempfile.mkdtemp(prefix="watchkeeper-demo-"))
        try:
            yield temporary
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        return
    if data_dir.exists() and any(data_dir.iterdir()):
        raise BadInput(
            f"{data_dir} is not empty, and the demo fills a data directory of its own.",
            hint="Give a new folder, or leave --data-dir out.",
        )
    data_dir.mkdir(parents=True, exist_ok=True)
    yield data_dir


def _wait(process: subprocess.Popen[bytes]) -> None:
    """Until the server ends or the user has seen enough."""
    with suppress(KeyboardInterrupt):
        process.wait()
