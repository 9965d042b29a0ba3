from __future__ import annotations

import numpy as np

from tests.helpers.histories import A_DAY, MISSING, TURNED, replayed
from watchkeeper.alerts.cause import Cause
from watchkeeper.backtest.assemble import Calendar

FIRST = 40  # the day of the first window


def test_a_calendar_knows_when_windows_are() -> None:
    calendar = Calendar(np.array([86_400, 172_800]), np.array([1, 2]), 86_400)
    assert (calendar.start(0), calendar.end(1)) == ("1970-01-02T00:00:00Z", "1970-01-04T00:00:00Z")
    assert calendar.place(172_800) == 1


def test_alerts_say_when_they_began_were_told_and_ended() -> None:
    missing, harm = replayed().alerts
    assert (missing.cause, missing.title) == (Cause.MISSING, "missing values in x")
    assert missing.onset == replayed().windows[MISSING[0] - FIRST].start
    assert missing.told_at == replayed().windows[MISSING[0] - FIRST].end
    assert missing.resolved_at == replayed().windows[MISSING[1] - FIRST + 1].end
    assert (missing.windows, missing.harmed) == (MISSING[1] - MISSING[0] + 2, 0)
    assert harm.cause is Cause.HARM
    assert harm.harmed == TURNED[1] - TURNED[0]


def test_harm_is_told_two_windows_after_its_own_for_labels_take_two_days() -> None:
    turned = replayed().windows[TURNED[0] - FIRST]
    assert turned.harm is not None
    assert (turned.harm.finding.verdict.value, turned.harm.told_at) == ("alarm", "1970-03-15T00:00:00Z")
    harm = replayed().alerts[1]
    assert (harm.onset, harm.told_at) == (turned.start, turned.harm.told_at)
    assert replayed().windows[-1].harm is None, "its labels come after the end"


def test_windows_tell_what_was_opened_and_closed_and_still_fires() -> None:
    windows, (missing, _) = replayed().windows, replayed().alerts
    assert [w.start for w in windows if missing.id in w.opened] == [missing.onset]
    assert [w.end for w in windows if missing.id in w.closed] == [missing.resolved_at]
    firing = [place for place, w in enumerate(windows) if missing.id in w.firing]
    assert firing == list(range(MISSING[0] - FIRST, MISSING[1] - FIRST + 1))
    assert {(w.n, w.labelled) for w in windows} == {(A_DAY, A_DAY)}


def test_without_labels_nothing_is_said_of_them() -> None:
    window = replayed(labels=False).windows[0]
    assert (window.labelled, window.loss, window.harmed, window.harm) == (None, None, None, None)
    assert replayed(labels=False).alerts[0].harmed is None
