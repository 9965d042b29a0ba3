from __future__ import annotations

import msgspec

from tests.helpers.serving import PEPPER
from watchkeeper.gateway.capture import CaptureBuffer
from watchkeeper.gateway.recorder import Recorder
from watchkeeper.gateway.stats import Counts, report
from watchkeeper.journal.memory import MemoryJournal


def test_the_report_is_plain_json_with_losses_by_model_and_reason() -> None:
    buffer = CaptureBuffer(1, 1)
    buffer.dropped["m"] += 3
    counts = Counts()
    counts.answered[200] += 2
    found = report(counts, buffer, Recorder(buffer, MemoryJournal(), PEPPER))
    assert found["dropped"] == {"m": {"buffer_full": 3}}
    assert found["answered"] == {"200": 2}
    assert msgspec.json.decode(msgspec.json.encode(found)) == found
