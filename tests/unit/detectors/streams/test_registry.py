"""Every detector module is in the dict under its own name, and documented."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

import watchkeeper.detectors.streams as package
from watchkeeper.detectors.streams.registry import STREAM_DETECTORS

PAGE = Path(__file__).parents[4] / "docs" / "reference" / "stream-detectors.md"
SHARED = {"named", "__init__", "signal", "registry", "mixture"}


def test_every_module_is_listed() -> None:
    files = {path.stem for path in Path(package.__path__[0]).glob("*.py")}
    assert files - SHARED == set(STREAM_DETECTORS)


@pytest.mark.parametrize("name", STREAM_DETECTORS)
def test_the_docstring_is_a_spec(name: str) -> None:
    words = importlib.import_module(f"watchkeeper.detectors.streams.{name}").__doc__ or ""
    for part in ("Sees:", "Cannot see:", "Parameters:", "Run length without change", ">>>"):
        assert part in words, f"{name} lacks {part}"


@pytest.mark.parametrize("name", STREAM_DETECTORS)
def test_its_example_runs(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"watchkeeper.detectors.streams.{name}"))
    assert result.attempted
    assert not result.failed


@pytest.mark.parametrize("name", STREAM_DETECTORS)
def test_every_detector_is_on_its_page(name: str) -> None:
    assert f"`{name}`" in PAGE.read_text()
