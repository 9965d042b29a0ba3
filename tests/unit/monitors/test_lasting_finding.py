from __future__ import annotations

import numpy as np
import pytest

from tests.unit.monitors.streams import DAY
from watchkeeper.detectors.finding import Statement
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.findings import Seen
from watchkeeper.monitors.judge import Judge
from watchkeeper.monitors.lasting_finding import lasting_finding
from watchkeeper.monitors.persistence import Lasting
from watchkeeper.reference.reference import Reference

STARTS = np.arange(10) * DAY


def found(judge: Judge, statistic: float, *, exchangeable: bool = True, age: int = 1) -> tuple[Seen, Lasting]:
    columns = len(judge.baseline.columns)
    path = np.zeros((len(STARTS), columns))
    path[-age:] = statistic
    lasting = Lasting(
        since=np.full(columns, 4),
        part=np.zeros(columns, np.int64),
        effect=np.full(columns, 0.07),
        exchangeable=np.full(columns, exchangeable),
        path=path,
    )
    return Seen(judge.baseline, "input.price", judge.baseline.reference.whole.counts, 500, None), lasting


def test_against_blocks_it_is_a_notice_with_its_beginning(judge: Judge) -> None:
    finding = lasting_finding(*found(judge, 1e6), 0, STARTS)
    assert finding is not None
    assert (finding.statement, finding.verdict, finding.null) == (Statement.MOVED, Verdict.WARN, "blocks")
    assert "+0.07" in finding.sentence
    assert "for 6 windows, since 1970-01-05 00:00 UTC" in finding.sentence


def test_a_notice_is_news_for_three_windows_and_an_alarm_lasts(judge: Judge, untimed: Reference) -> None:
    ages = {age: lasting_finding(*found(judge, 1e6, age=age), 0, STARTS) for age in (3, 4)}
    assert [finding.verdict for finding in ages.values() if finding] == [Verdict.WARN, Verdict.OK]
    assert ages[4] is not None
    assert "told when it began" in ages[4].note
    alarm = lasting_finding(*found(Judge(untimed), 1e6, age=9), 0, STARTS)
    assert alarm is not None
    assert alarm.verdict is Verdict.ALARM


@pytest.mark.parametrize(("exchangeable", "verdict"), [(True, Verdict.ALARM), (False, Verdict.WARN)])
def test_against_rows_it_alarms_only_where_windows_show_no_movement(
    untimed: Reference, exchangeable: bool, verdict: Verdict
) -> None:
    finding = lasting_finding(*found(Judge(untimed), 1e6, exchangeable=exchangeable), 0, STARTS)
    assert finding is not None
    assert finding.verdict is verdict
    assert finding.null == "rows"


def test_below_the_threshold_nothing_is_said(judge: Judge) -> None:
    threshold = judge.policy.patience * len(judge.baseline.columns)
    assert lasting_finding(*found(judge, threshold * 0.99), 0, STARTS) is None
