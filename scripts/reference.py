"""Write the generated sections of docs/reference/ from the code: `make reference`.

A section stands between `<!-- generated: NAME -->` and `<!-- /generated -->` in a page; NAME is a key of SECTIONS. What
stands around it is written by hand. A test fails when a section is not what the code says.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import click
import msgspec

from watchkeeper import config, telemetry
from watchkeeper.api.app import PREFIX, api_app
from watchkeeper.api.context import Context
from watchkeeper.backtest import backtest
from watchkeeper.backtest.records import BacktestDocument
from watchkeeper.cli.main import main as cli
from watchkeeper.compare import document
from watchkeeper.compare.attribution import Attribution
from watchkeeper.compare.segment import Segments
from watchkeeper.console.app import PAGES as PAGES_OF_CONSOLE
from watchkeeper.demo import results
from watchkeeper.detectors import registry
from watchkeeper.detectors.embedding.registry import EMBEDDINGS
from watchkeeper.detectors.finding import Finding
from watchkeeper.detectors.rows.registry import ROW_TESTS
from watchkeeper.detectors.streams.registry import STREAM_DETECTORS
from watchkeeper.events import errors
from watchkeeper.events.verdict import Verdict

DRAFT = "https://json-schema.org/draft/2020-12/schema"
PAGES = Path(__file__).parents[1] / "docs" / "reference"

_SECTION = re.compile(r"<!-- generated: ([\w-]+) -->\n(.*?)<!-- /generated -->", re.DOTALL)


# --- command line -----------------------------------------------------------------------------------------------------
def commands(group: click.Group, prefix: str = "") -> Iterator[tuple[str, click.Command]]:
    """Full name and command of every command, in the order that --help lists them."""
    context = click.Context(group, info_name="watchkeeper")
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


def command_line() -> str:
    """Every command with its arguments and options."""
    return "\n".join(_command(name, command) for name, command in commands(cli))


def _command(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=f"watchkeeper {name}")
    usage = " ".join(["watchkeeper", name, *command.collect_usage_pieces(context)])
    rows = [_option(option, context) for option in command.params if isinstance(option, click.Option)]
    parts = [f"## `watchkeeper {name}`\n", f"{_paragraphs(command.help or '')}\n", f"```text\n{usage}\n```\n"]
    if shown := [row for row in rows if row]:
        parts += ["| option | what it does |", "|---|---|", *shown, ""]
    return "\n".join(parts)


def _paragraphs(text: str) -> str:
    clean = text.replace("\b\n", "").partition("\f")[0].strip()
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in clean.split("\n\n"))


def _option(option: click.Option, context: click.Context) -> str:
    record = option.get_help_record(context)
    if record is None:
        return ""
    flags, text = (part.replace("|", "\\|") for part in record)
    return f"| `{flags}` | {text} |"


# --- settings, metrics, errors ----------------------------------------------------------------------------------------
def settings() -> str:
    """Every setting, as config.py describes it."""
    return config.describe() + "\n"


def metrics() -> str:
    """Every metric, with what to do when it moves."""
    lines = ["| metric | type | labels | what it is | what to do |", "|---|---|---|---|---|"]
    for metric in (*telemetry.METRICS, *telemetry.SELDON_METRICS):
        labels = ", ".join(f"`{label}`" for label in metric.labels)
        lines.append(f"| `{metric.name}` | {metric.kind} | {labels} | {metric.help} | {metric.action} |")
    return "\n".join(lines) + "\n"


def error_statuses() -> str:
    """Every error a user may see, with its HTTP status."""
    lines = ["| status | error | meaning |", "|---|---|---|"]
    kinds = [kind for kind in errors.WatchkeeperError.__subclasses__() if kind.__module__ == errors.__name__]
    kinds.sort(key=lambda kind: (kind.status, kind.__name__))
    lines += [f"| {kind.status} | {kind.__name__} | {' '.join((kind.__doc__ or '').split())} |" for kind in kinds]
    return "\n".join(lines) + "\n"


# --- control API ------------------------------------------------------------------------------------------------------
def control_api() -> str:
    """Every route of the control API with what it may be asked."""
    lines = ["| method and path | answer | parameters |", "|---|---|---|"]
    for path, operations in openapi()["paths"].items():
        for method, operation in operations.items():
            asked = ", ".join(f"`{item['name']}`" for item in operation.get("parameters", ()) if item["in"] == "query")
            lines.append(f"| `{method.upper()} {PREFIX}{path}` | {operation['summary']} | {asked} |")
    return "\n".join(lines) + "\n"


def openapi() -> dict[str, Any]:
    """The OpenAPI document. It is made from the table of routes alone, so no store is opened."""
    return api_app(cast("Context", None)).openapi()


# --- detectors --------------------------------------------------------------------------------------------------------
def detectors() -> str:
    """Every detector: what it looks at, its effect and floor, and its weights."""
    lines = [
        "| detector | what it is | looks at | effect | floor | weight, numbers | weight, categories |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, detector in registry.DETECTORS.items():
        weights = (registry.NUMERIC_WEIGHTS.get(name), registry.CATEGORICAL_WEIGHTS.get(name))
        cells = [
            f"`{name}`",
            _summary(inspect.getmodule(detector.measure)),
            ", ".join(str(evidence).replace("_", " ") for evidence in detector.on),
            detector.effect,
            f"{detector.floor:g}",
            *("" if weight is None else f"{weight:g}" for weight in weights),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def other_names() -> str:
    """Names that people look for, and the detectors that answer to them."""
    rows = (f"| {name} | {', '.join(f'`{known}`' for known in own)} |" for name, own in registry.OTHER_NAMES.items())
    return "\n".join(["| looked for | here |", "|---|---|", *rows]) + "\n"


def short_names() -> str:
    """What `watchkeeper.detect` takes beside the full names."""
    named: dict[str, list[str]] = {}
    for short, full in registry.SHORT_NAMES.items():
        named.setdefault(full, []).append(f"`{short}`")
    rows = (f"| {', '.join(shorts)} | `{full}` |" for full, shorts in named.items())
    return "\n".join(["| short | detector |", "|---|---|", *rows]) + "\n"


def row_tests() -> str:
    """Every test on rows: what it is, and whether it takes many columns."""
    lines = ["| test | what it is | columns |", "|---|---|---|"]
    for name, test in ROW_TESTS.items():
        lines.append(f"| `{name}` | {_summary(inspect.getmodule(test.run))} | {'any' if test.many else 'one'} |")
    return "\n".join(lines) + "\n"


def embeddings() -> str:
    """Every embedding: what it is."""
    rows = (f"| `{name}` | {_summary(inspect.getmodule(way))} |" for name, way in EMBEDDINGS.items())
    return "\n".join(["| embedding | what it is |", "|---|---|", *rows]) + "\n"


# --- the catalogue: the docstrings of detectors as they are -----------------------------------------------------------
def catalogue_columns() -> str:
    """The account of every detector of one column."""
    names: dict[Any, list[str]] = {}
    for name, detector in registry.DETECTORS.items():
        names.setdefault(inspect.getmodule(detector.measure), []).append(name)
    return "\n".join(_account(own, module) for module, own in names.items())


def catalogue_rows() -> str:
    """The account of every test on rows."""
    return "\n".join(_account([name], inspect.getmodule(test.run)) for name, test in ROW_TESTS.items())


def catalogue_streams() -> str:
    """The account of every sequential detector."""
    return "\n".join(_account([name], inspect.getmodule(one.policy)) for name, one in STREAM_DETECTORS.items())


def catalogue_embeddings() -> str:
    """The account of every embedding."""
    return "\n".join(_account([name], inspect.getmodule(way)) for name, way in EMBEDDINGS.items())


def _account(names: list[str], module: object) -> str:
    """A heading with the names, and the module's docstring: formulas and examples in fences, the rest as prose."""
    parts = [f"### {', '.join(f'`{name}`' for name in names)}"]
    for paragraph in (inspect.getdoc(module) or "").split("\n\n"):
        if paragraph.startswith(("    ", ">>>")):
            parts.append(f"```text\n{inspect.cleandoc(paragraph)}\n```")
        else:
            parts.append(re.sub(r"(?<= )\*(?= )", r"\\*", paragraph))
    return "\n\n".join(parts) + "\n"


def pages() -> str:
    """Every page of the console."""
    lines = ["| page | what it shows |", "|---|---|"]
    lines += [f"| `{path}` | {_summary(page)} |" for path, page, method in PAGES_OF_CONSOLE if method == "GET"]
    return "\n".join(lines) + "\n"


def _summary(thing: object) -> str:
    """The first sentence of a docstring, without the name it begins with."""
    paragraph = (inspect.getdoc(thing) or "").partition("\n\n")[0]
    return " ".join(paragraph.split()).rpartition(": ")[2].rstrip(".")


def finding() -> str:
    """What a finding's fields mean, as its docstring has it, and their types."""
    text = _paragraphs(inspect.getdoc(Finding) or "")
    lines = [text, "", "| field | type |", "|---|---|"]
    for field in msgspec.structs.fields(Finding):
        kind = getattr(field.type, "__name__", str(field.type)).replace(" | ", " or ")
        lines.append(f"| `{field.name}` | {kind} |")
    return "\n".join(lines) + "\n"


SECTIONS: dict[str, Callable[[], str]] = {
    "commands": command_line,
    "settings": settings,
    "metrics": metrics,
    "errors": error_statuses,
    "control-api": control_api,
    "detectors": detectors,
    "other-names": other_names,
    "finding": finding,
    "short-names": short_names,
    "row-tests": row_tests,
    "embeddings": embeddings,
    "catalogue-columns": catalogue_columns,
    "catalogue-rows": catalogue_rows,
    "catalogue-streams": catalogue_streams,
    "catalogue-embeddings": catalogue_embeddings,
    "pages": pages,
}


# --- JSON Schemas -----------------------------------------------------------------------------------------------------
# What commands print, by the name and version that its field "schema" holds.
class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Two tables compared."""

    schema: str
    verdict: Verdict
    rows: int
    reference_rows: int
    reference_blocks: int
    findings: tuple[Finding, ...]
    segments: tuple[Segments, ...]
    attribution: Attribution | None
    notes: tuple[str, ...]


PRINTED: dict[str, type[msgspec.Struct]] = {
    backtest.SCHEMA: BacktestDocument,
    document.SCHEMA: Comparison,
    results.SCHEMA: results.DemoResult,
}


def json_schemas() -> dict[str, str]:
    """File name to text of each JSON Schema that is made from a record."""
    return {_file(name): json.dumps(_json_schema(name, kind), indent=2) + "\n" for name, kind in PRINTED.items()}


def _file(name: str) -> str:
    return f"{name.removeprefix('watchkeeper.').replace('/', '-')}.json"


def _json_schema(name: str, kind: type[msgspec.Struct]) -> dict[str, Any]:
    (_,), components = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    root = components.pop(kind.__name__)
    for record in (root, *components.values()):
        if "properties" in record:  # msgspec leaves fields with a default out, though it always writes them
            record["required"] = list(record["properties"])
            record["additionalProperties"] = False
    root["properties"]["schema"] = {"const": name}
    return {"$schema": DRAFT, "title": name, **root, "$defs": components}


def rewritten(text: str) -> str:
    """The page with every generated section made anew. KeyError for a section that is not in SECTIONS."""
    return _SECTION.sub(
        lambda match: f"<!-- generated: {match[1]} -->\n{SECTIONS[match[1]]()}<!-- /generated -->", text
    )


def sections_in(text: str) -> list[str]:
    """The names of a page's generated sections."""
    return [match[1] for match in _SECTION.finditer(text)]


def main() -> None:
    """Rewrite every page that has changed, and name it."""
    for page in sorted(PAGES.glob("*.md")):
        text = page.read_text()
        if (new := rewritten(text)) != text:
            page.write_text(new)
            sys.stdout.write(f"wrote {page.relative_to(PAGES.parents[1])}\n")
    for name, text in json_schemas().items():
        (PAGES / "schemas" / name).write_text(text)


if __name__ == "__main__":
    main()
