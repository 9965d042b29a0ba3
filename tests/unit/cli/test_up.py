"""What `up` prints; the whole is proved in tests/e2e/test_up.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from watchkeeper.app.up import ModelLine, Opened
from watchkeeper.cli.up import _print_opened, _print_told
from watchkeeper.schema.feature import Feature, FeatureType
from watchkeeper.schema.schema import Schema
from watchkeeper.supervisor.supervisor import Told

LATE = ModelLine(name="late", version="v1", schema=Schema(features=(Feature(name="age", type=FeatureType.NUMERIC),)))


def opened(*models: ModelLine) -> Opened:
    return Opened(address="http://127.0.0.1:8080", data_dir=Path("data"), models=models)


def test_with_a_model_it_shows_how_to_ask(capsys: pytest.CaptureFixture[str]) -> None:
    _print_opened(opened(LATE))
    out = capsys.readouterr().out
    assert "http://127.0.0.1:8080\n" in out
    assert "late v1" in out
    assert "curl -s http://127.0.0.1:8080/v2/models/late/infer" in out


def test_without_one_it_shows_how_to_register(capsys: pytest.CaptureFixture[str]) -> None:
    _print_opened(opened())
    assert "watchkeeper register NAME" in capsys.readouterr().out


def test_deaths_are_told_and_starts_are_not(capsys: pytest.CaptureFixture[str]) -> None:
    _print_told(Told(event="started", child="watch"))
    _print_told(Told(event="died", child="watch", text="was killed by SIGKILL"))
    assert capsys.readouterr().err == "watch: was killed by SIGKILL.\n"
