from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from tests.helpers.asgi import Asker
from watchkeeper.api.app import PREFIX, ROUTES, Route


@pytest.fixture(scope="module")
def openapi(asker: Asker) -> dict[str, Any]:
    document: dict[str, Any] = asker.get(f"{PREFIX}/openapi.json").json()
    return document


def fill(asker: Asker, path: str) -> str:
    """The path of a route with real names in it."""
    record = asker.get(f"{PREFIX}/models/delays/records?limit=1").json()["records"][0]["prediction_id"]
    alert = asker.get(f"{PREFIX}/alerts").json()[0]["id"]
    names = {"{model}": "delays", "{version}": "v7", "{prediction_id}": record, "{alert_id}": alert}
    for mark, name in names.items():
        path = path.replace(mark, name)
    path += "?source=arrivals" if path.endswith("/said-by") else ""
    return PREFIX + path + ("?feature=carrier" if path.endswith(("/distribution", "/segments")) else "")


OWN = ("/compare", "/answer", "/skip")  # take more than a path: see their own tests
ASKED = [route for route in ROUTES if not route.path.endswith(OWN)]


@pytest.mark.parametrize("route", ASKED, ids=lambda route: route.path)
def test_every_answer_is_what_its_document_says(asker: Asker, openapi: dict[str, Any], route: Route) -> None:
    answer = asker.ask(route.method, fill(asker, route.path))
    assert answer.status_code == 200, answer.text
    operation = openapi["paths"][route.path][route.method.lower()]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(answer.json(), {**schema, "components": openapi["components"]})


def test_the_document_names_every_failure_in_our_form(openapi: dict[str, Any]) -> None:
    assert openapi["openapi"].startswith("3.")
    for operations in openapi["paths"].values():
        for operation in operations.values():
            assert "422" not in operation["responses"]
            assert operation["responses"]["404"]["content"]["application/json"]["schema"]["required"] == ["error"]
            assert operation["summary"]
    assert "HTTPValidationError" not in json.dumps(openapi)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/models/nope", 404),
        ("/models/delays/versions/nope", 404),
        ("/models/delays/drift?window=1", 404),
        ("/models/delays/drift?window=x", 400),
        ("/models/delays/drift?window=-1", 400),
        ("/models/delays/drift?window=999999999999999999999999", 400),
        ("/models/delays/distribution", 400),
        ("/models/delays/distribution?feature=nope", 404),
        ("/models/delays/service?start=x", 400),
        ("/models/delays/service?start=2&end=1", 400),
        ("/models/delays/records?limit=0", 400),
        ("/models/delays/records?limit=1e9", 400),
        ("/models/delays/records?minimum=nan", 400),
        ("/models/delays/records?flag=ugly", 400),
        ("/models/delays/records?cursor=%00", 400),
        ("/models/delays/records/nope", 404),
        ("/models/%2e%2e%2f", 404),
        ("/models/" + "x" * 5000, 404),
        ("/alerts?state=ugly", 400),
        ("/alerts/%F0%9F%92%A9", 404),
        ("/nowhere", 404),
    ],
)
def test_a_wrong_request_is_told_so(asker: Asker, path: str, status: int) -> None:
    answer = asker.get(PREFIX + path)
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}
    assert len(answer.json()["error"]) < 1500


def test_a_method_that_is_not_there(asker: Asker) -> None:
    answer = asker.ask("DELETE", f"{PREFIX}/models/delays")
    assert answer.status_code == 405
    assert set(answer.json()) == {"error"}
