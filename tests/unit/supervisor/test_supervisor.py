"""Real children: kept running, told of, ended in order."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from watchkeeper.supervisor.restarts import RestartPolicy
from watchkeeper.supervisor.supervisor import BAD_INPUT, Child, Supervisor, Told

POLICY = RestartPolicy(first=0.01, cap=0.02, healthy=60.0, loop=3)
SLEEPS = "import time; time.sleep(60)"
STUBBORN = (
    "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); open(sys.argv[1], 'w'); time.sleep(60)"
)


class Running:
    """A supervisor in a thread, with what it told."""

    def __init__(self, *children: Child, grace: float = 5.0, hung_after: float = 60.0) -> None:
        self.told: list[Told] = []
        self.status: int | None = None
        self.supervisor = Supervisor(
            children,
            environment=dict(os.environ),
            tell=self.told.append,
            policy=POLICY,
            grace=grace,
            hung_after=hung_after,
        )
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        self.status = self.supervisor.run()

    def events(self, name: str) -> list[Told]:
        return [told for told in self.told if told.event == name]

    def wait(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < deadline, self.told
            time.sleep(0.01)


@contextmanager
def running(*children: Child, grace: float = 5.0, hung_after: float = 60.0) -> Iterator[Running]:
    run = Running(*children, grace=grace, hung_after=hung_after)
    run.thread.start()
    try:
        yield run
    finally:
        run.supervisor.stop()
        run.thread.join(10)
        assert not run.thread.is_alive()


def child(code: str, *arguments: str, name: str = "a", ready: bool = True) -> Child:
    return Child(name=name, command=(sys.executable, "-S", "-c", code, *arguments), ready=lambda: ready)


def test_children_run_until_stopped() -> None:
    with running(child(SLEEPS), child(SLEEPS, name="b")) as run:
        run.wait(lambda: bool(run.events("ready")))
        pids = run.supervisor.pids
        assert set(pids) == {"a", "b"}
    assert run.status == 0
    for pid in pids.values():
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_killed_child_is_started_again() -> None:
    with running(child(SLEEPS)) as run:
        run.wait(lambda: "a" in run.supervisor.pids)
        first = run.supervisor.pids["a"]
        os.kill(first, signal.SIGKILL)
        run.wait(lambda: run.supervisor.pids.get("a", first) != first)
    assert run.events("died")[0].text == "was killed by SIGKILL"


def test_a_child_that_hangs_is_killed_and_started_again(tmp_path: Path) -> None:
    beat = tmp_path / "a.beat"
    beat.touch()
    hangs = msgspec.structs.replace(child(SLEEPS), beat=beat)
    with running(hangs, hung_after=0.1) as run:
        run.wait(lambda: bool(run.events("died")))
        run.wait(lambda: len(run.events("started")) > 1)
    assert "no sign of life" in run.events("hung")[0].text


def test_a_child_that_beats_or_has_never_beaten_is_left_alone(tmp_path: Path) -> None:
    beats = "import pathlib, sys, time\nwhile True: pathlib.Path(sys.argv[1]).touch(); time.sleep(0.02)"
    beating = msgspec.structs.replace(child(beats, str(tmp_path / "a.beat")), beat=tmp_path / "a.beat")
    silent = msgspec.structs.replace(child(SLEEPS, name="b"), beat=tmp_path / "b.beat")
    with running(beating, silent, hung_after=0.5) as run:
        run.wait((tmp_path / "a.beat").exists)
        time.sleep(0.2)
        assert run.events("hung") == []


def test_a_crash_loop_is_told() -> None:
    with running(child("raise SystemExit(3)")) as run:
        run.wait(lambda: bool(run.events("looping")))
    assert "ended with status 3 3 times in a row" in run.events("looping")[0].text


def test_bad_input_ends_everything() -> None:
    with running(child(SLEEPS, ready=False), child(f"raise SystemExit({BAD_INPUT})", name="b")) as run:
        run.thread.join(10)
        assert run.status == BAD_INPUT
        assert run.supervisor.pids.keys() <= {"a"}


def test_bad_input_after_all_were_ready_is_a_death_like_any_other(tmp_path: Path) -> None:
    waits = "import pathlib, sys, time\nwhile not pathlib.Path(sys.argv[1]).exists(): time.sleep(0.01)\n"
    full = tmp_path / "full"
    with running(child(SLEEPS), child(f"{waits}sys.exit({BAD_INPUT})", str(full), name="b")) as run:
        run.wait(lambda: bool(run.events("ready")))
        full.touch()
        run.wait(lambda: len([told for told in run.events("started") if told.child == "b"]) > 1)
        assert run.status is None


def test_a_child_that_will_not_end_is_killed(tmp_path: Path) -> None:
    began = tmp_path / "began"
    with running(child(STUBBORN, str(began)), grace=0.2) as run:
        run.wait(began.exists)
        before = time.monotonic()
    assert time.monotonic() - before < 5
    assert run.status == 0


def test_a_second_stop_kills_at_once(tmp_path: Path) -> None:
    began = tmp_path / "began"
    with running(child(STUBBORN, str(began)), grace=60.0) as run:
        run.wait(began.exists)
        run.supervisor.stop()
        run.wait(lambda: bool(run.events("stopping")))
    assert run.status == 0


def test_nothing_is_ready_before_it_says_so() -> None:
    with running(child(SLEEPS, ready=False)) as run:
        run.wait(lambda: "a" in run.supervisor.pids)
        time.sleep(0.15)
        assert run.events("ready") == []


def test_children_inherit_what_they_are_given() -> None:
    read, write = os.pipe()
    code = "import os, sys, time; os.write(int(sys.argv[1]), b'x'); time.sleep(60)"
    inherits = Child(name="a", command=(sys.executable, "-c", code, str(write)), ready=lambda: True, fds=(write,))
    with running(inherits):
        assert os.read(read, 1) == b"x"
    os.close(read)
    os.close(write)


def test_signals_stop_it_in_the_main_thread() -> None:
    told: list[Told] = []

    def tell(what: Told) -> None:
        told.append(what)
        if what.event == "ready":
            os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    supervisor = Supervisor([child(SLEEPS)], environment=dict(os.environ), tell=tell, policy=POLICY)
    assert supervisor.run() == 0
    assert signal.getsignal(signal.SIGTERM) is before
