from __future__ import annotations

from types import MappingProxyType
from typing import Any

import msgspec
import pytest

from tests.helpers.serving import ask, gateway, served
from watchkeeper.events.errors import WatchkeeperError
from watchkeeper.gateway import routes
from watchkeeper.gateway.catalogue import Catalogue, ServedModel

ONE, TWO = served("m", "1"), served("m", "2")
MODELS = Catalogue(
    models=MappingProxyType(
        {
            "m": ServedModel(name="m", live="2", versions={"1": ONE, "2": TWO}, problems={"3": "its file has changed"}),
            "broken": ServedModel(name="broken", live="1", versions={}, problems={"1": "its file has changed"}),
            "asleep": ServedModel(name="asleep", live=None, versions={}),
        }
    )
)


def get(path: str, method: str = "GET") -> tuple[int, Any]:
    try:
        reply = routes.answer(MODELS, method, path)
    except WatchkeeperError as error:
        return error.status, str(error)
    return reply.status, msgspec.json.decode(reply.body)


def test_infer_paths_are_the_live_one_and_each_version() -> None:
    assert routes.infer_paths(MODELS) == {
        "/v2/models/m/infer": TWO,
        "/v2/models/m/versions/1/infer": ONE,
        "/v2/models/m/versions/2/infer": TWO,
    }


@pytest.mark.parametrize("path", ["/v2", "/v2/"])
def test_the_server_tells_its_name(path: str) -> None:
    status, body = get(path)
    assert status == 200
    assert body["name"] == "watchkeeper"
    assert body["extensions"] == routes.EXTENSIONS


def test_health() -> None:
    assert get("/v2/health/live") == (200, {"live": True})
    assert get("/v2/health/ready") == (200, {"ready": True, "live": True})
    assert routes.answer(None, "GET", "/v2/health/ready").status == 503
    assert routes.answer(None, "GET", "/v2/health/live").status == 200


def test_the_models_and_the_repository_index() -> None:
    assert get("/v2/models") == (200, {"models": ["asleep", "broken", "m"]})
    _, index = get("/v2/repository/index", "POST")
    assert {"name": "m", "version": "3", "state": "UNAVAILABLE", "reason": "its file has changed"} in index
    assert {"name": "m", "version": "2", "state": "READY", "reason": ""} in index


def test_a_model_tells_what_it_takes_and_gives() -> None:
    status, body = get("/v2/models/m")
    assert status == 200
    assert (body["name"], body["versions"], body["platform"]) == ("m", ["1", "2"], "test")
    assert body["inputs"][0] == {
        "name": "age",
        "datatype": "FP64",
        "shape": [-1],
        "parameters": {"type": "numeric"},
    }
    assert body["outputs"] == [
        {"name": "label", "datatype": "INT64", "shape": [-1]},
        {"name": "probability", "datatype": "FP64", "shape": [-1]},
    ]
    assert get("/v2/models/m/versions/1")[1]["parameters"]["version"] == "1"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v2/models/m/ready", 200),
        ("/v2/models/m/versions/1/ready", 200),
        ("/v2/models/m/versions/3/ready", 503),
        ("/v2/models/m/versions/9/ready", 404),
        ("/v2/models/broken/ready", 503),
        ("/v2/models/asleep/ready", 503),
        ("/v2/models/none/ready", 404),
        ("/v2/models/..", 400),
        ("/v2/models/UPPER", 400),
        ("/v2/models/m/versions/..%2f", 400),
        ("/v2/models/m/explain", 404),
        ("/v2/models/m/a/b/c", 404),
        ("/v2/nothing", 404),
        ("/v2//", 200),
    ],
)
def test_every_other_path_has_its_status(path: str, status: int) -> None:
    assert get(path)[0] == status


def test_errors_name_what_there_is() -> None:
    assert "Models: asleep, broken, m." in get("/v2/models/none")[1]
    assert "Versions: 1, 2, 3." in get("/v2/models/m/versions/9")[1]
    assert "its file has changed" in get("/v2/models/broken")[1]


def test_a_wrong_method_is_405_with_the_right_ones() -> None:
    for path, method, allow in (
        ("/v2/models/m/infer", "GET", "POST"),
        ("/v2/models/m", "DELETE", "GET, HEAD"),
        ("/v2", "POST", "GET, HEAD"),
        ("/v2/repository/index", "GET", "POST"),
    ):
        answer = ask(gateway(), method, path)
        assert (answer.status, answer.headers["allow"]) == (405, allow)
        assert allow.split(", ")[0] in answer.json()["error"]
