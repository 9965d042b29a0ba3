"""What a backtest tells, as records: a window, an alert, the harm there was, and the sums. They are its JSON too.

Times are ISO 8601 in UTC. Whatever could not be known is null, never 0.
"""

from __future__ import annotations

import msgspec

from watchkeeper.alerts.cause import Cause, Severity
from watchkeeper.detectors.finding import Finding
from watchkeeper.events.verdict import Verdict
from watchkeeper.performance.metric import Metric
from watchkeeper.performance.track_record import TrackRecord


class HarmSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What the labels of a window showed, once they had come: `told_at` is the end of the window that told it."""

    told_at: str
    finding: Finding


class WindowRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One window of `n` rows as it was judged when it closed, and what labels said of it later.

    `findings` are those that alarm or warn; `silent` counts the columns with none such by their verdict. `opened` and
    `closed` name the alerts told when the window closed, `firing` those that fired then. `labelled` rows have a label.
    `realised` are measures of performance by name on labels, `estimated` those without, by method and name. `harmed`
    says whether the loss lies beyond the harm line; it is hindsight, which no alarm uses. `harm` is what the harm
    monitor said.
    """

    start: str
    end: str
    n: int
    verdict: Verdict
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    silent: dict[str, int] = {}
    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    firing: tuple[str, ...] = ()
    labelled: int | None = None
    loss: float | None = None
    harmed: bool | None = None
    realised: dict[str, Metric] = {}
    estimated: dict[str, dict[str, Metric]] = {}
    harm: HarmSeen | None = None

    @property
    def data_alarms(self) -> tuple[Finding, ...]:
        """The findings on data that alarm."""
        return tuple(finding for finding in self.findings if finding.verdict is Verdict.ALARM)


class AlertRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An alert that would have been told.

    Its words are those in which it was told. `onset` is the start of the window it began in, `told_at` the end of the
    one that closed as it was told, `resolved_at` the same for the all-clear (null: it still fires at the end). While it
    lasted, from the onset on, `windows` had rows; `harmed` of them were harmed (null without labels).
    """

    id: str
    cause: Cause
    severity: Severity
    features: tuple[str, ...]
    title: str
    summary: str
    next_step: str
    onset: str
    told_at: str = ""
    resolved_at: str | None = None
    windows: int
    harmed: int | None = None

    @property
    def in_vain(self) -> bool:
        """Whether it woke somebody about data while performance was as ever."""
        return self.severity is Severity.PAGE and self.cause is not Cause.HARM and self.harmed == 0


class HarmSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What truly happened to performance, and who said so.

    `loss` names the measure; `ordinary` and `ordinary_sd` are its mean and movement over `blocks` blocks of the
    reference, `line` the loss from which a window counts as harmed: 1.2 times the mean, and the mean plus 2 sd. Of
    `labelled_windows`, `harmed` were: `seen` by the harm monitor, `alarmed` by the data of the same window, `estimated`
    without labels (null: not estimated). `episodes` are runs of harmed windows; `found` of them were told, after
    `delay_windows` windows in the median, of which waiting for labels took `label_windows`. `harm_in_vain` counts
    alarms of harm on windows not harmed.
    """

    loss: str
    ordinary: float | None
    ordinary_sd: float | None
    line: float | None
    blocks: int
    labelled_windows: int
    harmed: int
    seen: int
    alarmed: int
    estimated: int | None
    episodes: int
    found: int
    delay_windows: float | None
    label_windows: int
    harm_in_vain: int


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The sums. A month is 30 days; a page is an alert worth waking somebody.

    `alarms` counts windows that alarm as unusual, which is what the budget is for; `broken` those that alarm for broken
    data. `in_vain` are pages about data while no window of theirs was harmed (null without labels).
    """

    windows: int
    empty: int
    rows: int
    months: float
    budget_per_month: float
    verdicts: dict[str, int]
    alarms: int
    alarms_per_month: float
    broken: int
    pages: int
    pages_per_month: float
    in_vain: int | None
    harm: HarmSummary | None


class BacktestDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A history replayed: what would have been alarmed and when, beside what truly happened to performance.

    `estimates` are the records of what was estimated without labels, by metric and method, those of the loss first; of
    methods the one with the better record of the loss comes first.
    """

    schema: str
    name: str
    task: str
    classes: tuple[str, ...]
    window_seconds: int
    label_delay_seconds: int
    reference_until: str
    reference_rows: int
    reference_blocks: int
    notes: tuple[str, ...]
    summary: Summary
    alerts: tuple[AlertRecord, ...]
    windows: tuple[WindowRecord, ...]
    estimates: tuple[TrackRecord, ...] = ()
