"""A backtest as a story for a terminal: one screen, whatever the length of the history."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from watchkeeper.backtest import telling
from watchkeeper.backtest.records import AlertRecord, BacktestDocument, WindowRecord
from watchkeeper.events.verdict import Verdict
from watchkeeper.report.advice import gravity

SHOWN = 10
_CELLS = {Verdict.ALARM: ("■", "red"), Verdict.WARN: ("▲", "yellow"), Verdict.OK: ("·", "green")}
_NOTHING = (" ", "")
_LABEL = 9


def backtest_story(document: BacktestDocument, width: int, *, shown: int = SHOWN) -> RenderableType:
    """The story, `width` characters wide; of the pages the first `shown`."""
    told = document.summary
    style = "bold red" if told.in_vain else "bold"
    parts: list[RenderableType] = [
        Text(telling.headline(document), style=style),
        *(_plain(line) for line in telling.lead(document)),
        Text(),
        _strip(document, width),
    ]
    if pages := telling.pages(document):
        parts += [Text(), _alerts(pages, shown)]
    parts += [Text(), Text("What to do now", style="bold")]
    parts += [_step(i, text) for i, text in enumerate(telling.steps(document), 1)]
    parts += [Text(), *(Text(note, style="dim") for note in _small(document))]
    return Group(*parts)


def _plain(text: str) -> Text:
    """What stands in backticks, bold instead."""
    shown = Text()
    for i, part in enumerate(text.split("`")):
        shown.append(part, style="bold" if i % 2 else "")
    return shown


def _step(place: int, text: str) -> Table:
    row = Table.grid(padding=(0, 1))
    row.add_row(f"{place}.", _plain(text))
    return row


def _small(document: BacktestDocument) -> list[str]:
    told = document.summary
    empty = f", {told.empty} of them empty" if told.empty else ""
    until = document.reference_until[:16].replace("T", " ")
    learned = f"learned from {document.reference_rows:,} rows in {document.reference_blocks} blocks before {until}"
    notes = (note.replace("`", "") for note in document.notes)
    return [f"{told.rows:,} rows in {told.windows:,} windows{empty}; {learned}.", *notes]


# ------------------------------------------------------------ the strip
def _strip(document: BacktestDocument, width: int) -> Table:
    """One character for each window, or for as many as must share one: the gravest of them is shown."""
    windows = document.windows
    room = max(10, min(width - _LABEL - 1, len(windows)))
    groups = [windows[i * len(windows) // room : (i + 1) * len(windows) // room] for i in range(room)]
    paged = {alert.id for alert in telling.pages(document)}
    table = Table.grid(padding=(0, 1))
    rows: list[tuple[str, Callable[[Sequence[WindowRecord]], tuple[str, str]]]] = [
        ("pages", lambda group: _pages(group, paged)),
        ("data", _data),
    ]
    if document.summary.harm is not None:
        rows.append(("harmed", _harmed))
    for name, cell in rows:
        table.add_row(Text(name, style="dim"), _line(groups, cell))
    table.add_row("", _dates(windows, room))
    if room < len(windows):
        shared = f"A character stands for {len(windows) / room:.2g} windows: for the gravest of them."
        table.add_row("", Text(shared, style="dim"))
    return table


def _line(groups: Sequence[Sequence[WindowRecord]], cell: Callable[[Sequence[WindowRecord]], tuple[str, str]]) -> Text:
    text = Text(no_wrap=True)
    for group in groups:
        text.append(*cell(group))
    return text


def _pages(group: Sequence[WindowRecord], paged: set[str]) -> tuple[str, str]:
    return ("▼", "bold") if any(paged.intersection(window.opened) for window in group) else _NOTHING


def _data(group: Sequence[WindowRecord]) -> tuple[str, str]:
    judged = [window.verdict for window in group if window.n]
    return _CELLS.get(max(judged, key=gravity), ("?", "dim")) if judged else _NOTHING


def _harmed(group: Sequence[WindowRecord]) -> tuple[str, str]:
    known = [window.harmed for window in group if window.harmed is not None]
    return _NOTHING if not known else ("◆", "red") if any(known) else ("·", "green")


def _dates(windows: Sequence[WindowRecord], room: int) -> Text:
    first, last = windows[0].start[:10], windows[-1].start[:10]
    return Text(f"{first}{last:>{max(room - len(first), len(last) + 1)}}", style="dim", no_wrap=True)


# ------------------------------------------------------------ the pages
def _alerts(pages: Sequence[AlertRecord], shown: int) -> Table:
    more = len(pages) - shown
    left = f"The other {telling.plural(more, 'page')}: see --html or --json." if more > 0 else None
    table = Table(caption=left, box=None)
    for header in ("told", "about", "windows", "performance"):
        table.add_column(header, no_wrap=header == "told", justify="right" if header == "windows" else "left")
    for alert in pages[:shown]:
        table.add_row(
            alert.told_at[:16].replace("T", " "), Text(telling.about(alert)), str(alert.windows), _outcome(alert)
        )
    return table


def _outcome(alert: AlertRecord) -> Text:
    style = "yellow" if alert.in_vain else "red" if alert.harmed else ""
    return Text(telling.outcome(alert), style=style if alert.harmed is not None else "dim")
