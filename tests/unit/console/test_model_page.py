from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.helpers.asgi import Asker
from tests.helpers.firing import fire
from tests.helpers.seed import DAY, NOW, START, Seed, seeded_store
from watchkeeper.alerts.cause import Cause
from watchkeeper.console.app import console_app

NOW_DAY = int(NOW) // DAY * DAY


def test_the_page_says_what_to_do_and_shows_the_first_feature(asker: Asker) -> None:
    text = asker.page("/models/delays").text
    assert "is a category that the reference never had" in text
    assert text.index('name">carrier') < text.index('name">wind') < text.index('name">origin')
    assert text.count("data-figure") == 6
    assert "Phone" not in text


def test_the_page_says_once_how_often_ordinary_blocks_would_have_alarmed(asker: Asker) -> None:
    assert asker.page("/models/delays").text.count("of 60 ordinary blocks of the reference would have alarmed") == 1


def test_any_feature_of_any_window(asker: Asker) -> None:
    text = asker.page(f"/models/delays?window={START + 12 * DAY}&version=v7&feature=input.distance").text
    assert "miles became kilometres" in text
    assert f'<option value="{START + 12 * DAY}" selected>' in text
    assert asker.page("/models/delays?feature=nope").status_code == 200


@pytest.mark.parametrize(("query", "status"), [("window=x", 400), ("window=1", 404), ("version=v8", 404)])
def test_what_is_not_there_is_said(asker: Asker, query: str, status: int) -> None:
    answer = asker.page(f"/models/delays?{query}")
    assert answer.status_code == status
    assert "Back to the models" in answer.text


def test_each_stage_has_its_page(tmp_path: Path) -> None:
    store = seeded_store(tmp_path, Seed(model="new", days=0), Seed(model="young", days=1, rows=20))
    asker = Asker(console_app(store, now=lambda: NOW))
    waiting, young = asker.page("/models/new"), asker.page("/models/young")
    store.close()
    assert waiting.status_code == young.status_code == 200
    assert "http://127.0.0.1:8080/v2/models/new/infer" in waiting.text
    assert "&#34;distance&#34;" in waiting.text
    assert "not enough data" in young.text


def test_failures_and_predictions_say_over_which_time(asker: Asker) -> None:
    text = asker.page("/models/delays").text
    assert re.search(r"of [0-9,]+ rows, last 30 d of data", text)
    assert "From 2013-06-01 00:00 to 2013-07-01 00:00, in steps of" in text


def test_how_well_it_does_is_said_in_a_sentence(asker: Asker) -> None:
    assert re.search(r"How well it does: ROC AUC 0\.\d+ \(.* in the window to 2013-", asker.page("/models/delays").text)


def test_what_pages_is_told_before_what_can_wait(tmp_path: Path) -> None:
    store = seeded_store(tmp_path, Seed(model="young", days=1, rows=20))
    fire(store, Cause.BIAS, "performance.bias", summary="The bias moved.", model="young", version="v7", onset=NOW_DAY)
    fire(store, Cause.HARM, "performance.error", summary="The error rose.", model="young", version="v7")
    asker = Asker(console_app(store, now=lambda: NOW))
    page, listed = asker.page("/models/young").text, asker.page("/alerts").text
    store.close()
    for text in (page, listed):
        assert text.index("The error rose.") < text.index("The bias moved.")
    assert "How well it does: not known: no label came." in page
