import io

import msgspec
from rich.console import Console

from tests.unit.demo.test_results import COUNTS, alert, all_found, calm
from watchkeeper.alerts.cause import Cause
from watchkeeper.demo.breaks import BREAKS
from watchkeeper.demo.estimated import EstimatedMonth, EstimatedYear
from watchkeeper.demo.flights import midnight
from watchkeeper.demo.realised import Part, RealisedYear
from watchkeeper.demo.replay import Totals
from watchkeeper.demo.results import DemoResult, settle
from watchkeeper.demo.telling import progress_bar, tell
from watchkeeper.performance.track_record import TrackRecord


def told(result: DemoResult) -> str:
    out = io.StringIO()
    tell(Console(file=out, width=160), result)
    return out.getvalue()


def result(alerts: list[object] | None = None) -> DemoResult:
    given = all_found() if alerts is None else alerts
    return settle(given, calm(), COUNTS, model_auc=0.67, seconds=9.0, console="http://127.0.0.1:1")  # type: ignore[arg-type]


def test_every_break_is_told_with_its_feature_and_days() -> None:
    text = told(result())
    for fault in BREAKS:
        assert fault.feature in text
        assert f"{fault.first:%d %b}" in text
    assert "Every planted break was found" in text


def test_a_missed_break_is_told_as_missed() -> None:
    text = told(result([]))
    assert text.count("not found") == len(BREAKS)
    assert "Not everything went as planned" in text


def test_real_movement_and_control_alarms_have_their_own_places() -> None:
    storm = alert("precipitation", BREAKS[0].end, cause=Cause.OUT_OF_RANGE)
    text = told(result([*all_found(), storm]))
    assert "Found, not planted" in text
    assert "precipitation changed" in text


def test_counts_tell_what_never_gets_a_label() -> None:
    assert "1 flights were cancelled and 0 diverted: they never get a label" in " ".join(told(result()).split())


def test_bar_follows_event_time() -> None:
    out = io.StringIO()
    start = midnight(BREAKS[0].first)
    with progress_bar(Console(file=out, force_terminal=True, width=120), start, start + 10 * 86_400) as bar:
        bar.show(Totals(now=start + 5 * 86_400, predictions=4321))
    assert "4,321 predictions" in out.getvalue()


def test_what_labels_said_is_told_by_month_and_by_carrier() -> None:
    part = Part(name="2013-05", predictions=2000, labels=1950, value=0.59, low=0.58, high=0.6, late=0.22)
    carriers = tuple(
        msgspec.structs.replace(part, name=name, value=value) for name, value in (("UA", 0.61), ("WN", 0.67))
    )
    silent = Part(name="OO", predictions=3, labels=0, value=None, low=None, high=None, late=None)
    year = RealisedYear(
        metric="roc_auc", predictions=2000, labels=1950, coverage=0.975, months=(part, silent), carriers=carriers
    )
    text = " ".join(told(msgspec.structs.replace(result(), realised=year)).split())
    assert "2013-05 2,000 97.5% 22.0% 0.590 0.580 to 0.600" in text
    assert "from UA 0.61 (0.58 to 0.60) to WN 0.67" in text
    assert "Labels came for 97.5% of flights" in text
    assert "/models/flights/performance" in text
    assert "Realised" not in told(result())


def test_harm_stands_with_the_break_that_did_it() -> None:
    harm = alert("error", BREAKS[0].first, cause=Cause.HARM)
    assert "harm seen on labels after distance in kilometres" in told(result([*all_found(), harm]))


def test_estimates_stand_beside_the_truth_with_their_record() -> None:
    record = TrackRecord(
        estimator="confidence", metric="roc_auc", windows=200, coverage=0.9, error=0.03, naive_error=0.02, note="worse"
    )
    months = (EstimatedMonth(name="2013-05", days=31, estimated=0.612, realised=0.587),)
    year = EstimatedYear(metric="roc_auc", method="confidence", months=months, record=record)
    text = " ".join(told(msgspec.structs.replace(result(), estimated=year)).split())
    assert "2013-05 31 0.612 0.587" in text
    assert "off by 0.030 on average, where guessing that nothing changes is off by 0.020; 90%" in text
    assert "never alarms: worse." in text
    good = msgspec.structs.replace(year, record=msgspec.structs.replace(record, good=True, note=""))
    assert "never alarms" not in told(msgspec.structs.replace(result(), estimated=good))
    young = msgspec.structs.replace(year, record=TrackRecord(estimator="confidence", metric="roc_auc", windows=0))
    assert "Its record: no record yet." in told(msgspec.structs.replace(result(), estimated=young))
    assert "Estimated without labels" not in told(result())
