"""Blobs are their digest, or they are refused."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from watchkeeper.events.errors import BadInput, NotFound, Unavailable
from watchkeeper.store.blobs import Blobs


def test_content_comes_back_under_its_digest(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "sha256")
    digest = blobs.write(b"model")
    assert digest == hashlib.sha256(b"model").hexdigest()
    assert blobs.write(b"model") == digest
    assert blobs.read(digest) == b"model"
    assert blobs.path(digest).stat().st_mode & 0o777 == 0o600


def test_a_changed_blob_is_refused(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    digest = blobs.write(b"model")
    blobs.path(digest).write_bytes(b"m0del")
    with pytest.raises(Unavailable, match="damaged"):
        blobs.read(digest)


def test_a_link_in_place_of_a_blob_is_refused(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    digest = hashlib.sha256(b"x").hexdigest()
    (tmp_path / "elsewhere").write_bytes(b"x")
    blobs.path(digest).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Unavailable):
        blobs.read(digest)


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "/"])
def test_only_digests_name_blobs(tmp_path: Path, digest: str) -> None:
    with pytest.raises(BadInput, match="not a sha256"):
        Blobs(tmp_path).path(digest)


def test_an_unknown_digest_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        Blobs(tmp_path).read("0" * 64)
