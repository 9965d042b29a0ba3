"""A cell of the grid: one question, measured in parts that can be run alone, in any order, in any process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.detection.figure import Figure
from bench.detection.setting import Setting

OURS = "Watchkeeper"
Counts = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """`measure(setting, part)` gives one part's counts as plain JSON; `conclude` makes figures of all parts'.

    `name` is also the seed. `section` groups cells in the report; `title` is the row's name there. `parts` is how many
    parts there are in full and in a trial run. Whatever cannot be measured here raises `Missing`. A peer's results
    depend on its `pins` and the code in `sources` alone. What is timed is measured `alone`.
    """

    name: str
    section: str
    title: str
    measure: Callable[[Setting, int], Counts]
    conclude: Callable[[Sequence[Counts]], tuple[Figure, ...]]
    parts: tuple[int, int] = (1, 1)
    tool: str = OURS
    sources: tuple[Path, ...] = ()
    pins: tuple[str, ...] = ()
    alone: bool = False

    def count(self, setting: Setting) -> int:
        """How many parts."""
        return setting.of(*self.parts)
