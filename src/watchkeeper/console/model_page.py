"""One model: what to do, features ranked, the chosen one now against the reference, time line, predictions, service."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from watchkeeper.alerts.cause import Severity
from watchkeeper.alerts.table import State
from watchkeeper.api.alerts import alerts
from watchkeeper.api.context import Context
from watchkeeper.api.distributions import DistributionView, distribution
from watchkeeper.api.drift import DriftView, FeatureDrift, drift
from watchkeeper.api.models import ModelView, model, versions
from watchkeeper.api.performance_gauges import performance_standing
from watchkeeper.api.predictions import OutputSeries, PredictionsView, predictions
from watchkeeper.api.service import ServiceView, service
from watchkeeper.api.timeline import TimelineView, timeline
from watchkeeper.console.example import example_request
from watchkeeper.console.performance_words import standing_words
from watchkeeper.console.rendering import respond
from watchkeeper.events.errors import BadInput, NotFound
from watchkeeper.report.distribution_figure import distribution_figure
from watchkeeper.report.latency import latency_figure
from watchkeeper.report.page import Drawn, drawn
from watchkeeper.report.predictions import PredictionSeries, classes_figure, predictions_figure
from watchkeeper.report.throughput import throughput_figure
from watchkeeper.report.timeline import AlertMark, Timeline, timeline_figure

MAX_PICKED = 400


@dataclass(frozen=True)
class Chosen:
    """The feature that is looked at: its findings and its distribution in the window."""

    feature: FeatureDrift
    distribution: DistributionView | None
    figure: Drawn | None


def model_page(context: Context, request: Request) -> Response:
    """The page of the model in the path."""
    name = request.path_params["model"]
    view = model(context, name)
    asked = request.query_params
    if view.version is None or not view.rows:
        return _waiting(context, request, view)
    version = asked.get("version") or view.version
    judged = drift(context, name, version, _whole(asked.get("window")))
    lines = timeline(context, name, version=version)
    return respond(
        context,
        request,
        "model.html",
        nav="models",
        model=view,
        version=version,
        asked_feature=asked.get("feature", ""),
        versions=versions(context, name),
        drift=judged,
        chosen=_chosen(context, judged, asked.get("feature")),
        timeline=lines,
        timeline_figure=drawn(_timeline_figure(lines)),
        performance=standing_words(performance_standing(context, name, version)),
        alerts=sorted(
            (alert for alert in alerts(context, name) if alert.state is State.FIRING),
            key=lambda alert: alert.severity is not Severity.PAGE,
        ),
        service=(served := service(context, name, version)),
        throughput=drawn(_throughput(served)),
        latency=drawn(_latency(served)),
        outputs=_outputs(predictions(context, name, version)),
    )


def _waiting(context: Context, request: Request, view: ModelView) -> Response:
    """Before the first prediction: how to send one."""
    schema = context.version(view.name).schema if view.version else None
    example = example_request(view.name, schema) if schema else ""
    return respond(context, request, "waiting.html", nav="models", model=view, example=example)


def _whole(text: str | None) -> int | None:
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        raise BadInput(f"window={text[:40]!r} is not a time.", hint="Choose a window from the list.") from None


def _chosen(context: Context, judged: DriftView, wanted: str | None) -> Chosen | None:
    """The feature asked for, else the first. A column that is gone from the window falls back to the first too."""
    if judged.window is None or not judged.features:
        return None
    feature = next((f for f in judged.features if wanted in (f.column, f.feature)), judged.features[0])
    try:
        found = distribution(
            context, judged.model, feature.column, version=judged.version,
            start=str(judged.window.start), end=str(judged.window.end),
        )  # fmt: skip
    except NotFound:
        return Chosen(feature, None, None)
    figure = None if found.shape is None else drawn(distribution_figure(found.shape))
    return Chosen(feature, found, figure)


def _timeline_figure(view: TimelineView) -> dict[str, object]:
    width = view.windows[0].end - view.windows[0].start if view.windows else 1
    drawn = Timeline(
        rows=tuple(row.feature for row in view.features),
        starts=tuple(float(window.start) for window in view.windows),
        width=width,
        verdicts=tuple(row.verdicts for row in view.features),
        alerts=tuple(AlertMark(onset=alert.onset, title=alert.title) for alert in view.alerts),
    )
    return timeline_figure(drawn)


def _throughput(view: ServiceView) -> dict[str, object]:
    answered = [rows - failed for rows, failed in zip(view.rows, view.failed, strict=True)]
    return throughput_figure(view.starts, answered, view.failed, width=view.width)


def _latency(view: ServiceView) -> dict[str, object]:
    return latency_figure(view.starts, {float(q): values for q, values in view.latency_ms.items()})


def _outputs(view: PredictionsView) -> list[tuple[OutputSeries, Drawn]]:
    return [(output, drawn(_output_figure(view, output))) for output in view.outputs]


def _output_figure(view: PredictionsView, output: OutputSeries) -> dict[str, object]:
    if output.shares or not output.mean:
        return classes_figure(view.starts, output.shares)
    series = PredictionSeries(
        times=tuple(float(start) for start in view.starts),
        mean=output.mean,
        median=output.median,
        low=output.low,
        high=output.high,
        reference=output.reference.mean if output.reference else None,
    )
    return predictions_figure(series, name=output.output)
