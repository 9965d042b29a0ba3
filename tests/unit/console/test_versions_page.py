"""The page of a model's versions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path

import pytest

from tests.helpers.asgi import Asker
from tests.helpers.firing import fire
from tests.helpers.watching import START, register, watched_store
from tests.unit.api.test_version_comparison import asked_both
from watchkeeper.alerts.cause import Cause
from watchkeeper.api.context import Context
from watchkeeper.api.version_comparison import compare_versions
from watchkeeper.console.app import console_app
from watchkeeper.console.versions_page import verdict
from watchkeeper.monitors.against import against
from watchkeeper.monitors.against_reference import REFERENCE

PAGE = "/models/flights/versions"


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    made = asked_both(tmp_path_factory.mktemp("twins"), shared=True)
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def two(twins: Context) -> Asker:
    return Asker(console_app(twins.store, now=twins.now))


def test_two_versions_stand_side_by_side(two: Asker, twins: Context) -> None:
    page = two.page(f"{PAGE}?a=1&b=2&feature=carrier").text
    said = verdict(compare_versions(twins, "flights", "1", "2"))
    assert said.startswith("2 is better than 1: 0.")
    size, low, high = map(float, re.findall(r"-?\d+\.\d+", said)[:3])
    assert 0 < low < size < high
    assert escape(said) in page
    for words in ("on the same rows", "Newly right", "2 less 1", "By carrier", "The newest of these rows"):
        assert words in page, words


def test_a_version_that_is_worse_than_the_one_before_is_told(tmp_path: Path) -> None:
    store = watched_store(tmp_path)
    register(store, version="2")
    asker = Asker(console_app(store, now=lambda: float(START)))
    assert "against the version before" not in asker.page(PAGE).text
    fire(store, Cause.HARM, against("performance.error", REFERENCE), version="2", summary="It is worse than there.")
    assert "It is worse than there." not in asker.page(PAGE).text
    fire(store, Cause.HARM, against("performance.error", "1"), version="2", summary="It is worse than 1 was.")
    page = asker.page(PAGE).text
    store.close()
    assert "Seen in labels, against the version before" in page
    assert "It is worse than 1 was." in page
    assert "/performance?version=2" in page


def test_without_a_choice_the_live_one_stands_beside_another(two: Asker) -> None:
    page = two.page(PAGE).text
    assert "no label yet" in page
    assert "has no label yet" in page  # the newest version is live and unlabelled
    assert page.count("selected") >= 2


def test_a_difference_that_cannot_be_told_is_none(twins: Context) -> None:
    same = compare_versions(twins, "flights", "1", "9")
    assert verdict(same) == "Version 9 has no label yet."


def test_a_wrong_choice_is_told_on_the_page(two: Asker) -> None:
    for wrong, told in (("a=1&b=1", "the same"), ("a=1&b=7", "no version"), ("a=1&b=2&feature=x", "no feature")):
        answer = two.page(f"{PAGE}?{wrong}")
        assert answer.status_code == 200
        assert told in answer.text


def test_one_version_has_nothing_to_stand_beside(asker: Asker) -> None:
    page = asker.page("/models/delays/versions").text
    assert "There is one version" in page
    assert "watchkeeper register" in page
    assert asker.page("/models/nobody/versions").status_code == 404
