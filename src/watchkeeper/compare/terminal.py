"""A comparison as a table for a terminal: one line a column, the one that needs a person first at the top.

Three columns, so that a terminal of 80 characters shows sentences as sentences: the name, what happened and the effect
with its interval stand below each other in one cell.
"""

from __future__ import annotations

from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

from watchkeeper.compare.comparison import Comparison
from watchkeeper.detectors.finding import Finding
from watchkeeper.events.verdict import Verdict
from watchkeeper.report.advice import column_count, ranked
from watchkeeper.report.words import number, percent, probability, short, sized

SHOWN = 60
NAME = 24
CONTRIBUTIONS = 5
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
    table = Table(
        title=_title(comparison, column_count(columns)), caption=_caption(comparison, len(columns), shown), box=SIMPLE
    )
    table.add_column("verdict")
    table.add_column("column", overflow="fold", ratio=1)
    table.add_column("p", justify="right", no_wrap=True)
    for _, findings in columns[:shown]:
        table.add_row(*_cells(findings[0]))
    return table


def comparison_lines(comparison: Comparison) -> list[Text]:
    """What is said below the table: where columns moved, who carried the change of the score, what was not told."""
    lines = [Text(found.sentence) for found in comparison.segments]
    if comparison.attribution is not None:
        told = comparison.attribution
        lines.append(Text(told.sentence))
        lines += [
            Text(
                f"  {short(one.feature, NAME)}: {number(one.amount)} ({number(one.low, 2)} to {number(one.high, 2)})"
            ).append("" if one.share is None else f", {percent(one.share)} of the change", style="dim")
            for one in told.contributions[:CONTRIBUTIONS]
        ]
        lines += [Text(told.note, style="dim")] if told.note else []
    return lines + [Text(note, style="dim") for note in comparison.notes]


def _title(comparison: Comparison, columns: int) -> Text:
    text = Text(str(comparison.verdict), style=_STYLES[comparison.verdict])
    return text.append(f": {_differing(comparison, columns)}", style="default")


def _differing(comparison: Comparison, columns: int) -> str:
    """How many columns differ; where no finding says anything, that nothing can be said."""
    if comparison.verdict in (Verdict.NOT_ENOUGH_DATA, Verdict.NOT_COMPUTABLE):
        return "whether the tables differ cannot be said"
    alarmed = len({finding.column for finding in comparison.alarms if finding.column})
    together = "" if all(finding.column for finding in comparison.alarms) else ", and all of them together"
    warned = sum(f.verdict is Verdict.WARN for f in comparison.findings) if comparison.verdict is Verdict.WARN else 0
    return f"{alarmed} of {columns} columns differ{together}" + (f"; {warned} to look at" if warned else "")


def _caption(comparison: Comparison, columns: int, shown: int) -> str:
    rows = f"{comparison.rows:,} rows against {comparison.reference.rows:,}"
    blind = {f.null for f in comparison.findings} <= {"rows"}
    blocks = len(comparison.reference.blocks)
    null = "rows taken as exchangeable" if blind else f"ordinary movement learned from {blocks} blocks of time"
    more = f"; {columns - shown} more columns not shown" if columns > shown else ""
    return f"{rows}; {null}{more}"


def _cells(finding: Finding) -> tuple[Text, Text, str]:
    return (
        Text(str(finding.verdict), style=_STYLES[finding.verdict]),
        _what(finding),
        probability(finding.p_value),
    )


def _what(finding: Finding) -> Text:
    """The name; of what needs a person the sentence, of a silence the reason; the size, what could have been seen."""
    said = finding.sentence or finding.note if finding.verdict is not Verdict.OK else ""
    text = Text(finding.feature, style="bold")
    for line, style in ((said, "not bold"), (_effect(finding), "not bold dim")):
        if line:
            text.append(f"\n{line}", style=style)
    return text


def _effect(finding: Finding) -> str:
    if finding.effect is None:
        return "" if finding.sentence or finding.note else finding.detector
    size = sized(finding.effect, finding.effect_low, finding.effect_high)
    seen = "" if finding.smallest_effect is None else f"; {number(finding.smallest_effect, 2)} would have been seen"
    return f"{finding.effect_name} {size}{seen}"
