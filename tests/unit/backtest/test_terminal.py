from __future__ import annotations

import io

import msgspec
import pytest
from rich.console import Console

from tests.helpers.histories import replayed
from watchkeeper.backtest.records import BacktestDocument
from watchkeeper.backtest.terminal import backtest_story

DOCUMENT = replayed().document


def shown(document: BacktestDocument = DOCUMENT, width: int = 100, shown: int = 10) -> str:
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(backtest_story(document, width, shown=shown))
    return console.export_text()


def test_it_is_a_story() -> None:
    text = shown()
    parts = ("2 pages in 1.7 months", "harmed windows", "Missing values in x", "What to do now", "3,000 rows in 50")
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert "`" not in text


def test_the_strip_has_a_character_for_each_window() -> None:
    lines = {line.split(" ", 1)[0]: line for line in shown().splitlines()}
    assert lines["harmed"].count("◆") == 10
    assert lines["data"].count("■") == replayed().summary.verdicts["alarm"] > 0
    assert lines["pages"].count("▼") == 2


@pytest.mark.parametrize("width", [60, 80, 120])
def test_it_fits_and_is_one_screen(width: int) -> None:
    lines = shown(width=width).splitlines()
    assert max(len(line) for line in lines) <= width
    assert len(lines) <= 40


def test_many_windows_share_characters_and_many_pages_are_cut() -> None:
    long = msgspec.structs.replace(DOCUMENT, windows=DOCUMENT.windows * 20, alerts=DOCUMENT.alerts * 10)
    text = shown(long, width=80)
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "The other 10 pages" in text
    assert "A character stands for 14 windows" in text


def test_without_labels_there_is_no_line_of_harm() -> None:
    text = shown(replayed(labels=False).document)
    assert not any(line.startswith("harmed") for line in text.splitlines())
    assert "not known" in text
