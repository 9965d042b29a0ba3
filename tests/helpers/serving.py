"""A gateway without sockets: models that are arithmetic, a journal in memory, and a client that speaks ASGI."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from watchkeeper.events.arrow import decode_batch
from watchkeeper.gateway.asgi import Gateway
from watchkeeper.gateway.catalogue import Catalogue, ServedModel, ServedVersion
from watchkeeper.gateway.limits import Limits
from watchkeeper.gateway.serve import Address, bind, serve
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.models.classes import describe
from watchkeeper.models.predictor import Outputs
from watchkeeper.models.rows import Layout, Rows
from watchkeeper.models.task import Task, output_features
from watchkeeper.schema.feature import Feature, FeatureType
from watchkeeper.schema.schema import Schema

PEPPER = b"sixteen bytes ok"
NOW_US = 1_700_000_000_000_000

NUMBERS = (
    Feature(name="age", type=FeatureType.NUMERIC),
    Feature(name="size", type=FeatureType.INTEGER),
)
MIXED = (
    Feature(name="age", type=FeatureType.NUMERIC),
    Feature(name="carrier", type=FeatureType.CATEGORICAL),
    Feature(name="member", type=FeatureType.BOOLEAN),
    Feature(name="born", type=FeatureType.TIMESTAMP),
)


class SumPredictor:
    """Binary: the probability is a squashed sum of the numbers. Raises on a sum of 666; waits on `gate` if given."""

    def __init__(self, layout: Layout = Layout.MATRIX, gate: threading.Event | None = None) -> None:
        self.layout = layout
        self.classes: tuple[str, ...] = ("0", "1")
        self.gate = gate
        self.refuse_missing = False
        self.closed = False
        self.outputs = describe(Task.BINARY, self.classes, (np.zeros(1, np.int64), np.zeros(1)))

    def predict(self, rows: Rows) -> Outputs:
        if self.gate is not None:
            self.gate.wait(5)
        total = rows.sum(axis=1) if isinstance(rows, np.ndarray) else np.asarray(rows["age"], float)
        if (total == 666).any():
            raise RuntimeError("secret value 666 in /home/secret/path")
        if self.refuse_missing and np.isnan(total).any():
            raise ValueError("Input contains NaN")
        probability = 1 / (1 + np.exp(-total))
        return (probability > 0.5).astype(np.int64), probability

    def close(self) -> None:
        self.closed = True


def served(
    name: str = "m",
    version: str = "1",
    features: Sequence[Feature] = NUMBERS,
    predictor: SumPredictor | None = None,
    limits: Limits | None = None,
) -> ServedVersion:
    """A loaded version of a SumPredictor that takes `features`."""
    numbers = all(feature.type.is_number for feature in features)
    return ServedVersion(
        model=name,
        version=version,
        task=Task.BINARY,
        schema=Schema(features=tuple(features), outputs=output_features(Task.BINARY, ("0", "1"))),
        predictor=predictor or SumPredictor(Layout.MATRIX if numbers else Layout.COLUMNS),
        platform="test",
        limits=limits,
    )


def catalogue(*versions: ServedVersion) -> Catalogue:
    """A catalogue of these versions; the last one of a model is live."""
    models: dict[str, dict[str, ServedVersion]] = {}
    for item in versions:
        models.setdefault(item.model, {})[item.version] = item
    return Catalogue(
        models={name: ServedModel(name=name, live=list(found)[-1], versions=found) for name, found in models.items()}
    )


def gateway(journal: MemoryJournal | None = None, **options: Any) -> Gateway:
    """A gateway at a fixed time that serves `m` (two numbers) and `mixed` (a feature of each kind)."""
    made = Gateway(journal or MemoryJournal(), pepper=PEPPER, clock_us=lambda: NOW_US, **options)
    made.publish(catalogue(served(), served("mixed", features=MIXED)))
    return made


class Answer(msgspec.Struct):
    """What came back: status, headers (names in lower case) and body."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return msgspec.json.decode(self.body)


async def call(
    app: Callable[..., Any],
    method: str,
    path: str,
    body: bytes | Sequence[bytes] = b"",
    headers: Sequence[tuple[str, str]] = (),
) -> Answer:
    """One HTTP request to an ASGI app; a sequence of bytes is a body in chunks."""
    chunks = [body] if isinstance(body, bytes) else list(body)
    messages = [
        {"type": "http.request", "body": chunk, "more_body": index < len(chunks) - 1}
        for index, chunk in enumerate(chunks)
    ]
    waiting = iter(messages)
    sent: list[Any] = []

    async def receive() -> Any:
        message = next(waiting, None)
        if message is None:
            await asyncio.Event().wait()
        return message

    async def send(message: Any) -> None:
        sent.append(message)

    encoded = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
    scope = {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "headers": encoded}
    await app({**scope, "query_string": b"", "client": ("127.0.0.1", 1)}, receive, send)
    start, *rest = sent
    found = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
    return Answer(start["status"], found, b"".join(message.get("body", b"") for message in rest))


def ask(app: Callable[..., Any], method: str, path: str, body: bytes | Sequence[bytes] = b"", **headers: str) -> Answer:
    """`call` in a loop of its own; header names are given with underscores."""
    named = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return asyncio.run(call(app, method, path, body, named))


def infer_json(values: Sequence[Sequence[float | None]], **extra: Any) -> bytes:
    """An infer request of one FP64 matrix."""
    shape = [len(values), len(values[0])]
    tensor = {"name": "rows", "shape": shape, "datatype": "FP64", "data": values}
    return msgspec.json.encode({"inputs": [tensor], **extra})


def recorded(journal: MemoryJournal) -> list[pa.RecordBatch]:
    """Every inference batch in the journal, in order."""
    return [decode_batch(entry.payload) for entry in journal.read(0, 1 << 30) if entry.kind == "inference"]


def recorded_rows(journal: MemoryJournal) -> list[dict[str, Any]]:
    """Every inference row in the journal, in order."""
    return [row for batch in recorded(journal) for row in batch.to_pylist()]


@contextmanager
def running(app: Gateway) -> Iterator[int]:
    """The gateway on a free port of the loopback, in a thread; the port."""
    listener = bind(Address(port=0))
    started: queue.Queue[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = queue.Queue()

    async def main() -> None:
        stop = asyncio.Event()
        started.put((asyncio.get_running_loop(), stop))
        await serve(app, listener, stop=stop)

    thread = threading.Thread(target=asyncio.run, args=(main(),), daemon=True)
    thread.start()
    loop, stop = started.get(timeout=5)
    try:
        yield listener.getsockname()[1]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(15)
