"""Throw-away environments for peers: what they pin, in a folder of their own, never in ours."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

# Known troubles, November 2026: evidently imports a private name that pandas 3 removed; MLServer with workers dies on
# uvloop 0.23; NannyML imports statsmodels without declaring it. alibi-detect (BSL) is only ever measured.
PEERS: dict[str, tuple[str, ...]] = {
    "mlserver": ("mlserver==1.7.1", "mlserver-sklearn==1.7.1", "uvloop<0.22"),
    "kserve": ("kserve==0.21.0", "scikit-learn"),
    "bentoml": ("bentoml==1.4.39", "scikit-learn"),
    "evidently": ("evidently==0.7.23", "pandas<3", "pyarrow"),
    "whylogs": ("whylogs[viz]==1.6.4", "pandas<3", "pyarrow"),
    "nannyml": ("nannyml==0.13.1", "statsmodels", "pandas<3", "pyarrow"),
    "alibi-detect": ("alibi-detect==0.13.0", "pandas<3", "pyarrow<21"),
    "river": ("river==0.26.1", "pandas<3", "pyarrow"),
}


class CannotInstall(Exception):
    """The peer could not be installed here; the bench goes on without it and says so."""


def python_of(peer: str, root: Path) -> Path:
    """The Python of the peer's environment under `root`, installed at the first call."""
    home = root / peer
    python = home / "bin" / "python"
    done = home / "installed"
    if not done.exists():
        print(f"installing {peer} into {home} …", flush=True)
        _run(*_venv_command(home))
        _run(*_install_command(python), *PEERS[peer])
        done.touch()
    return python


def version_in(python: Path, package: str) -> str:
    """The version of a package inside an environment."""
    code = f"from importlib.metadata import version; print(version({package!r}))"
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def _uv() -> str | None:
    return os.environ.get("UV") or shutil.which("uv")


def _venv_command(home: Path) -> list[str]:
    uv = _uv()
    return (
        [uv, "venv", "-q", "--clear", "-p", sys.executable, str(home)]
        if uv
        else [sys.executable, "-m", "venv", str(home)]
    )


def _install_command(python: Path) -> list[str]:
    uv = _uv()
    return [uv, "pip", "install", "-q", "-p", str(python)] if uv else [str(python), "-m", "pip", "install", "-q"]


def _run(*command: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise CannotInstall(f"{' '.join(command[:4])} …: {done.stderr.strip()[-400:]}")
