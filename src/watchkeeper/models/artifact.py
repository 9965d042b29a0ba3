"""The bytes of a model, pinned by their sha256.

Bytes are read once, verified, and loaded from memory: what was verified is what runs. Nothing here unpickles.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from watchkeeper.events.errors import BadInput, TooLarge, Unavailable

MAX_BYTES = 2 << 30


class Artifact(msgspec.Struct, frozen=True, kw_only=True):
    """A model's bytes, the name they came under (its suffix is a hint, never a path) and their sha256."""

    name: str
    data: bytes
    digest: str


def make_artifact(name: str, data: bytes) -> Artifact:
    """The artifact of these bytes, pinned by the digest they have now."""
    return Artifact(name=name, data=data, digest=hashlib.sha256(data).hexdigest())


def read_artifact(path: Path) -> Artifact:
    """Read the file once and pin it. BadInput when it cannot be read, TooLarge beyond 2 GiB."""
    try:
        if path.is_dir():
            raise BadInput(f"Artifact {str(path)!r} is a folder.", hint="Give the model's file.")
        if path.stat().st_size > MAX_BYTES:
            raise TooLarge(f"Artifact {str(path)!r} is larger than {MAX_BYTES >> 30} GiB.")
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"Artifact {str(path)!r} cannot be read: {error.strerror}.", hint="Check the path.") from error
    if not data:
        raise BadInput(f"Artifact {str(path)!r} is empty.", hint="Save the model again.")
    return make_artifact(path.name, data)


def verified(data: bytes, digest: str, what: str) -> bytes:
    """`data` if its sha256 is `digest`; Unavailable otherwise: the model is not loaded."""
    found = hashlib.sha256(data).hexdigest()
    if found != digest:
        raise Unavailable(
            f"The artifact of {what} has changed: its sha256 is {found[:12]}…, registered was {digest[:12]}….",
            hint="Restore the file from a backup, or register the new artifact as a version of its own.",
        )
    return data
