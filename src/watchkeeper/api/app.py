"""The control API as one application: a table of what answers where.

A row names the function that answers, which is also what the console calls; FastAPI reads its parameters and documents
them, and the record it returns documents the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version as installed_version
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from watchkeeper.api import (
    alerts,
    curves,
    distributions,
    drift,
    errors,
    export,
    health,
    label_requests,
    labels,
    models,
    performance,
    predictions,
    records,
    schema,
    segments,
    service,
    staleness,
    timeline,
    version_comparison,
)
from watchkeeper.api.context import Context
from watchkeeper.api.encoding import answering
from watchkeeper.schema.schema import Schema

PREFIX = "/api/v1"
_ERROR = {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}
_FAILURES = {
    400: "The request is wrong; the text says where.",
    404: "There is no such thing here.",
    503: "It exists and cannot answer now.",
}


@dataclass(frozen=True)
class Route:
    """One path. `answer` is the type that `function` returns."""

    path: str
    function: Callable[..., Any]
    answer: Any
    tag: str
    method: str = "GET"


DOWNLOADS: tuple[tuple[str, Callable[..., Any], str, str], ...] = (
    ("/models/{model}/export", export.export, export.MEDIA_TYPE, "records"),
)
"""Paths whose functions answer with a file: path, function, media type, tag."""


ROUTES: tuple[Route, ...] = (
    Route("/models", models.models, list[models.ModelView], "models"),
    Route("/models/{model}", models.model, models.ModelView, "models"),
    Route("/models/{model}/versions", models.versions, list[models.VersionView], "models"),
    Route("/models/{model}/versions/{version}", models.version, models.VersionView, "models"),
    Route("/models/{model}/compare", version_comparison.compare_versions, version_comparison.VersionsView, "models"),
    Route("/models/{model}/schema", schema.schema, Schema, "models"),
    Route("/models/{model}/drift", drift.drift, drift.DriftView, "watch"),
    Route("/models/{model}/distribution", distributions.distribution, distributions.DistributionView, "watch"),
    Route("/models/{model}/timeline", timeline.timeline, timeline.TimelineView, "watch"),
    Route("/models/{model}/service", service.service, service.ServiceView, "watch"),
    Route("/models/{model}/predictions", predictions.predictions, predictions.PredictionsView, "watch"),
    Route("/models/{model}/performance", performance.performance, performance.PerformanceView, "watch"),
    Route("/models/{model}/performance/curves", curves.curves, curves.CurvesView, "watch"),
    Route("/models/{model}/performance/staleness", staleness.model_staleness, staleness.StalenessView, "watch"),
    Route("/models/{model}/performance/worst-segments", segments.worst, segments.WorstSegmentsView, "watch"),
    Route("/models/{model}/performance/segments", segments.segments, segments.SegmentsView, "watch"),
    Route("/models/{model}/labels", labels.labels, labels.LabelsView, "watch"),
    Route("/models/{model}/labels/said-by", labels.said_by, labels.SaidByView, "watch"),
    Route(
        "/models/{model}/label-requests",
        label_requests.label_requests,
        label_requests.LabelRequestsView,
        "label requests",
    ),
    Route(
        "/models/{model}/label-requests/{prediction_id}/answer",
        label_requests.answer,
        label_requests.RequestView,
        "label requests",
        "POST",
    ),
    Route(
        "/models/{model}/label-requests/{prediction_id}/skip",
        label_requests.skip,
        label_requests.RequestView,
        "label requests",
        "POST",
    ),
    Route("/models/{model}/records", records.records, records.RecordsView, "records"),
    Route("/models/{model}/records/{prediction_id}", records.record, records.StoryView, "records"),
    Route("/alerts", alerts.alerts, list[alerts.AlertView], "alerts"),
    Route("/alerts/{alert_id}", alerts.alert, alerts.AlertStory, "alerts"),
    Route("/alerts/{alert_id}/acknowledge", alerts.acknowledge_alert, alerts.AlertView, "alerts", "POST"),
    Route("/health", health.health, health.HealthView, "health"),
    Route("/health/dead-letters", health.dead_letters, list[health.DeadLetterView], "health"),
)


def api_app(context: Context) -> FastAPI:
    """The API, to be mounted at `/api/v1`."""
    app = FastAPI(
        title="Watchkeeper",
        version=installed_version("watchkeeper"),
        openapi_url="/openapi.json",
        docs_url=None,  # FastAPI's pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.context = context
    errors.install(app)
    schemas, components = msgspec.json.schema_components(
        [route.answer for route in ROUTES], ref_template="#/components/schemas/{name}"
    )
    for route, answer in zip(ROUTES, schemas, strict=True):
        _add(app, route, answer)
    for path, function, kind, tag in DOWNLOADS:
        _add_download(app, path, function, kind, tag)
    app.openapi = lambda: _openapi(app, components)  # type: ignore[method-assign]
    return app


def _add(app: FastAPI, route: Route, answer: dict[str, Any]) -> None:
    app.add_api_route(
        route.path,
        answering(route.function),
        methods=[route.method],
        response_model=None,
        tags=[route.tag],
        summary=(route.function.__doc__ or "").partition("\n")[0],
        operation_id=route.function.__name__,
        responses={
            200: {"description": "The answer.", "content": {"application/json": {"schema": answer}}},
            **{status: _failure(words) for status, words in _FAILURES.items()},
        },
    )


def _add_download(app: FastAPI, path: str, function: Callable[..., Any], kind: str, tag: str) -> None:
    file = {"description": "The file.", "content": {kind: {"schema": {"type": "string", "format": "binary"}}}}
    app.add_api_route(
        path, function, response_model=None, tags=[tag], summary=(function.__doc__ or "").partition("\n")[0],
        operation_id=function.__name__,
        responses={200: file, **{status: _failure(words) for status, words in _FAILURES.items()}},
    )  # fmt: skip


def _failure(words: str) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": _ERROR}}}


def _openapi(app: FastAPI, components: dict[str, Any]) -> dict[str, Any]:
    """FastAPI's document with our records in it, and without its own form of errors, which is never sent."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title, version=app.version, routes=app.routes, servers=[{"url": PREFIX}],
            description="What Watchkeeper knows of its models. Times are Unix seconds unless a field says so.",
        )  # fmt: skip
        for operations in made["paths"].values():
            for operation in operations.values():
                operation["responses"].pop("422", None)
        made["components"] = {"schemas": components}
        app.openapi_schema = made
    return app.openapi_schema
