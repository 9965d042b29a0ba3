"""Every test module is in the dict under its own name, and documented."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

import watchkeeper.detectors.rows as package
from watchkeeper.detectors.rows.registry import ROW_TESTS

PAGE = Path(__file__).parents[4] / "docs" / "reference" / "row-tests.md"
SHARED = {"__init__", "result", "pair", "permutation", "distances", "cumulative", "dependence", "registry"}


def test_every_module_is_listed() -> None:
    files = {path.stem for path in Path(package.__path__[0]).glob("*.py")}
    assert files - SHARED == set(ROW_TESTS)


@pytest.mark.parametrize("name", ROW_TESTS)
def test_the_docstring_is_a_spec(name: str) -> None:
    words = importlib.import_module(f"watchkeeper.detectors.rows.{name}").__doc__ or ""
    for part in ("Sees:", "Cannot see", ">>>"):
        assert part in words, f"{name} lacks {part}"


@pytest.mark.parametrize("name", ROW_TESTS)
def test_its_example_runs(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"watchkeeper.detectors.rows.{name}"))
    assert result.attempted
    assert not result.failed


@pytest.mark.parametrize("name", ROW_TESTS)
def test_every_test_is_on_its_page(name: str) -> None:
    assert f"`{name}`" in PAGE.read_text()
