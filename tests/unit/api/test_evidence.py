from __future__ import annotations

import pytest

from tests.helpers.seed import DAY, START
from watchkeeper.api.context import Context
from watchkeeper.api.evidence import distances, history, key_of, window_at, window_view
from watchkeeper.events.errors import NotFound


def test_windows_by_time(context: Context) -> None:
    windows = history(context, context.version("delays"))
    assert [window.window_start for window in windows] == [START + day * DAY for day in range(30)]
    assert len(history(context, context.version("delays"), limit=5)) == 5


def test_the_newest_or_the_named_window(context: Context) -> None:
    version = context.version("delays")
    newest, first = window_at(context, version, None), window_at(context, version, START)
    assert newest is not None
    assert first is not None
    assert (newest.window_start, first.window_start) == (START + 29 * DAY, START)
    with pytest.raises(NotFound, match="timeline"):
        window_at(context, version, START + 1)
    assert window_view(first).end == START + DAY


def test_distances_are_by_column(context: Context) -> None:
    newest = window_at(context, context.version("delays"), None)
    assert newest is not None
    found = distances(newest)
    assert 0 < found["input.carrier"] <= 1
    assert {key_of(finding) for finding in newest.body.findings} >= set(found)


def test_a_window_says_how_often_ordinary_blocks_would_have_alarmed(context: Context) -> None:
    newest = window_at(context, context.version("delays"), None)
    assert newest is not None
    check = window_view(newest).check
    assert check is not None
    assert check.blocks == 60
    assert check == newest.body.check
