"""What a benchmark measured, and how it is told: median, spread, and ratio to one line of the same run."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence

import msgspec


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One thing measured, several times: the values of every round, in order."""

    name: str
    values: tuple[float, ...]
    note: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def spread(self) -> str:
        """Smallest to largest value; a dash for a single round."""
        return f"{number(min(self.values))} – {number(max(self.values))}" if len(self.values) > 1 else "–"


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """Lines of one unit. `base` names the line that ratios are taken to; `higher` tells that more is better."""

    title: str
    unit: str
    lines: tuple[Line, ...]
    base: str = ""
    higher: bool = False
    note: str = ""

    def markdown(self) -> str:
        """The table as Markdown, its note below."""
        heads = ["what", self.unit, "spread", *([f"{self.base} is"] if self.base else []), "note"]
        rows = [[line.name, number(line.median), line.spread, *self._ratio(line), line.note] for line in self.lines]
        text = [f"### {self.title}", "", _row(heads), _row(["---"] * len(heads)), *map(_row, rows)]
        return "\n".join([*text, "", self.note, ""] if self.note else [*text, ""])

    def _ratio(self, line: Line) -> list[str]:
        if not self.base:
            return []
        base = next((other.median for other in self.lines if other.name == self.base), None)
        if base is None or not line.median or not base:
            return ["–"]
        ratio = base / line.median if self.higher else line.median / base
        return [f"{ratio:.2f}x {'faster' if ratio >= 1 else 'of its speed'}" if line.name != self.base else "1"]


def lines_of(rounds: Sequence[dict[str, float]], notes: dict[str, str] | None = None) -> tuple[Line, ...]:
    """One line a name, from rounds that each measured (some of) the same names."""
    names = dict.fromkeys(name for values in rounds for name in values)
    return tuple(
        Line(
            name=name,
            values=tuple(values[name] for values in rounds if name in values),
            note=(notes or {}).get(name, ""),
        )
        for name in names
    )


def number(value: float) -> str:
    """Three significant figures, thousands separated."""
    if value == 0:
        return "0"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
