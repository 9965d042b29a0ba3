"""Every command, option, setting, metric, route, detector and error is in docs/reference, as the code has it."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from scripts import reference
from tests.docs.pages import DOCS, REFERENCE, name, prose
from watchkeeper import config, telemetry
from watchkeeper.cli.main import main as cli
from watchkeeper.detectors.registry import DETECTORS
from watchkeeper.detectors.rows.registry import ROW_TESTS
from watchkeeper.detectors.streams.registry import STREAM_DETECTORS
from watchkeeper.gateway import capture, recorder, routes
from watchkeeper.store import losses

LOSSES = (
    capture.BUFFER_FULL,
    recorder.ENCODE_FAILED,
    recorder.JOURNAL_REFUSED,
    recorder.SHUTDOWN,
    losses.DUPLICATE,
    losses.DEAD_LETTERED,
    losses.CLOCK_SKEW,
)
PAGES = sorted(REFERENCE.glob("*.md"))
CODE = re.compile(r"`([^`\n]+)`")


def words(page: str) -> set[str]:
    """What stands in code font on a page, and the words of it."""
    spans = set(CODE.findall(prose(REFERENCE / page)))
    return spans | {word.strip(",=") for span in spans for word in span.split()}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_generated_sections_say_what_the_code_says(page: Path) -> None:
    text = page.read_text()
    assert text == reference.rewritten(text), f"{name(page)} is out of date: run `make reference`"


def test_every_generated_section_stands_in_one_page() -> None:
    assert sorted(section for page in PAGES for section in reference.sections_in(page.read_text())) == sorted(
        reference.SECTIONS
    )


@pytest.mark.parametrize("command", list(reference.commands(cli)), ids=lambda item: item[0])
def test_every_command_and_option_is_documented(command: tuple[str, click.Command]) -> None:
    command_name, definition = command
    known = words("cli.md")
    assert f"watchkeeper {command_name}" in known
    for option in definition.params:
        if isinstance(option, click.Option) and not option.hidden:
            assert set(option.opts) <= known, f"watchkeeper {command_name} {option.opts}"


@pytest.mark.parametrize("path", [*routes._FIXED, *(f"/v2/models/M/{action}" for action in routes._OF_MODEL)])
def test_every_path_of_the_gateway_is_documented(path: str) -> None:
    assert path.rstrip("/") in words("http-api.md")


@pytest.mark.parametrize("path", reference.openapi()["paths"])
def test_every_path_of_the_control_api_is_documented(path: str) -> None:
    assert f"/api/v1{path}" in words("http-api.md")


@pytest.mark.parametrize("detector", DETECTORS)
def test_every_detector_is_documented(detector: str) -> None:
    assert detector in words("detectors.md")


@pytest.mark.parametrize("detector", STREAM_DETECTORS)
def test_every_stream_detector_is_documented(detector: str) -> None:
    assert detector in words("stream-detectors.md")


@pytest.mark.parametrize("test", ROW_TESTS)
def test_every_test_on_rows_is_documented(test: str) -> None:
    assert test in words("row-tests.md")


@pytest.mark.parametrize("reason", LOSSES)
def test_every_reason_of_a_loss_is_documented(reason: str) -> None:
    assert f"| `{reason}` |" in (DOCS / "explanation" / "delivery-guarantees.md").read_text()


@pytest.mark.parametrize("setting", config.SETTINGS)
def test_every_setting_is_documented(setting: str) -> None:
    assert setting in words("settings.md")


@pytest.mark.parametrize("metric", telemetry.METRICS, ids=lambda metric: metric.name)
def test_every_metric_is_documented(metric: telemetry.Metric) -> None:
    assert metric.name in words("metrics.md")
    assert set(metric.labels) <= words("metrics.md")
