"""The house rules that no linter knows: the shape of files, functions and packages."""

from __future__ import annotations

import ast
import importlib
import json
import statistics
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import watchkeeper

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "watchkeeper"
TESTS = ROOT / "tests" / "unit"

LONGEST_FUNCTION = 60
LONGEST_FILE = 600
MEDIAN_FUNCTION = 10

CORE = {
    "events",
    "schema",
    "tallies",
    "reference",
    "detectors",
    "performance",
    "explain",
    "monitors",
    "alerts",
    "releases",
}

# What `import watchkeeper` must not load: servers, plotting, databases, numerics, machine learning.
HEAVY = {
    "alembic",
    "duckdb",
    "fastapi",
    "httpx",
    "jinja2",
    "lightgbm",
    "numpy",
    "onnxruntime",
    "pandas",
    "plotly",
    "polars",
    "pyarrow",
    "scipy",
    "sklearn",
    "sqlalchemy",
    "starlette",
    "uvicorn",
    "xgboost",
}


def source_files() -> list[Path]:
    """Every Python file of ours but Alembic's migration scripts, which Alembic names and a contract test walks."""
    return sorted(path for path in SOURCE.rglob("*.py") if "migrations" not in path.relative_to(SOURCE).parts)


def all_files() -> list[Path]:
    return [*source_files(), *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "bench").rglob("*.py"))]


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Name and length in lines of each function in a file, decorators and docstring not counted."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1 - docstring_lines(node)


def docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    if ast.get_docstring(node) is None or first.end_lineno is None:
        return 0
    return first.end_lineno - first.lineno + 1


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_every_module_has_its_test_file() -> None:
    missing = []
    for path in source_files():
        if path.name in ("__init__.py", "__main__.py"):
            continue
        place = path.relative_to(SOURCE)
        mirror = TESTS / place.parent / f"test_{place.name.lstrip('_')}"
        if not mirror.exists():
            missing.append(f"{relative(path)} needs {relative(mirror)}")
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("__init__.py")), ids=relative)
def test_a_package_lists_names_and_nothing_else(path: Path) -> None:
    allowed: tuple[type[ast.stmt], ...] = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.Expr)
    if path.parent == SOURCE:
        allowed += (ast.If, ast.FunctionDef, ast.ClassDef)  # the root alone is lazy, and that takes code
    odd = [node for node in ast.parse(path.read_text()).body if not isinstance(node, allowed)]
    assert not odd, f"line {odd[0].lineno}: move this into a module"


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("__init__.py")), ids=relative)
def test_every_name_a_package_lists_is_there(path: Path) -> None:
    name = ".".join(["watchkeeper", *path.parent.relative_to(SOURCE).parts])
    package = importlib.import_module(name)
    for listed in getattr(package, "__all__", ()):
        assert getattr(package, listed) is not None, f"{name}.{listed}"


def test_functions_are_short() -> None:
    lengths = [(length, f"{relative(path)}: {name}") for path in source_files() for name, length in functions(path)]
    long = sorted(item for item in lengths if item[0] > LONGEST_FUNCTION)
    assert not long, f"split what is longer than {LONGEST_FUNCTION} lines: {long}"
    assert statistics.median(length for length, _ in lengths) <= MEDIAN_FUNCTION


def test_files_are_short() -> None:
    long = {relative(path): lines for path in all_files() if (lines := path.read_text().count("\n")) > LONGEST_FILE}
    assert not long, f"split what is longer than {LONGEST_FILE} lines"


def test_every_public_module_says_what_it_is() -> None:
    silent = [relative(path) for path in source_files() if ast.get_docstring(ast.parse(path.read_text())) is None]
    assert not silent


def test_every_core_package_is_under_the_core_contract() -> None:
    """A package the contract forgets could read the clock or a socket."""
    contract = contract_called("The core does no I/O")
    written = {f"watchkeeper.{name}" for name in CORE if (SOURCE / name).is_dir()}
    assert written == set(contract["source_modules"])


def test_every_core_package_is_under_the_ban_on_clocks() -> None:
    ruff = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    (pattern,) = [pattern for pattern, rules in ruff["per-file-ignores"].items() if rules == ["TID251"]]
    banned = set(pattern.partition("{")[2].partition("}")[0].split(","))
    assert {name for name in CORE if (SOURCE / name).is_dir()} <= banned


def contract_called(start: str) -> dict[str, Any]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (contract,) = [contract for contract in contracts if contract["name"].startswith(start)]
    return dict(contract)


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import json, sys, watchkeeper; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    loaded = json.loads(subprocess.check_output([sys.executable, "-c", code]))
    assert not HEAVY & set(loaded)


def test_the_listed_names_are_the_public_names() -> None:
    listed: list[str] = getattr(watchkeeper, "__all__", [])
    assert len(listed) == len(set(listed))
    assert set(listed) <= set(dir(watchkeeper))
    assert {"compare", "Comparison", "backtest", "Backtest"} <= set(listed)
