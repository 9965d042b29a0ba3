"""The page of how well a model does."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import msgspec
import pytest

from tests.helpers.asgi import Asker
from tests.helpers.seed import NOW
from tests.helpers.watching import watched_store
from watchkeeper.api.context import Context
from watchkeeper.api.performance import performance
from watchkeeper.console.app import console_app
from watchkeeper.console.performance_page import estimate_words, lead

PAGE = "/models/delays/performance"


@pytest.fixture(scope="module")
def page(asker: Asker) -> str:
    return asker.page(PAGE).text


def test_what_is_known_comes_first(page: str, context: Context) -> None:
    told = performance(context, "delays")
    said = lead(told)
    assert said.startswith("ROC AUC 0.")
    assert "on 9," in said
    assert said in page
    assert page.index(said) < page.index("over time")


def test_every_part_is_there(page: str) -> None:
    for words in (
        "realised, on labels",
        "Confusion matrix",
        "ROC curve",
        "Precision and recall",
        "Calibration",
        "Scores by label",
        "ROC AUC by carrier",
        "Does it age?",
        "Median delay",
        "Download Parquet",
    ):
        assert words in page, words
    assert "estimated, without labels" in page
    assert page.count("data-figure") == 7
    assert 'aria-current="page">Performance' in page


def test_a_choice_is_kept_and_a_wrong_one_is_told(asker: Asker) -> None:
    chosen = asker.page(f"{PAGE}?metric=recall&threshold=0.1&width=7d&windows=90&feature=origin").text
    assert re.search(r'<option value="recall" selected>', chosen)
    assert "at threshold 0.100" in chosen
    assert "7 d to a point" in chosen
    assert "ROC AUC by origin" in chosen
    for wrong, told in (("threshold=much", "is no number from 0 to 1"), ("feature=colour", "no feature")):
        answer = asker.page(f"{PAGE}?{wrong}")
        assert answer.status_code == 200
        assert told in answer.text
    assert asker.page(f"{PAGE}?version=v8").status_code == 404
    assert asker.page(f"{PAGE}?windows=7&width=y&metric=none").status_code == 200


def test_the_worst_segments_are_looked_for_when_asked(asker: Asker, page: str) -> None:
    assert "The worst segments" not in page
    assert "segments were tested" in asker.page(f"{PAGE}?search=yes").text


def test_an_estimate_stands_beside_its_record(asker: Asker, page: str, context: Context) -> None:
    assert "Estimated without labels; its own record in" in page
    assert "Do not rely on it" in page
    told = performance(context, "delays")
    assert estimate_words(told, told.main) in unescape(page)
    assert estimate_words(performance(context, "delays", window="7d"), told.main) == ""
    young = msgspec.structs.replace(told, record={})
    assert estimate_words(young, told.main) == "Estimated without labels; no record yet."
    record = msgspec.structs.replace(told.record[told.main], good=True, note="")
    good = msgspec.structs.replace(told, record={told.main: record})
    assert estimate_words(good, told.main).endswith("of its intervals held the truth.")
    assert "Estimated without labels" not in asker.page(f"{PAGE}?width=7d").text


def test_without_labels_the_page_says_how_to_send_them(tmp_path: Path) -> None:
    store = watched_store(tmp_path)
    text = Asker(console_app(store, now=lambda: NOW)).page("/models/flights/performance").text
    store.close()
    assert "how well it does is not known" in text
    assert "watchkeeper feedback labels.parquet --model flights" in text
    assert "Confusion matrix" not in text
