"""A comparison as a table for a terminal: one line a column, the one that needs a person first at the top."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from watchkeeper.compare.comparison import Comparison
from watchkeeper.detectors.finding import Finding
from watchkeeper.events.verdict import Verdict
from watchkeeper.report.advice import ranked
from watchkeeper.report.words import probability

SHOWN = 60
_STYLES = {
    Verdict.OK: "green",
    Verdict.WARN: "yellow",
    Verdict.ALARM: "bold red",
    Verdict.NOT_ENOUGH_DATA: "dim",
    Verdict.NOT_COMPUTABLE: "dim",
}


def comparison_table(comparison: Comparison, *, shown: int = SHOWN) -> Table:
    """The `shown` most urgent columns; the caption says how many rows were compared and what was left out."""
    columns = ranked(comparison.findings)
    table = Table(title=_title(comparison, len(columns)), caption=_caption(comparison, len(columns), shown))
    for header in ("column", "verdict", "what"):
        table.add_column(header, overflow="fold")
    for header in ("effect", "p", "could have seen"):
        table.add_column(header, justify="right", no_wrap=header == "p")
    for _, findings in columns[:shown]:
        table.add_row(*_cells(findings[0]))
    return table


def _title(comparison: Comparison, columns: int) -> Text:
    alarmed = len({finding.column for finding in comparison.alarms})
    text = Text(str(comparison.verdict), style=_STYLES[comparison.verdict])
    return text.append(f": {alarmed} of {columns} columns differ", style="default")


def _caption(comparison: Comparison, columns: int, shown: int) -> str:
    rows = f"{comparison.rows:,} rows against {comparison.reference.rows:,}"
    blocks = len(comparison.reference.blocks)
    null = f"ordinary movement learned from {blocks} blocks of time" if blocks else "rows taken as exchangeable"
    more = f"; {columns - shown} more columns not shown" if columns > shown else ""
    return f"{rows}; {null}{more}"


def _cells(finding: Finding) -> tuple[Text, Text, Text, str, str, str]:
    said = finding.sentence or finding.note if finding.verdict is not Verdict.OK else ""
    return (
        Text(finding.feature),
        Text(str(finding.verdict), style=_STYLES[finding.verdict]),
        Text(said or finding.detector),
        _effect(finding),
        probability(finding.p_value),
        "" if finding.smallest_effect is None else f"{finding.smallest_effect:.2g}",
    )


def _effect(finding: Finding) -> str:
    if finding.effect is None:
        return ""
    interval = ""
    if finding.effect_low is not None and finding.effect_high is not None:
        interval = f" ({finding.effect_low:.2g} to {finding.effect_high:.2g})"
    return f"{finding.effect_name} {finding.effect:.2g}{interval}"
