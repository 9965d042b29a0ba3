"""The page of how well a model does."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import msgspec
import pytest

from tests.helpers.asgi import Asker
from tests.helpers.firing import fire
from tests.helpers.scored import HOUR, label, reach
from tests.helpers.seed import NOW
from tests.helpers.watching import START, watched_store
from watchkeeper.alerts.cause import Cause
from watchkeeper.api.context import Context
from watchkeeper.api.performance import performance
from watchkeeper.console.app import console_app
from watchkeeper.console.performance_series import metric_series
from watchkeeper.console.performance_words import estimate_words, lead, reference_words
from watchkeeper.performance.metric import Metric
from watchkeeper.store.buckets import Source
from watchkeeper.store.performance import Scored

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
        "Does it say too much or too little?",
        "How long labels took",
        "Does it age?",
        "Median delay",
        "Download Parquet",
    ):
        assert words in page, words
    assert "estimated, without labels" in page
    assert page.count("data-figure") == 9
    assert page.count("The same as a table") == 2
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
    told = performance(context, "delays")
    said = estimate_words(told, told.main)
    assert "Do not rely on it" in said
    assert said in unescape(page)
    assert "Estimated</th>" in page
    assert "Estimated without labels" not in asker.page(f"{PAGE}?width=7d").text


def test_harm_that_was_seen_and_harm_that_was_estimated_stand_apart(tmp_path: Path) -> None:
    store = watched_store(tmp_path)
    fire(store, Cause.HARM, "performance.error", summary="The error rose.")
    fire(store, Cause.SEGMENT_HARM, "performance.error[carrier=AA]", summary="The error rose where carrier is AA.")
    fire(store, Cause.HARM_ESTIMATED, "performance.error", summary="The error is estimated to have risen.")
    fire(store, Cause.MISSING, "input.carrier", summary="carrier went missing.")
    text = Asker(console_app(store, now=lambda: NOW)).page("/models/flights/performance").text
    store.close()
    seen, estimated = text.index("Seen in labels"), text.index("Estimated, without labels: not seen yet")
    for words in ("The error rose.", "The error rose where carrier is AA.", "version=1&amp;feature=carrier#segments"):
        assert seen < text.index(words) < estimated, words
    assert estimated < text.index("The error is estimated to have risen.") < text.index("What to look at")
    assert "carrier went missing." not in text


def test_the_reference_is_a_line_with_its_note(page: str, context: Context) -> None:
    told = performance(context, "delays")
    assert reference_words(told, told.main) in unescape(page)
    known = msgspec.structs.replace(told, reference={told.main: Metric(value=0.75, n=9)}, reference_note="rows it knew")
    assert reference_words(known, told.main) == "On its reference: ROC AUC 0.750; rows it knew."
    assert metric_series(known, told.main).level == 0.75
    assert metric_series(known, "recall").level is None


def test_rewards_have_a_panel_of_their_own(tmp_path: Path) -> None:
    store = watched_store(tmp_path)
    label(store, 0)
    rewards = Scored(START, HOUR, reward_rows=4, reward_micros=6_000_000, reward_squares=20 * 10**12, reward_zeros=1)
    store.performance.add(Source("flights", "1", "live"), [rewards])
    now = reach(store, 0)
    text = Asker(console_app(store, now=lambda: now)).page("/models/flights/performance").text
    store.close()
    assert "Mean reward 1.50 (" in text
    assert "of 4 rewards. 1 of them are zero (25.0 %) and count in the mean." in text
    assert "realised, on rewards" in text


def test_without_labels_the_page_says_how_to_send_them(tmp_path: Path) -> None:
    store = watched_store(tmp_path)
    text = Asker(console_app(store, now=lambda: NOW)).page("/models/flights/performance").text
    store.close()
    assert "how well it does is not known" in text
    assert "watchkeeper feedback labels.parquet --model flights" in text
    assert "Confusion matrix" not in text
