from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.helpers.asgi import Asker
from tests.helpers.seed import NOW
from tests.helpers.watching import watched_store
from watchkeeper.api.context import Context
from watchkeeper.console.app import console_app
from watchkeeper.console.overview import headline
from watchkeeper.events.verdict import Verdict


@dataclass
class Model:
    name: str
    state: Verdict


@pytest.mark.parametrize(
    ("states", "words"),
    [
        (["alarm"], "m0 needs you now."),
        (["alarm", "alarm", "warn"], "m0, m1 need you now."),
        (["alarm"] * 5, "m0, m1, m2 and 2 more need you now."),
        (["warn", "ok"], "Nothing pages. m0 moved"),
        (["ok", "ok"], "All is well."),
        (["not enough data", "ok"], "too little data"),
    ],
)
def test_one_sentence_about_all_of_them(states: list[str], words: str) -> None:
    found = [Model(f"m{i}", Verdict(state)) for i, state in enumerate(states)]
    assert words in headline(found)  # type: ignore[arg-type]


def test_the_page_lists_models_with_what_to_do(asker: Asker) -> None:
    text = asker.page("/").text
    assert "delays needs you now." in text
    assert "<code>carrier</code>" in text
    assert 'href="/models/delays"' in text


def test_without_a_model_the_page_teaches(empty: Context) -> None:
    text = Asker(console_app(empty.store, now=lambda: NOW)).page("/").text
    assert "watchkeeper register my-model" in text
    assert "curl http://127.0.0.1:8080/v2/models/my-model/infer" in text


def test_how_well_each_model_does_is_told_or_that_it_is_not_known(asker: Asker, tmp_path: Path) -> None:
    assert re.search(r"<dt>ROC AUC</dt>.*on 9,[0-9]+ labels so far", asker.page("/").text)
    store = watched_store(tmp_path)
    text = Asker(console_app(store, now=lambda: NOW)).page("/").text
    store.close()
    assert "not known: no label" in text
