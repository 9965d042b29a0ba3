"""HTML pages from templates in the package: every value is escaped, a missing one is an error."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import fields
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from plotly.offline import get_plotlyjs

from watchkeeper.report.figure import Figure
from watchkeeper.report.theme import DARK, LIGHT, Theme, swap
from watchkeeper.report.words import visible


@cache
def environment() -> Environment:
    """The templates of the report; the console adds its own in front."""
    made = Environment(
        loader=PackageLoader("watchkeeper.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    made.globals["nothing"] = Markup("<span></span>")
    made.filters["said"] = said
    return made


def said(text: str) -> Markup:
    """A sentence of ours about names of theirs: what stands in `backticks` becomes code, everything is escaped."""
    parts = [escape(visible(part)) for part in text.split("`")]
    marked = [Markup("<code>{}</code>").format(part) if i % 2 else part for i, part in enumerate(parts)]
    return Markup("").join(marked)


def json_script(value: Any) -> Markup:
    """`value` as JSON that is safe inside a script element: no `<`, `>` or `&` is left to end it or begin another."""
    text = msgspec.json.encode(value).decode()
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - escaped above


class Drawn(NamedTuple):
    """A figure for a page: its JSON, and its height in pixels, so that nothing moves when it appears."""

    json: Markup
    height: int


def drawn(figure: Figure) -> Drawn:
    """A figure made ready for the template."""
    return Drawn(json_script(figure), int(figure["layout"]["height"]))


def swap_json() -> Markup:
    """The colours of the light theme with those of the dark one, for the script that draws."""
    return json_script(swap())


def asset(name: str) -> str:
    """The text of a file in the package's `static` folder."""
    return (files("watchkeeper.report") / "static" / name).read_text(encoding="utf-8")


@cache
def plotly_js() -> str:
    """Plotly's JavaScript as it ships with the installed plotly package."""
    script: str = get_plotlyjs()
    return script


def self_contained(
    template: str, page: Any, *, css: Sequence[str], scripts: Sequence[str] = (), plotly: bool = True
) -> str:
    """One HTML document that needs no network: `page` in `template`, with our own files `css` and `scripts` in it.

    Every page gets the scripts of the theme and of the figures, Plotly as text (unless it draws nothing with it), and a
    Content-Security-Policy under which only these run.
    """
    library = plotly_js() if plotly else ""
    running = {name: asset(f"{name}.js") for name in ("theme", "figures", *scripts)}
    shown = {f"{name}_js": Markup(script) for name, script in running.items()}  # noqa: S704 - ours
    style = theme_css() + "".join(asset(name) for name in css)
    return (
        environment()
        .get_template(template)
        .render(
            page=page,
            policy=_policy([*running.values(), *([library] if plotly else [])]),
            css=Markup(style),  # noqa: S704 - ours
            plotly=Markup(library),  # noqa: S704 - Plotly's own file; a test checks that it cannot end the element
            swap=swap_json(),
            **shown,
        )
    )


def _policy(scripts: Sequence[str]) -> str:
    """A Content-Security-Policy under which only these scripts run."""
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts)
    rest = "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    return f"default-src 'none'; script-src {hashes}; {rest}"


def theme_css() -> str:
    """Both themes as custom properties: the system's choice, unless the page carries `data-theme`."""
    dark = _properties(DARK)
    return (
        f":root{{{_properties(LIGHT)}}}"
        f'@media (prefers-color-scheme: dark){{:root:not([data-theme="light"]){{{dark}}}}}'
        f':root[data-theme="dark"]{{{dark}}}\n'
    )


def _properties(theme: Theme) -> str:
    return "".join(f"--{field.name}:{getattr(theme, field.name)};" for field in fields(theme))
