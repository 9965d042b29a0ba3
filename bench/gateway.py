"""The gateway beside other model servers: one-row V2 requests, the same logistic regression, one core for the server.

Rules: every server runs alone on one core, the load generator on another. A round runs each server once, and rounds are
repeated, so that a slow minute of the machine falls on all. Requests a second and CPU come from a closed loop with 16
connections; p99 from a fixed rate of 1,000 requests a second, counted from the moment each request was due.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from math import nan
from pathlib import Path

import msgspec

from bench import servers
from bench.environments import CannotInstall
from bench.load import Report
from bench.measure import Line, Table, lines_of
from bench.servers import Server

CONNECTIONS = 16
FIXED_RATE = 1000.0
HEADROOM = 1.5

OURS: dict[str, tuple[bool, str]] = {
    "Watchkeeper": (False, "fast"),
    "Watchkeeper compiled": (True, "fast"),
    "Watchkeeper compiled, capture off": (True, "off"),
}
PEERS: dict[str, Callable[[Path, Path], Server]] = {
    "MLServer": servers.mlserver,
    "KServe": servers.kserve,
    "BentoML": servers.bentoml,
}


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One server in one round."""

    rate: float
    cpu_us: float
    p50: float | None
    p99: float | None


def run(*, short: bool, environments: Path) -> list[Table]:
    """Measure all servers; `short` leaves peers out and takes seconds."""
    with tempfile.TemporaryDirectory(prefix="bench-gateway-") as folder:
        work = Path(folder)
        chosen = [servers.watchkeeper(work, name, compiled=how[0], capture=how[1]) for name, how in OURS.items()]
        chosen += [] if short else _peers(environments, work)
        rounds: list[dict[str, Measured]] = []
        for number in range(1 if short else 5):
            print(f"gateway: round {number + 1}", flush=True)
            rounds.append({server.name: measure(server, work, 1.0 if short else 4.0) for server in chosen})
    return _tables(rounds, {server.name: server.note for server in chosen}, "MLServer" if not short else "")


def _peers(environments: Path, work: Path) -> list[Server]:
    found = []
    for name, make in PEERS.items():
        try:
            found.append(make(environments, work))
        except (CannotInstall, subprocess.CalledProcessError) as error:
            print(f"gateway: without {name}: {error}", flush=True)
    return found


def measure(server: Server, work: Path, seconds: float) -> Measured:
    """Start the server, warm it up, find its limit and its CPU a request, then its latency at the fixed rate."""
    port = servers.free_port()
    body = work / "body.json"
    body.write_bytes(server.body)
    core = 0 if _cores() > 1 else None
    with servers.running(server, port, core) as process:
        _load(port, server.path, body, seconds=min(1.0, seconds), rate=0.0)
        before = servers.cpu_seconds(process)
        full = _load(port, server.path, body, seconds=seconds, rate=0.0)
        cpu = servers.cpu_seconds(process) - before
        # A server that cannot do the fixed rate has no latency at it, only a growing queue.
        able = full.rate > HEADROOM * FIXED_RATE
        fixed = _load(port, server.path, body, seconds=seconds, rate=FIXED_RATE) if able else None
    failed = full.failed + (fixed.failed if fixed else 0)
    if failed:
        raise RuntimeError(f"{server.name} failed {failed} requests")
    return Measured(
        rate=full.rate,
        cpu_us=cpu / full.requests * 1e6,
        p50=fixed.p50 if fixed else None,
        p99=fixed.p99 if fixed else None,
    )


def _load(port: int, path: str, body: Path, *, seconds: float, rate: float) -> Report:
    pin = ["taskset", "-c", "1"] if _cores() > 1 else []
    options = ["--connections", str(CONNECTIONS), "--seconds", str(seconds), "--rate", str(rate)]
    command = [*pin, sys.executable, "-m", "bench.load", str(port), path, str(body), *options]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return msgspec.json.decode(done.stdout, type=Report)


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _tables(rounds: list[dict[str, Measured]], notes: dict[str, str], base: str) -> list[Table]:
    def table(title: str, unit: str, field: str, *, higher: bool, base: str) -> Table:
        values = [
            {name: value for name, found in one.items() if (value := getattr(found, field)) is not None}
            for one in rounds
        ]
        return Table(title=title, unit=unit, lines=lines_of(values, notes), base=base, higher=higher)

    limit = table("Gateway: requests a second, one core", "requests/s", "rate", higher=True, base=base)
    cpu = table("Gateway: CPU of one request", "µs", "cpu_us", higher=False, base="")
    p99 = table("Gateway: p99 at 1,000 requests/s", "ms", "p99", higher=False, base="")
    return [limit, cpu, p99, _monitoring(rounds)]


def _monitoring(rounds: list[dict[str, Measured]]) -> Table:
    """What capture costs, paired within each round."""
    on, off = "Watchkeeper compiled", "Watchkeeper compiled, capture off"
    cpu = tuple(one[on].cpu_us - one[off].cpu_us for one in rounds)
    ratio = tuple((one[on].p99 or nan) / (one[off].p99 or nan) for one in rounds)
    return Table(
        title="Gateway: what capturing every row costs",
        unit="value",
        lines=(Line(name="added CPU a request, µs", values=cpu), Line(name="p99 on / off", values=ratio)),
    )
