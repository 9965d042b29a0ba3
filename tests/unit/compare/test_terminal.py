from __future__ import annotations

import io

import numpy as np
from rich.console import Console

from watchkeeper.compare.comparison import Comparison, compare
from watchkeeper.compare.terminal import comparison_table

RNG = np.random.default_rng(0)


def shown(comparison: Comparison, width: int = 160, shown: int = 60) -> str:
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(comparison_table(comparison, shown=shown))
    return console.export_text()


def test_the_column_that_needs_a_person_comes_first() -> None:
    before = {f"n{i}": RNG.normal(size=1000) for i in range(4)}
    now = {f"n{i}": RNG.normal(2.0 if i == 2 else 0.0, 1, 200) for i in range(4)}
    text = shown(compare(before, now))
    assert "alarm: 1 of 4 columns differ" in text
    assert text.index("n2") < text.index("n0")
    assert "rows taken as exchangeable" in text


def test_a_thousand_columns_are_cut_and_said_so() -> None:
    wide = {f"n{i}": RNG.normal(size=60) for i in range(30)}
    assert "25 more columns not shown" in shown(compare(wide, wide), shown=5)


def test_names_cannot_play_with_the_terminal() -> None:
    odd = {"[red]x[/red]": RNG.normal(size=100)}
    assert "[red]x[/red]" in shown(compare(odd, odd))


def test_it_fits_a_narrow_terminal() -> None:
    same = {"x": RNG.normal(size=100)}
    assert all(len(line) <= 60 for line in shown(compare(same, same), width=60).splitlines())


def test_silence_is_not_a_comparison_without_differences() -> None:
    text = shown(compare({"x": [1.0]}, {"x": [1.0]}), width=80)
    assert "not enough data: whether the tables differ cannot be said" in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_a_warning_is_not_told_as_if_nothing_were_to_be_seen() -> None:
    values = RNG.normal(size=100)
    assert "warn: 0 of 2 columns differ; 1 to look at" in shown(compare({"x": values}, {"x": values, "new": values}))
