"""Templates to pages: the filters they use, and what every page carries."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import ChoiceLoader, Environment, PackageLoader
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from watchkeeper.alerts.table import State
from watchkeeper.api.context import Context
from watchkeeper.api.health import health
from watchkeeper.console.assets import assets
from watchkeeper.events.verdict import Verdict
from watchkeeper.report import advice, page, words
from watchkeeper.report.comparison import effect_text
from watchkeeper.report.metric_names import metric_name
from watchkeeper.report.sparkline import sparkline

STATE_TONES = {State.FIRING: "alarm", State.PENDING: "warn", State.RESOLVED: "ok"}


@cache
def environment() -> Environment:
    """The console's templates in front of the report's."""
    base = page.environment()
    made = base.overlay(loader=ChoiceLoader([PackageLoader("watchkeeper.console"), base.loader or ChoiceLoader([])]))
    made.filters = base.filters | {
        "number": words.number,
        "count": words.count,
        "percent": words.percent,
        "probability": words.probability,
        "duration": words.duration,
        "moment": words.moment,
        "stamp": stamp,
        "iso": words.iso,
        "visible": words.visible,
        "short": words.short,
        "effect": effect_text,
        "tone": tone,
        "segment": segment,
        "spark": spark,
        "bytes": size,
        "value": shown,
        "metric": metric_name,
    }
    made.globals = base.globals | {"query": query, "asset": lambda name: assets()[name].path}
    return made


def respond(
    context: Context, request: Request, template: str, *, status: int = 200, nav: str = "", **values: Any
) -> HTMLResponse:
    """A whole page. `nav` names the entry of the navigation that is current."""
    now = context.now()
    html = (
        environment()
        .get_template(template)
        .render(
            now=now,
            nav=nav,
            path=request.url.path,
            firing=len(context.store.alerts.find(states=[State.FIRING])),
            well=health(context).ok,
            swap=page.swap_json(),
            ago=lambda seconds: words.ago(seconds, now),
            **values,
        )
    )
    return HTMLResponse(html, status_code=status)


def tone(status: Verdict | State) -> str:
    """The tone of a verdict or of an alert's state."""
    return STATE_TONES.get(status, "silent") if isinstance(status, State) else advice.tone(status)


def stamp(seconds: float | None) -> str:
    """A time to the minute; every page says that times are UTC."""
    return words.moment(seconds).removesuffix(" UTC")


def segment(text: str) -> str:
    """`text` as one segment of a path."""
    return quote(text, safe="")


def query(**parameters: object) -> str:
    """`?a=1&b=2` of the parameters that have a value; empty text if none has."""
    kept = {name: value for name, value in parameters.items() if value not in (None, "")}
    return f"?{urlencode(kept)}" if kept else ""


def spark(values: tuple[float | None, ...]) -> Markup:
    """A sparkline: SVG of numbers only."""
    return Markup(sparkline(values))  # noqa: S704


def size(number: float | None) -> str:
    """Bytes in the unit that suits them."""
    if number is None:
        return words.NOTHING
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(number) < 1024:
            return f"{number:.3g} {unit}" if unit != "B" else f"{number:.0f} B"
        number /= 1024
    return f"{number:.3g} TiB"


def shown(value: object) -> str:
    """A recorded value as text. A missing one is said to be."""
    if value is None:
        return "missing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        whole = float(value).is_integer() and abs(value) < 1e15
        return f"{value:,.0f}" if whole else f"{value:,.6g}"
    return words.visible(str(value))
