"""Files that a command was asked to write."""

from __future__ import annotations

from pathlib import Path

from watchkeeper.events.errors import BadInput


def write_page(path: Path, text: str) -> None:
    """Write a page; BadInput where that cannot be done."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"The page {path} cannot be written: {error.strerror}.", hint="Check the path.") from error
