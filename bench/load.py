"""A load generator for one request sent again and again: `python -m bench.load PORT PATH BODY_FILE …`, JSON out.

Closed loop (`--rate 0`): every connection sends its next request when the last answer is complete; tells the most the
server can do. Open loop (`--rate R`): requests start on a fixed schedule whatever the server does, and latency is
counted from the scheduled moment, so that a server that stalls cannot hide it (no "coordinated omission").
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import time
from collections import deque
from pathlib import Path
from typing import cast

import msgspec
import uvloop


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What one run saw. Latencies in milliseconds; `failed` counts answers other than 200."""

    requests: int
    seconds: float
    failed: int
    p50: float
    p99: float
    p999: float

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


class Caller(asyncio.Protocol):
    """One keep-alive connection; `done` is called with (this connection, moment it was due) after every answer."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._missing = 0
        self._head = b""
        self.due = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def send(self, due: float) -> None:
        self.due = due
        self.transport.write(self._run.request)

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._missing -= len(data)
        else:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            self._missing = _length(self._head[:end]) - (len(self._head) - end - 4)
            self._run.failed += not self._head.startswith(b"HTTP/1.1 200")
            self._head = b""
        if self._missing <= 0:
            self._missing = 0
            self._run.answered(self)


class Run:
    """State of one run over several connections."""

    def __init__(self, request: bytes, rate: float) -> None:
        self.request, self.rate = request, rate
        self.latencies: list[float] = []
        self.failed = 0
        self.stop_at = float("inf")
        self._idle: deque[Caller] = deque()
        self._waiting: deque[float] = deque()

    def answered(self, caller: Caller) -> None:
        now = time.perf_counter()
        self.latencies.append(now - caller.due)
        if self.rate:
            self._give(caller)
        elif now < self.stop_at:
            caller.send(now)

    def _give(self, caller: Caller) -> None:
        if self._waiting:
            caller.send(self._waiting.popleft())
        else:
            self._idle.append(caller)

    async def go(self, callers: list[Caller], seconds: float) -> None:
        """Drive for `seconds`."""
        start = time.perf_counter()
        self.stop_at = start + seconds
        if not self.rate:
            for caller in callers:
                caller.send(time.perf_counter())
            await asyncio.sleep(seconds)
            return
        self._idle.extend(callers)
        await self._schedule(start)

    async def _schedule(self, start: float) -> None:
        number = 0
        while (due := start + number / self.rate) < self.stop_at:
            ahead = due - time.perf_counter()
            if ahead > 0:
                await asyncio.sleep(ahead)
            number += 1
            if self._idle:
                self._idle.popleft().send(due)
            else:
                self._waiting.append(due)
        await asyncio.sleep(0.1)


async def load(port: int, path: str, body: bytes, *, connections: int, seconds: float, rate: float) -> Report:
    """Load a server on the loopback."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    run = Run(head.encode() + body, rate)
    loop = asyncio.get_running_loop()
    callers = [(await loop.create_connection(lambda: Caller(run), "127.0.0.1", port))[1] for _ in range(connections)]
    gc.disable()
    await run.go(callers, seconds)
    for caller in callers:
        caller.transport.close()
    return _report(run, seconds)


def _report(run: Run, seconds: float) -> Report:
    ordered = sorted(run.latencies)

    def quantile(share: float) -> float:
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000 if ordered else float("nan")

    return Report(
        requests=len(ordered),
        seconds=seconds,
        failed=run.failed,
        p50=quantile(0.5),
        p99=quantile(0.99),
        p999=quantile(0.999),
    )


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise ValueError(f"no Content-Length in {head!r}")


def main() -> None:
    """Run as a process of its own, so that it can be kept on a core of its own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("path")
    parser.add_argument("body", type=Path)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rate", type=float, default=0.0)
    asked = parser.parse_args()
    report = uvloop.run(
        load(
            asked.port,
            asked.path,
            asked.body.read_bytes(),
            connections=asked.connections,
            seconds=asked.seconds,
            rate=asked.rate,
        )
    )
    print(msgspec.json.encode(report).decode())


if __name__ == "__main__":
    main()
