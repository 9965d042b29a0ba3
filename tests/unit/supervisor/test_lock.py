"""One process of a kind for each directory; a dead one locks nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from watchkeeper.events.errors import Conflict
from watchkeeper.supervisor.lock import hold, read_pid

HOLDER = """
import os, sys
from pathlib import Path
from watchkeeper.supervisor.lock import hold
with hold(Path(sys.argv[1]), "watch"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_it_names_its_holder(tmp_path: Path) -> None:
    with hold(tmp_path / "run", "watch") as path:
        assert read_pid(path) == os.getpid()
    assert read_pid(path) is None


def test_two_kinds_do_not_meet(tmp_path: Path) -> None:
    with hold(tmp_path, "watch"), hold(tmp_path, "console"):
        pass


def test_a_second_process_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(Conflict, match=f"process {holder.pid}"), hold(tmp_path, "watch"):
            pass
        holder.kill()
    with hold(tmp_path, "watch"):
        pass


def test_a_file_that_is_no_pid_file(tmp_path: Path) -> None:
    (tmp_path / "x.pid").write_text("?")
    assert read_pid(tmp_path / "x.pid") is None
    assert read_pid(tmp_path / "none.pid") is None


def test_a_data_directory_that_is_made_here_is_its_owners_alone(tmp_path: Path) -> None:
    with hold(tmp_path / "data" / "run", "up"):
        assert {oct(path.stat().st_mode & 0o077) for path in (tmp_path / "data", tmp_path / "data" / "run")} == {"0o0"}
