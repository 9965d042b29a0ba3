"""The examples in docstrings run and print what they say."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

from tests.docs.pages import ROOT

SOURCE = ROOT / "src"


def modules_with_examples() -> list[str]:
    files = [path for path in sorted(SOURCE.rglob("*.py")) if "\n    >>> " in path.read_text()]
    return [dotted(path) for path in files]


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(SOURCE).with_suffix("").parts)


@pytest.mark.parametrize("module", modules_with_examples())
def test_examples_run(module: str) -> None:
    result = doctest.testmod(importlib.import_module(module), optionflags=doctest.ELLIPSIS)
    assert result.attempted > 0
    assert result.failed == 0
