"""The settings reach the gateway; the process itself is proved in tests/e2e/test_up.py."""

from __future__ import annotations

from watchkeeper.app.gateway import limits
from watchkeeper.config import Capture, Settings
from watchkeeper.gateway.infer import CaptureMode


def test_limits_are_the_settings() -> None:
    found = limits(Settings(max_body_bytes=1000, capture_max_rows=7, capture_max_bytes=2000))
    assert (found.body_bytes, found.buffer_rows, found.buffer_bytes) == (1000, 7, 2000)


def test_settings_and_gateway_name_the_same_capture_modes() -> None:
    assert [mode.value for mode in CaptureMode] == [mode.value for mode in Capture]
