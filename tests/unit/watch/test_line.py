"""Nobody is forgotten, and nobody waits longer than the others."""

from __future__ import annotations

from itertools import count

from watchkeeper.watch.line import Line


def test_who_waited_is_looked_at_before_the_others_are_again() -> None:
    line, ticks = Line[str](), count()
    seen: list[str] = []
    for _ in range(5):
        line.line_up("abcde")
        seen += line.take(next(ticks) + 3, lambda: next(ticks))
    assert seen == list("abcdeabcde")


def test_who_has_gone_waits_no_more_and_who_is_not_done_waits_again() -> None:
    line = Line[str]()
    line.line_up("abc")
    line.line_up("cda")
    taken = line.take(1.0, lambda: 0.0)
    assert next(taken) == "a"
    line.again("a")
    assert list(taken) == ["c", "d", "a"]
