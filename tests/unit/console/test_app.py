from __future__ import annotations

from html.parser import HTMLParser

import pytest

from tests.helpers.asgi import Asker
from tests.helpers.seed import NOW
from watchkeeper.api.context import Context
from watchkeeper.console.app import PAGES, console_app


class Outline(HTMLParser):
    """What must hold of every page: one h1, labelled fields, no inline script, no address elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.h1 = 0
        self.labels: set[str] = set()
        self.fields: set[str] = set()
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.h1 += tag == "h1"
        self.ids += [name for name in (given.get("id"),) if name]
        if tag == "label":
            self.labels.add(given["for"] or "")
        if tag in ("input", "select") and given.get("type") != "hidden":
            self.fields.add(given["id"] or "")
        if tag == "script":
            assert "src" in given or given.get("type") == "application/json"
        assert not any(name.startswith("on") for name in given)
        for name in ("src", "href", "action"):
            assert (given.get(name) or "/").startswith(("/", "#", "?"))


def paths(asker: Asker) -> list[str]:
    record = asker.get("/api/v1/models/delays/records?limit=1").json()["records"][0]["prediction_id"]
    alert = asker.get("/api/v1/alerts").json()[0]["id"]
    names = {"{model}": "delays", "{prediction_id}": record, "{alert_id}": alert}
    found = [path for path, _, method in PAGES if method == "GET"]
    for mark, name in names.items():
        found = [path.replace(mark, name) for path in found]
    return found


def test_every_page_is_well_formed_and_reachable_by_assistive_technology(asker: Asker) -> None:
    for path in paths(asker):
        answer = asker.page(path)
        assert answer.status_code == 200, path
        outline = Outline()
        outline.feed(answer.text)
        assert outline.h1 == 1, path
        assert outline.fields <= outline.labels, path
        assert len(outline.ids) == len(set(outline.ids)), path
        assert 'href="#main"' in answer.text


@pytest.mark.parametrize("path", ["/nope", "/models/nope", "/alerts/nope", "/models/delays/records/nope"])
def test_what_is_not_there_has_a_page_and_for_programs_json(asker: Asker, path: str) -> None:
    page, plain = asker.page(path), asker.get(path, headers={"accept": "*/*"})
    assert page.status_code == plain.status_code == 404
    assert "<h1>There is no such thing here</h1>" in page.text
    assert set(plain.json()) == {"error"}


def test_a_page_that_breaks_says_only_an_id(context: Context, caplog: pytest.LogCaptureFixture) -> None:
    def now() -> float:
        raise ZeroDivisionError("/secret/path")

    answer = Asker(console_app(context.store, now=now)).page("/health")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


def test_a_method_that_is_not_there(asker: Asker) -> None:
    assert asker.ask("POST", "/").status_code == 405
    assert asker.ask("HEAD", "/").status_code == 200
    assert asker.get("/", headers={"host": "evil.example"}).status_code == 403


def test_an_empty_console_answers_everywhere(empty: Context) -> None:
    asker = Asker(console_app(empty.store, now=lambda: NOW))
    for path in ("/", "/alerts", "/health", "/metrics", "/api/v1/models"):
        assert asker.page(path).status_code == 200
