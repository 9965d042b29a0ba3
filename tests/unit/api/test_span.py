from __future__ import annotations

import pytest

from tests.helpers.seed import DAY, NOW, START
from watchkeeper.api.context import Context
from watchkeeper.api.span import Span, moment, newest_event, span
from watchkeeper.events.errors import BadInput


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("  ", None),
        ("0", 0),
        ("1370044800.5", 1370044800.5),
        ("1970-01-02", 86400),
        ("1970-01-01T01:00:00Z", 3600),
        ("1970-01-01T01:00:00+01:00", 0),
    ],
)
def test_a_time_in_either_form(text: str | None, seconds: float | None) -> None:
    assert moment(text, "start") == seconds


@pytest.mark.parametrize("text", ["yesterday", "nan", "inf", "-1", "1e99", "2013-13-01", "'; DROP TABLE"])
def test_other_texts_are_refused_by_name(text: str) -> None:
    with pytest.raises(BadInput, match="start="):
        moment(text, "start")


def test_what_is_left_out_is_the_last_thirty_windows(context: Context) -> None:
    found = span(context, context.version("delays"), None, None)
    assert found == Span(start=START, end=START + 30 * DAY)


def test_half_a_span_is_completed(context: Context) -> None:
    version = context.version("delays")
    assert span(context, version, str(START + DAY), None).start == START + DAY
    assert span(context, version, None, str(START + DAY)).end == START + DAY


def test_a_span_runs_forwards(context: Context) -> None:
    with pytest.raises(BadInput, match="before end"):
        span(context, context.version("delays"), "10", "10")


def test_before_the_first_event_the_clock_counts(context: Context, empty: Context) -> None:
    assert newest_event(empty, context.version("delays")) == NOW
    assert newest_event(context, context.version("delays")) < NOW
