"""What the gateway has done since it started, as plain numbers for the heartbeat."""

from __future__ import annotations

from collections import Counter
from typing import Any

from watchkeeper.gateway.capture import CaptureBuffer
from watchkeeper.gateway.recorder import Recorder


class Counts:
    """Counters of the event loop; nobody else writes them."""

    def __init__(self) -> None:
        self.received = 0
        self.answered: Counter[int] = Counter()
        self.proxied = 0
        self.unknown = 0
        self.in_flight = 0


def report(counts: Counts, buffer: CaptureBuffer, recorder: Recorder) -> dict[str, Any]:
    """The heartbeat's numbers: infer requests received and answered by status, rows recorded, dropped and waiting."""
    dropped: dict[str, dict[str, int]] = {}
    for (model, reason), rows in recorder.losses().items():
        dropped.setdefault(model, {})[reason] = rows
    return {
        "received": counts.received,
        "answered": {str(status): count for status, count in sorted(counts.answered.items())},
        "unknown": counts.unknown,
        "in_flight": counts.in_flight,
        "proxied": counts.proxied,
        "recorded_rows": recorder.recorded_rows,
        "dropped": dropped,
        "payloads_withheld": recorder.payloads_withheld(),
        "buffer_rows": buffer.rows,
        "buffer_bytes": buffer.size_bytes,
        "journal_failing": recorder.failing,
    }
