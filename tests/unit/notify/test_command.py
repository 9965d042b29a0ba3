"""Real programs that answer, fail, hang, talk too much, and leave others behind."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

import pytest

from watchkeeper.notify import command
from watchkeeper.notify.command import Command, Stopped
from watchkeeper.notify.sender import DeliveryError

LARGE = b"x" * (1 << 20)


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def test_it_is_given_all_and_what_it_says_comes_back() -> None:
    loud = "import sys; text = sys.stdin.buffer.read(); sys.stderr.write('x' * 999999); sys.stdout.buffer.write(text)"
    assert Command(python(loud), timeout=30)(LARGE, "k") == LARGE


def test_no_shell_and_none_of_our_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHKEEPER_WEBHOOK_SECRET", "s")
    code = "import os, sys; print([n for n in os.environ if n.startswith('WATCH')], sys.argv[1:], end='')"
    assert Command((*python(code), "$HOME; ls"), timeout=30)(b"", "k") == b"[] ['$HOME; ls']"


def test_one_that_does_not_listen_may_answer_all_the_same() -> None:
    assert Command(python("print(1)"), timeout=30)(LARGE, "k") == b"1\n"


def test_its_last_words_are_told_however_it_ends() -> None:
    told: list[str] = []
    code = "import sys; [print('line', k, file=sys.stderr) for k in range(9)]; sys.exit(1)"
    with pytest.raises(DeliveryError, match="ended with status 1"):
        Command(python(code), timeout=30, tell=told.append)(b"", "k")
    assert told == ["line 4\nline 5\nline 6\nline 7\nline 8"]


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("/nowhere/rate",), "cannot be run"),
        (python("import os; os.kill(os.getpid(), 9)"), "ended by signal 9"),
        (python("import sys; sys.stdin.close(); sys.exit(3)"), "status 3"),
    ],
)
def test_what_fails_is_said(words: tuple[str, ...], fault: str) -> None:
    with pytest.raises(DeliveryError, match=fault):
        Command(words, timeout=30)(b"{}", "k")


def test_one_that_hangs_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    child = f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(99)"
    code = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {child!r}]); time.sleep(99)"
    with pytest.raises(DeliveryError, match="no answer within 2 s"):
        Command(python(code), timeout=2)(b"{}", "k")
    assert is_gone(int((tmp_path / "pid").read_text()))


def test_what_it_leaves_behind_is_ended_and_not_waited_for() -> None:
    child = "import time; time.sleep(99)"
    code = f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {child!r}]).pid)"
    assert is_gone(int(Command(python(code), timeout=60)(b"{}", "k")))


def test_a_hundred_megabytes_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "LARGEST_ANSWER", 1 << 20)
    with pytest.raises(DeliveryError, match="more than 1 MiB"):
        Command(python("import sys\nfor _ in range(100): sys.stdout.write('x' * 1_000_000)"), timeout=60)(b"", "k")


def test_it_is_ended_when_whoever_asks_must_stop() -> None:
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    with pytest.raises(Stopped):
        Command(python("import time; time.sleep(99)"), timeout=60, stopped=stop.is_set)(b"", "k")


def is_gone(pid: int) -> bool:
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            os.kill(pid, 0)
        except (OSError, IndexError):
            return True
        if state == "Z":  # dead, and only not yet taken note of
            return True
        time.sleep(0.05)
    return False
