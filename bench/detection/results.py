"""Results on disk: one JSON line for each part that was measured and each cell that was concluded.

A run can be stopped and taken up again: a part is measured anew only where its `stamp` has changed. The stamp of a cell
of ours is a digest of the product's detection code and of this package; a peer's, of the peer's version and of what
makes its windows. Both ignore comments, docstrings and layout.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from bench.detection.figure import Figure

HERE = Path(__file__).parent
SOURCE = HERE.parents[1] / "src" / "watchkeeper"
PRODUCT = ("schema", "tallies", "reference", "detectors", "monitors", "compare")


class PartResult(msgspec.Struct, frozen=True, kw_only=True, tag="part"):
    """One part of a cell: its counts, and the seconds it took."""

    cell: str
    part: int
    short: bool
    stamp: str
    seed: list[int]
    seconds: float
    counts: dict[str, Any]


class CellResult(msgspec.Struct, frozen=True, kw_only=True, tag="cell"):
    """A whole cell: its figures, or why there are none. `seconds` of all parts together."""

    cell: str
    section: str
    title: str
    tool: str
    short: bool
    stamp: str
    seed: list[int]
    parts: int
    seconds: float
    figures: tuple[Figure, ...] = ()
    not_run: str = ""
    machine: str = ""
    commit: str = ""


Result = PartResult | CellResult


class Results:
    """The file of results: the last line of a cell or part counts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.parts: dict[tuple[str, int, bool], PartResult] = {}
        self.cells: dict[tuple[str, bool], CellResult] = {}
        if path.is_file():
            for line in path.read_bytes().splitlines():
                self._take(msgspec.json.decode(line, type=Result))

    def part(self, cell: str, part: int, short: bool, stamp: str) -> PartResult | None:
        """A part as it was measured with the same code, if it was."""
        found = self.parts.get((cell, part, short))
        return found if found is not None and found.stamp == stamp else None

    def add(self, result: Result) -> None:
        """Remember, on disk too."""
        self._take(result)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as file:
            file.write(msgspec.json.encode(result) + b"\n")

    def _take(self, result: Result) -> None:
        if isinstance(result, PartResult):
            self.parts[result.cell, result.part, result.short] = result
        else:
            self.cells[result.cell, result.short] = result


def digest(paths: Iterable[Path], *also: str) -> str:
    """16 hexadecimal digits of what the code in `paths` does, and of the words in `also`."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(_bare(path.read_text()).encode())
    for word in also:
        total.update(word.encode())
    return total.hexdigest()[:16]


def product_stamp() -> str:
    """The digest of the product's detection code and of our own cells."""
    product = [path for package in PRODUCT for path in (SOURCE / package).rglob("*.py")]
    return digest([*product, *_our_cells()])


def _our_cells() -> list[Path]:
    outside = {"report.py", "plot.py", "results.py", "grid.py", "__main__.py", "__init__.py", "run.py"}
    return [path for path in HERE.glob("*.py") if path.name not in outside]


def _bare(text: str) -> str:
    """The syntax tree without docstrings and annotations."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None
    return ast.dump(tree)
