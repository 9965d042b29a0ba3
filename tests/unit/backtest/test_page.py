from __future__ import annotations

import msgspec
import pytest

from tests.helpers.histories import TURNED, replayed
from watchkeeper.backtest.page import SHOWN, _shared, backtest_html, backtest_page
from watchkeeper.backtest.records import BacktestDocument
from watchkeeper.events.verdict import Verdict

DOCUMENT = replayed().document


def test_everything_is_on_the_page() -> None:
    page = backtest_page(DOCUMENT)
    assert page.title == "history, 1970-02-10 to 1970-04-01"
    assert page.headline.startswith("2 pages")
    assert [(row.about, row.outcome) for row in page.alerts] == [
        ("Missing values in x", "as ever"),
        ("Harm seen in error", "10 of 13 harmed"),
    ]
    assert page.performance is not None
    assert page.timeline is not None
    assert ("Budget", "1 a month", "false alarms that are accepted") in page.facts


def test_windows_that_alarmed_or_were_harmed_open() -> None:
    windows = backtest_page(DOCUMENT).windows
    (turned,) = [window for window in windows if window.when == "1970-03-12"]
    assert turned.performance == "error 81.7 % on 60 labels, harmed; estimated without labels 15.6 %"
    assert turned.harm.startswith("Told on 1970-03-15, when its labels had come: alarm. The error rose")
    (missing,) = [window for window in windows if window.when == "1970-02-25"]
    assert missing.findings[0].verdict == "alarm"
    assert missing.findings[0].detector.startswith("x: missing (")
    assert (missing.verdict, turned.verdict) == ("data alarm", "data ok")
    assert len(windows) >= TURNED[1] - TURNED[0] + 4


def test_a_long_list_is_cut_and_says_so() -> None:
    page = backtest_page(msgspec.structs.replace(DOCUMENT, windows=DOCUMENT.windows * 20))
    assert len(page.windows) == SHOWN
    assert page.more_windows > 0


def test_very_many_windows_share_cells() -> None:
    verdicts = (None, Verdict.OK, Verdict.ALARM, None, None)
    assert _shared(verdicts, 1) == verdicts
    assert _shared(verdicts, 2) == (Verdict.OK, Verdict.ALARM, None)


def silent(document: BacktestDocument) -> BacktestDocument:
    return msgspec.structs.replace(
        document, summary=msgspec.structs.replace(document.summary, verdicts={"not enough data": 50})
    )


@pytest.mark.parametrize(
    ("document", "tone"),
    [
        (DOCUMENT, "warn"),
        (silent(DOCUMENT), "silent"),
        (replayed(labels=False).document, "warn"),
    ],
)
def test_the_tone_is_that_of_the_news(document: BacktestDocument, tone: str) -> None:
    assert backtest_page(document).tone == tone


def test_without_labels_the_page_says_that_truth_is_not_known() -> None:
    page = backtest_page(replayed(labels=False).document)
    assert page.performance is None
    assert "not known" in page.performance_words


def test_a_history_cannot_be_called_something_dangerous() -> None:
    html = backtest_html(msgspec.structs.replace(DOCUMENT, name="</script><img src=x onerror=alert(1)>"))
    assert "<img" not in html.replace(html[html.index('id="wk-plotly"') :], "")
