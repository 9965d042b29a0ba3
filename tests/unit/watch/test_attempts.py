"""Tries are remembered across a sudden death."""

from __future__ import annotations

from pathlib import Path

import pytest

from watchkeeper.watch.attempts import Attempts


def test_each_death_at_a_position_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "run" / "watch.attempt"
    assert Attempts(path).begin(5) == 0
    assert Attempts(path).begin(5) == 1
    assert Attempts(path).begin(5) == 2
    assert Attempts(path).begin(9) == 0


def test_an_end_is_no_death(tmp_path: Path) -> None:
    attempts = Attempts(tmp_path / "watch.attempt")
    for _ in range(3):
        assert attempts.begin(5) == 0
        attempts.end()


def test_a_disk_that_cannot_be_written_is_no_death(tmp_path: Path) -> None:
    attempts = Attempts(tmp_path / "watch.attempt")
    (tmp_path / "watch.attempt").mkdir()
    assert attempts.begin(5) == 0
    assert attempts.begin(5) == 1


@pytest.mark.parametrize("text", ["", "x", "5", "5 x", "1 2 3"])
def test_a_damaged_file_counts_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "watch.attempt"
    path.write_text(text)
    assert Attempts(path).begin(5) == 0
