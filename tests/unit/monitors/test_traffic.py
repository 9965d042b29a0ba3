from __future__ import annotations

from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.traffic import judge_silence


def test_silence_warns_and_then_alarms() -> None:
    assert [judge_silence(0, quiet).verdict for quiet in (1, 2, 3)] == [Verdict.WARN, Verdict.ALARM, Verdict.ALARM]
    assert judge_silence(5, 3).verdict is Verdict.OK


def test_it_is_said_in_words() -> None:
    assert judge_silence(0, 1).sentence == "No request in 1 window in a row."
    assert judge_silence(0, 3).sentence == "No request in 3 windows in a row."
    assert judge_silence(1200, 1).sentence == "1,200 requests."
