from __future__ import annotations

from pathlib import Path

import pytest

from watchkeeper.cli.writing import write_page
from watchkeeper.events.errors import BadInput


def test_a_page_is_written(tmp_path: Path) -> None:
    write_page(tmp_path / "p.html", "é")
    assert (tmp_path / "p.html").read_bytes() == "é".encode()


def test_where_it_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be written"):
        write_page(tmp_path / "no" / "p.html", "x")
