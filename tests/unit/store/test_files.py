"""Files that appear whole or not at all."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from watchkeeper.events.errors import NotFound, Unavailable
from watchkeeper.store.files import make_folder, read_file, whole_file


def test_a_file_appears_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "down" / "file"
    with whole_file(path) as part:
        part.write_bytes(b"content")
        assert not path.exists()
    assert read_file(path) == b"content"
    assert list(path.parent.iterdir()) == [path]


def test_an_error_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with suppress(ValueError), whole_file(path) as part:
        part.write_bytes(b"con")
        raise ValueError("half")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with suppress(Unavailable), whole_file(path) as part:
        part.write_bytes(b"new")
        raise OSError(28, "No space left on device")
    assert path.read_bytes() == b"old"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(Unavailable):
        read_file(tmp_path / "link")


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_file(tmp_path / "nothing")


def test_folders_are_made_once(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
