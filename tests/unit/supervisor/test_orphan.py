"""A child ends when its supervisor's end of the pipe closes."""

from __future__ import annotations

import os
import threading

from watchkeeper.supervisor.orphan import end_with_supervisor


def test_the_end_of_the_pipe_ends_the_child() -> None:
    read, write = os.pipe()
    ended = threading.Event()
    thread = end_with_supervisor(ended.set, read)
    os.write(write, b"x")
    assert not ended.wait(0.05)
    os.close(write)
    assert ended.wait(5)
    thread.join(5)
    os.close(read)
