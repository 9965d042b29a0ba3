"""The pepper: a secret of this data directory that makes the privacy policy `hash` one-way."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from watchkeeper.events.errors import Unavailable

_BYTES = 32


def pepper(data_dir: Path) -> bytes:
    """The pepper in `data_dir`, made the first time. Raises Unavailable if it is damaged or cannot be written."""
    path = data_dir / "keys" / "pepper"
    try:
        if not path.exists():
            _make(path)
        secret = path.read_bytes()
    except OSError as error:
        raise Unavailable(f"The key {path} cannot be read or made: {error.strerror}.") from error
    if len(secret) != _BYTES:
        raise Unavailable(
            f"The key {path} is damaged: it has {len(secret)} bytes.",
            hint="Restore it from a backup. Without it, hashed values cannot be matched with those recorded before.",
        )
    return secret


def _make(path: Path) -> None:
    """Written whole beside its place and linked there, so that of two processes that start at once one wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f"pepper.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(part, path)
    finally:
        part.unlink()
