"""Asking a peer: a script of bench/peers, run in the peer's own environment, files in and JSON out."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from bench.detection.cell import Counts
from bench.detection.setting import Missing, Setting
from bench.environments import CannotInstall, python_of

SCRIPTS = Path(__file__).parents[1] / "peers"


def asked(
    environment: str, script: str, setting: Setting, files: Mapping[str, Callable[[Path], object]], *words: str
) -> Counts:
    """What `script` answers: its arguments are the files, written in order, then `words`, then the file of its answer.

    Raises Missing where the environment is not to be had, or the script fails.
    """
    if setting.environments is None:
        raise Missing("no --environments")
    try:
        python = python_of(environment, setting.environments)
    except CannotInstall as error:
        raise Missing(str(error)) from error
    with tempfile.TemporaryDirectory(prefix="bench-peer-") as folder:
        paths = [Path(folder) / name for name in files]
        for path, write in zip(paths, files.values(), strict=True):
            write(path)
        result = Path(folder) / "result.json"
        command = [str(python), str(SCRIPTS / script), *map(str, paths), *words, str(result)]
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=_environment())
        if done.returncode:
            last = done.stderr.strip().splitlines()[-1:] or ["no message"]
            raise Missing(f"{environment} failed: {last[0]}")
        found: Counts = json.loads(result.read_text())
        return found


def _environment() -> dict[str, str]:
    """Ours without what would make the peer import our packages."""
    return {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
