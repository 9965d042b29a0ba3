"""A notice is one line."""

from __future__ import annotations

import pytest

from watchkeeper.notify.log import LogLine
from watchkeeper.notify.sender import DeliveryError, Parcel


def test_one_line() -> None:
    lines: list[str] = []
    LogLine(lines.append)(Parcel(id="1", target="log", body='{"a":\n1}'))
    assert lines == ['{"a": 1}']


def test_a_full_disk_is_no_delivery() -> None:
    def fails(line: str) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(DeliveryError, match="cannot be written"):
        LogLine(fails)(Parcel(id="1", target="log", body="{}"))
