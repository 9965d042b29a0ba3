from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from watchkeeper.events.errors import BadInput, TooLarge, Unavailable
from watchkeeper.models import artifact
from watchkeeper.models.artifact import make_artifact, read_artifact, verified


def test_a_file_is_read_once_and_pinned(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(b"bytes")
    found = read_artifact(path)
    assert (found.name, found.data, found.digest) == ("m.onnx", b"bytes", hashlib.sha256(b"bytes").hexdigest())
    assert found == make_artifact("m.onnx", b"bytes")


def test_changed_bytes_are_never_given_on() -> None:
    pinned = make_artifact("m", b"bytes")
    assert verified(b"bytes", pinned.digest, "it") == b"bytes"
    for other in (b"", b"Bytes", b"bytes "):
        with pytest.raises(Unavailable, match="has changed"):
            verified(other, pinned.digest, "it")


def test_what_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read_artifact(tmp_path / "none")
    with pytest.raises(BadInput, match="is a folder"):
        read_artifact(tmp_path)
    empty = tmp_path / "empty.onnx"
    empty.touch()
    with pytest.raises(BadInput, match="is empty"):
        read_artifact(empty)
    empty.write_bytes(b"12345")
    monkeypatch.setattr(artifact, "MAX_BYTES", 4)
    with pytest.raises(TooLarge):
        read_artifact(empty)
