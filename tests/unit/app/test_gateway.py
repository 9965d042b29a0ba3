"""The settings reach the gateway; the process itself is proved in tests/e2e/test_up.py."""

from __future__ import annotations

from watchkeeper.app.gateway import _MODES, limits
from watchkeeper.config import Capture, Settings


def test_limits_are_the_settings() -> None:
    found = limits(Settings(max_body_bytes=1000, capture_max_rows=7, capture_max_bytes=2000))
    assert (found.body_bytes, found.buffer_rows, found.buffer_bytes) == (1000, 7, 2000)


def test_every_capture_mode_has_its_own() -> None:
    assert set(_MODES) == set(Capture)
    assert len(set(_MODES.values())) == len(Capture)
