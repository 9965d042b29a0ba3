"""The page and the summary: every figure beside its goal, what is missed marked, what was not run told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from bench.detection.cell import OURS
from bench.detection.figure import Figure
from bench.detection.plot import rows_plot
from bench.detection.results import CellResult, Results, product_stamp
from bench.measure import number

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "detection-benchmark.md"
PLOT = PAGE.with_name("detection-benchmark-rows.svg")
BEGIN, END = "<!-- results: written by `make bench-detection ARGS=--write` -->", "<!-- end of results -->"
SIZES = ", windows of "
BESIDE = ("Beside the peers, on the same windows", "The peers where nothing of weight has changed")
SPEED, ERRORS = "Speed", "Errors that rise, row by row"
MARKS = {True: " met", False: " **missed**", None: ""}


def summary(results: Sequence[CellResult]) -> str:
    """One line a figure, for a terminal."""
    return "\n".join(line for result in results for line in _summary(result))


def _summary(result: CellResult) -> Iterable[str]:
    if result.not_run:
        yield f"{result.cell}: not run: {result.not_run}"
    for figure in result.figures:
        yield f"{result.cell}: {figure.what}: {_value(figure)} of {figure.trials:,} {figure.of}{_goal(figure)}".replace(
            "**", ""
        )


def write(results: Sequence[CellResult]) -> None:
    """Put the results into the page between its markers, and the plot beside it."""
    text = PAGE.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{page(results)}\n{END}{after}")
    rows = next((result for result in results if result.cell == "speed.rows" and result.figures), None)
    if rows is not None:
        PLOT.write_text(rows_plot(rows.figures))


def page(results: Sequence[CellResult]) -> str:
    """The generated part of the page."""
    sections = dict.fromkeys(result.section for result in results)
    parts = [_measured_on(results), _missed(results)]
    parts += [_section(name, [result for result in results if result.section == name]) for name in sections]
    return "\n".join(parts)


def selected(results: Results, names: Iterable[str], *, short: bool) -> list[CellResult]:
    """The results of those cells that there are, in order."""
    found = [results.cells.get((name, short)) for name in names]
    return [result for result in found if result is not None]


# --- what it was measured on, and what was missed ---------------------------------------------------------------------
def _measured_on(results: Sequence[CellResult]) -> str:
    ours = [result for result in results if result.tool == OURS and result.figures]
    if not ours:
        return "Nothing has been measured.\n"
    goals = [figure.met for result in results for figure in result.figures if figure.met is not None]
    commits = ", ".join(dict.fromkeys(result.commit for result in ours))
    stamps = {result.stamp for result in ours}
    changed = "" if stamps == {product_stamp()} else " The detection code has changed since."
    return (
        f"**{sum(goals)} of {len(goals)} goals are met.** Measured at {commits}.{changed} Constants were not touched "
        f"afterwards. {ours[-1].machine} Peers ran on the same machine, on the same windows, maybe at another hour.\n"
    )


def _missed(results: Sequence[CellResult]) -> str:
    lines = [
        f"- {result.title}: {figure.what} {_value(figure)}, goal {_target(figure)}"
        for result in results
        for figure in result.figures
        if figure.met is False
    ]
    not_run = [f"- {result.title} ({result.tool}): {result.not_run}" for result in results if result.not_run]
    text = "\n".join(["### Missed", "", *(lines or ["No goal was missed."]), ""])
    return "\n".join([text, "### Not run", "", *not_run, ""]) if not_run else text


# --- sections ---------------------------------------------------------------------------------------------------------
def _section(name: str, results: Sequence[CellResult]) -> str:
    shown = [result for result in results if result.figures]
    if not shown:
        return f"### {name}\n\nNot run.\n"
    if name in BESIDE:
        body = _beside(shown)
    elif name == ERRORS:
        body = _errors(shown)
    elif all(SIZES in result.title for result in shown):
        body = "\n".join(_by_size(what, shown) for what in _whats(shown))
    else:
        body = _lines(shown)
    picture = f"\n![Seconds of a comparison by rows]({PLOT.name})\n" if name == SPEED else ""
    return f"### {name}\n\n{body}{picture}"


def _whats(results: Sequence[CellResult]) -> list[str]:
    return list(dict.fromkeys(figure.what for result in results for figure in result.figures))


def _lines(results: Sequence[CellResult]) -> str:
    rows = [
        [
            result.title,
            figure.what,
            _value(figure),
            f"{figure.trials:,} {figure.of}",
            _target(figure) + MARKS[figure.met],
            figure.note,
        ]
        for result in results
        for figure in result.figures
    ]
    return _table(["what", "", "measured [95 %]", "on", "goal", "note"], rows)


def _by_size(what: str, results: Sequence[CellResult]) -> str:
    """A table of one kind of figure: a row for each thing, a column for each window size."""
    places = {result.cell: result.title.partition(SIZES) for result in results}
    sizes = sorted({size for _, _, size in places.values()}, key=lambda size: int(size.replace(",", "")))
    rows: dict[str, dict[str, str]] = {}
    trials = []
    for result in results:
        for figure in result.figures:
            if figure.what == what:
                name, _, size = places[result.cell]
                rows.setdefault(name, {})[size] = _value(figure) + _goal(figure)
                trials.append(figure.trials)
    body = [[name, *(cells.get(size, "") for size in sizes)] for name, cells in rows.items()]
    few, many = (f"{count:,}" for count in (min(trials), max(trials)))
    of = f"{few} each" if few == many else f"{few} to {many} each"
    return f"{what[:1].upper()}{what[1:]}, by rows of a window; {of}:\n\n" + _table(["", *sizes], body)


def _errors(results: Sequence[CellResult]) -> str:
    """A table for each question: a row for each detector, a column for each rise; then how often each is wrong."""
    tables: dict[str, dict[str, dict[str, str]]] = {}
    for result in results:
        for figure in result.figures:
            how = ""
            rise, _, question = figure.what.rpartition(": ")
            if result.tool == OURS:
                rise, _, how = result.title.removeprefix("10 % to ").partition(", ")
            name = f"{OURS}, {how}" if result.tool == OURS else result.title
            tables.setdefault(question, {}).setdefault(name, {})[rise] = _value(figure) + _goal(figure)
            wrong = figure.note.partition(": ")[2]
            tables.setdefault("false alarms in 10,000 rows before the rise", {}).setdefault(name, {})[rise] = wrong
    rises = list(dict.fromkeys(rise for rows in tables.values() for row in rows.values() for rise in row))
    return "\n".join(
        f"{question[:1].upper()}{question[1:]}, errors from 10 % to:\n\n"
        + _table(["", *rises], [[name, *(row.get(rise, "") for rise in rises)] for name, row in rows.items()])
        for question, rows in tables.items()
    )


def _beside(results: Sequence[CellResult]) -> str:
    """A table for each question: a row for each change and size, a column for each tool."""
    tools = list(dict.fromkeys(result.tool for result in results))
    tables: dict[str, dict[str, dict[str, str]]] = {}
    for result in results:
        size = result.title.partition(SIZES)[2]
        for figure in result.figures:
            scenario, _, question = figure.what.rpartition(": ")
            name = f"{scenario}, {size} rows" if size else scenario
            row = tables.setdefault(question, {}).setdefault(name, {})
            row[result.tool] = _value(figure)
    return "\n".join(
        f"{question[:1].upper()}{question[1:]}:\n\n"
        + _table(["", *tools], [[name, *(row.get(tool, "") for tool in tools)] for name, row in rows.items()])
        for question, rows in tables.items()
    )


# --- cells of a table -------------------------------------------------------------------------------------------------
def _value(figure: Figure) -> str:
    """The value and its interval: three figures each."""
    if not figure.trials:
        return "could not be judged"
    if isinstance(figure.value, str):
        return "never" if figure.value == "inf" else "none"
    between = "" if figure.low is None or figure.high is None else f" [{number(figure.low)}, {number(figure.high)}]"
    return number(figure.value) + between


def _target(figure: Figure) -> str:
    if figure.goal is None:
        return ""
    sign: Callable[[str], str] = {"<=": "≤ {}", ">=": "≥ {}"}[figure.goal.sense].format
    return sign("1/720" if abs(figure.goal.value * 720 - 1) < 1e-9 else number(figure.goal.value))


def _goal(figure: Figure) -> str:
    return f"; {_target(figure)}{MARKS[figure.met]}" if figure.goal is not None else ""


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "/") for cell in line) + " |" for line in lines) + "\n"
