"""The paths of the protocol: which exist, which methods they take, and what they answer beside inference.

https://github.com/kserve/open-inference-protocol, and Triton's model repository extension (index only).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any

from watchkeeper.events.errors import NotFound, Unavailable
from watchkeeper.events.names import check_name
from watchkeeper.gateway.catalogue import Catalogue, ServedModel, ServedVersion
from watchkeeper.gateway.reply import Reply, error_reply, json_reply
from watchkeeper.gateway.tensors import shown

EXTENSIONS = ["model_repository", "parameters"]
_GET = ("GET", "HEAD")
Answer = Callable[[Catalogue], Reply]


def infer_paths(catalogue: Catalogue) -> dict[str, ServedVersion]:
    """Every path at which a loaded version takes infer requests: one dictionary look-up on the request path."""
    paths: dict[str, ServedVersion] = {}
    for name, model in catalogue.models.items():
        for number, served in model.versions.items():
            paths[f"/v2/models/{name}/versions/{number}/infer"] = served
        if model.live is not None and model.live in model.versions:
            paths[f"/v2/models/{name}/infer"] = model.versions[model.live]
    return paths


def server_metadata() -> Reply:
    """Answers GET /v2."""
    return json_reply(200, {"name": "watchkeeper", "version": version("watchkeeper"), "extensions": EXTENSIONS})


def live() -> Reply:
    """Answers GET /v2/health/live."""
    return json_reply(200, {"live": True})


def ready(catalogue: Catalogue | None) -> Reply:
    """Answers GET /v2/health/ready: 503 until the models have been read once; one that cannot load does not hold it."""
    if catalogue is None:
        return error_reply(Unavailable("The models are still being loaded."))
    return json_reply(200, {"ready": True, "live": True})


def models(catalogue: Catalogue) -> Reply:
    """Answers GET /v2/models."""
    return json_reply(200, {"models": sorted(catalogue.models)})


def repository_index(catalogue: Catalogue) -> Reply:
    """Answers POST /v2/repository/index: every version with its state, and why where it is not ready."""
    rows: list[dict[str, str]] = []
    for name, model in sorted(catalogue.models.items()):
        rows += [_index_row(name, number, "READY", "") for number in sorted(model.versions)]
        rows += [_index_row(name, number, "UNAVAILABLE", why) for number, why in sorted(model.problems.items())]
    return json_reply(200, rows)


def _index_row(name: str, number: str, state: str, reason: str) -> dict[str, str]:
    return {"name": name, "version": number, "state": state, "reason": reason}


def find_model(catalogue: Catalogue, name: str) -> ServedModel:
    """The model called `name`; NotFound lists the ones there are."""
    check_name("Model", name)
    model = catalogue.models.get(name)
    if model is None:
        known = ", ".join(sorted(catalogue.models)[:10]) or "none yet: register one with `watchkeeper register`"
        raise NotFound(f"There is no model {shown(name)}.", hint=f"Models: {known}.")
    return model


def find_version(catalogue: Catalogue, name: str, number: str | None) -> ServedVersion:
    """The named version, or the live one. NotFound if there is none, Unavailable if it could not be loaded."""
    model = find_model(catalogue, name)
    if number is not None:
        check_name("Version", number)
    wanted = number or model.live
    if wanted is None:
        raise Unavailable(f"Model {name!r} has no live version.", hint="Make one live, or name it in the path.")
    if wanted in model.versions:
        return model.versions[wanted]
    if wanted in model.problems:
        raise Unavailable(f"Version {wanted!r} of {name!r} cannot be served: {model.problems[wanted]}")
    known = ", ".join(sorted({*model.versions, *model.problems}))
    raise NotFound(f"Model {name!r} has no version {shown(wanted)}.", hint=f"Versions: {known}.")


def model_metadata(catalogue: Catalogue, name: str, number: str | None) -> Reply:
    """Answers GET /v2/models/M[/versions/V]."""
    served = find_version(catalogue, name, number)
    versions = tuple(sorted(catalogue.models[name].versions))
    return json_reply(200, served.metadata(versions))


def model_ready(catalogue: Catalogue, name: str, number: str | None) -> Reply:
    """Answers GET /v2/models/M[/versions/V]/ready."""
    return json_reply(200, {"name": find_version(catalogue, name, number).model, "ready": True})


_FIXED: Mapping[str, tuple[tuple[str, ...], Answer]] = {
    "/v2": (_GET, lambda _: server_metadata()),
    "/v2/health/live": (_GET, lambda _: live()),
    "/v2/health/ready": (_GET, ready),
    "/v2/models": (_GET, models),
    "/v2/repository/index": (("POST",), repository_index),
}
_OF_MODEL: Mapping[str, tuple[tuple[str, ...], Callable[[Catalogue, str, str | None], Reply] | None]] = {
    "": (_GET, model_metadata),
    "ready": (_GET, model_ready),
    "infer": (("POST",), None),
    "feedback": (("POST",), None),
}


def answer(catalogue: Catalogue | None, method: str, path: str) -> Reply:
    """The answer for any path under /v2 but a known infer or feedback path, errors included."""
    path = path.rstrip("/")
    if path == "/v2/health/ready" and catalogue is None:
        return ready(None)
    catalogue = catalogue or Catalogue()
    fixed = _FIXED.get(path)
    if fixed is not None:
        return fixed[1](catalogue) if method in fixed[0] else not_allowed(method, path, fixed[0])
    parts = path.split("/")[2:]
    if len(parts) < 2 or parts[0] != "models":
        raise NotFound(f"There is no path {shown(path)}.", hint="See /v2 and /v2/models.")
    name, number, action = model_parts(parts)
    methods, act = _OF_MODEL.get(action, (None, None))
    if methods is None or (action == "feedback" and number is not None):
        raise NotFound(f"A model has no path {shown(action)}.", hint="Use infer, ready or feedback.")
    if method not in methods:
        return not_allowed(method, path, methods)
    if act is None:
        find_version(catalogue, name, number)
        raise NotFound(f"There is no path {shown(path)}.")
    return act(catalogue, name, number)


def model_parts(parts: list[str]) -> tuple[str, str | None, str]:
    """Model name, version and action in `models/M[/versions/V][/action]`. NotFound if the path has another form."""
    name, rest = parts[1], parts[2:]
    number = None
    if rest[:1] == ["versions"] and len(rest) >= 2:
        number, rest = rest[1], rest[2:]
    if len(rest) > 1:
        check_name("Model", name)
        raise NotFound(f"There is no path {shown('/'.join(parts))} under /v2.", hint="Use /v2/models/NAME/infer.")
    return name, number, rest[0] if rest else ""


def not_allowed(method: str, path: str, methods: tuple[str, ...]) -> Reply:
    """405 with the methods that the path takes."""
    body: dict[str, Any] = {"error": f"{shown(path)} does not take {method[:20]}. Use {' or '.join(methods)}."}
    return json_reply(405, body)._replace(allow=", ".join(methods))
