"""The pepper is made once, is private, and is never silently replaced."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from watchkeeper.app.keys import pepper
from watchkeeper.events.errors import Unavailable


def test_made_once_and_private(tmp_path: Path) -> None:
    first = pepper(tmp_path)
    assert len(first) == 32
    assert pepper(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "keys" / "pepper").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["pepper"]


def test_of_many_that_start_at_once_one_wins(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(pepper, [tmp_path] * 16))) == 1


def test_a_damaged_key_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "pepper").write_bytes(b"short")
    with pytest.raises(Unavailable, match="damaged"):
        pepper(tmp_path)


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file where a folder should be")
    with pytest.raises(Unavailable, match="cannot be read or made"):
        pepper(tmp_path)
