"""The wheel, installed with no extras in an environment of its own, shows its help and compares two files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).parents[2]
ROWS = 4_000
LARGEST_WHEEL = 6_000_000  # bytes; the flights of the demo are most of it

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def uv() -> str:
    local = ROOT / ".uv" / "bin" / "uv"
    found = str(local) if local.exists() else shutil.which("uv")
    assert found, "uv is missing: run `make env`"
    return found


@pytest.fixture(scope="module")
def wheel(uv: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    subprocess.run([uv, "build", "--quiet", "--wheel", "--out-dir", str(out), str(ROOT)], check=True)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(uv: str, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of programs of an environment that holds the wheel and what it requires, no more."""
    environment = tmp_path_factory.mktemp("env") / "venv"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(environment)], check=True)
    python = environment / "bin" / "python"
    subprocess.run([uv, "pip", "install", "--quiet", "--python", str(python), str(wheel)], check=True)
    return environment / "bin"


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`reference`, `same` from the same distribution, `moved` with one column a standard deviation off."""
    directory = tmp_path_factory.mktemp("tables")
    rng = np.random.default_rng(7)
    for name, shift in (("reference", 0.0), ("same", 0.0), ("moved", 1.0)):
        columns = {"amount": rng.normal(10 + shift, 1, ROWS), "kind": rng.choice(["a", "b", "c"], ROWS)}
        pq.write_table(pa.table(columns), directory / f"{name}.parquet")
    (directory / "broken.parquet").write_bytes(b"PAR1 and nothing more")
    return directory


def run(program: Path, *args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return subprocess.run([str(program), *args], cwd=cwd, env=environ, capture_output=True, text=True, check=False)


def test_the_wheel_holds_what_the_package_needs(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    shipped = {str(path.relative_to(ROOT / "src")) for path in (ROOT / "src").rglob("*") if is_part(path)}
    assert shipped <= names
    assert "watchkeeper/py.typed" in names
    assert wheel.stat().st_size < LARGEST_WHEEL


def is_part(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts


def test_no_extra_is_installed(installed: Path, tables: Path) -> None:
    heavy = ["sklearn", "onnxruntime", "lightgbm", "xgboost", "pandas", "polars", "torch", "grpc"]
    code = f"from importlib.util import find_spec; print([name for name in {heavy!r} if find_spec(name)])"
    assert run(installed / "python", "-c", code, cwd=tables).stdout.strip() == "[]"


def test_help(installed: Path, tables: Path) -> None:
    done = run(installed / "watchkeeper", "--help", cwd=tables)
    assert done.returncode == 0, done.stderr
    assert "compare" in done.stdout


@pytest.mark.parametrize(
    ("current", "status"), [("same.parquet", 0), ("moved.parquet", 1), ("broken.parquet", 2), ("absent.parquet", 2)]
)
def test_compare_ends_with_its_status(installed: Path, tables: Path, current: str, status: int) -> None:
    done = run(installed / "watchkeeper", "compare", "reference.parquet", current, cwd=tables)
    assert done.returncode == status, done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_compare_names_the_column_that_moved(installed: Path, tables: Path) -> None:
    done = run(installed / "watchkeeper", "compare", "reference.parquet", "moved.parquet", "--json", cwd=tables)
    alarmed = {item["feature"] for item in json.loads(done.stdout)["findings"] if item["verdict"] == "alarm"}
    assert alarmed == {"amount"}
