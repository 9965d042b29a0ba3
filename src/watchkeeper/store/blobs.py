"""Blobs: artifacts and references, named by the sha256 of their content and checked against it at every reading."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from watchkeeper.events.errors import BadInput, Unavailable
from watchkeeper.store.files import read_file, whole_file

_DIGEST = re.compile(r"[0-9a-f]{64}")


class Blobs:
    """Files under `folder`, one a digest. Writing the same content twice keeps one file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, content: bytes) -> str:
        """Keep `content`; its sha256 as 64 hex digits. On disk when this returns."""
        digest = hashlib.sha256(content).hexdigest()
        path = self._folder / digest
        if not path.exists():
            with whole_file(path) as part:
                part.write_bytes(content)
                part.chmod(0o600)
        return digest

    def path(self, digest: str) -> Path:
        """Where the blob lies. Its content is not checked: `read` does that."""
        if not _DIGEST.fullmatch(digest):
            raise BadInput(f"{digest[:80]!r} is not a sha256 digest.", hint="It has 64 characters of 0-9 and a-f.")
        return self._folder / digest

    def read(self, digest: str) -> bytes:
        """The content. Raises NotFound if it is not kept, Unavailable if it no longer matches its digest."""
        content = read_file(self.path(digest))
        if hashlib.sha256(content).hexdigest() != digest:
            raise Unavailable(
                f"The blob {digest} is damaged: its content no longer matches its digest.",
                hint="Restore the file from a backup, or register the version again from its source.",
            )
        return content
