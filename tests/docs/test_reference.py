"""Every command, option, setting, metric, route, detector and error is in docs/reference, as the code has it."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from scripts import reference
from tests.docs.pages import REFERENCE, name
from watchkeeper import config, telemetry
from watchkeeper.cli.main import main as cli

PAGES = sorted(REFERENCE.glob("*.md"))
CODE = re.compile(r"`([^`]+)`")


def words(page: str) -> set[str]:
    """What stands in code font on a page, and the words of it."""
    spans = set(CODE.findall((REFERENCE / page).read_text()))
    return spans | {word.strip(",=") for span in spans for word in span.split()}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_generated_sections_say_what_the_code_says(page: Path) -> None:
    text = page.read_text()
    assert text == reference.rewritten(text), f"{name(page)} is out of date: run `make reference`"


def test_every_generated_section_stands_in_one_page() -> None:
    assert sorted(section for page in PAGES for section in reference.sections_in(page.read_text())) == sorted(
        reference.SECTIONS
    )


@pytest.mark.parametrize(("command_name", "command"), list(reference.commands(cli)), ids=str)
def test_every_command_and_option_is_documented(command_name: str, command: click.Command) -> None:
    known = words("cli.md")
    assert f"watchkeeper {command_name}" in known
    for option in command.params:
        if isinstance(option, click.Option) and not option.hidden:
            assert set(option.opts) <= known, f"watchkeeper {command_name} {option.opts}"


@pytest.mark.parametrize("setting", config.SETTINGS)
def test_every_setting_is_documented(setting: str) -> None:
    assert setting in words("settings.md")


@pytest.mark.parametrize("metric", telemetry.METRICS, ids=lambda metric: metric.name)
def test_every_metric_is_documented(metric: telemetry.Metric) -> None:
    assert metric.name in words("metrics.md")
    assert set(metric.labels) <= words("metrics.md")
