from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest

from tests.helpers.histories import ASKED, history, replayed
from watchkeeper.alerts.cause import Cause
from watchkeeper.backtest import telling
from watchkeeper.backtest.backtest import backtest
from watchkeeper.backtest.records import BacktestDocument
from watchkeeper.monitors.policy import Policy

DOCUMENT = replayed().document


def changed(**summary: Any) -> BacktestDocument:
    return msgspec.structs.replace(DOCUMENT, summary=msgspec.structs.replace(DOCUMENT.summary, **summary))


def test_the_headline_counts_pages_and_those_in_vain() -> None:
    assert telling.headline(DOCUMENT) == "2 pages in 1.7 months, 1.2 a month; 1 of them while performance was as ever."
    assert telling.headline(changed(in_vain=0)) == "2 pages in 1.7 months, 1.2 a month."
    alone = telling.headline(changed(pages=1, in_vain=1))
    assert alone == "1 page in 1.7 months, 1.2 a month, while performance was as ever."
    assert telling.headline(changed(pages=0)) == "Nobody would have been paged in 1.7 months."
    assert "Nothing could be judged" in telling.headline(changed(verdicts={"not enough data": 50}))


def test_the_lead_says_what_truly_happened_and_who_saw_it() -> None:
    said = " ".join(telling.lead(DOCUMENT))
    assert "you accept 1 a month in vain" in said
    assert "Harmed is beyond 29.2 %: 10 windows of 50." in said
    assert "Of the 10 harmed windows, labels showed 10 (2 windows after they closed); in 0 the data alarmed" in said
    assert "1 run of harm; 1 would have been told, 2 windows after it began in the median" in said
    assert "within the line w" in said


def test_what_is_not_known_is_said() -> None:
    harm = msgspec.structs.replace(DOCUMENT.summary.harm, line=None, blocks=3, harmed=0)  # type: ignore[type-var]
    assert harm is not None
    assert "3 blocks with labels; 8 are needed" in telling.truth(DOCUMENT, harm)
    assert any("`--label`" in step for step in telling.steps(replayed(labels=False).document))


def test_a_line_out_of_reach_is_said() -> None:
    harm = DOCUMENT.summary.harm
    assert harm is not None
    assert "no window can lie there" in telling.truth(DOCUMENT, msgspec.structs.replace(harm, line=1.08))


def test_advice_on_harm_that_the_data_does_not_show() -> None:
    labels, late = telling.steps(DOCUMENT)
    assert labels.startswith("In 10 of 10 harmed windows the data alone did not alarm.")
    assert late.startswith("Labels come 2 d late")


def test_labels_are_not_said_to_be_alone_where_an_estimate_warned_too() -> None:
    for warned, words in ((8, "The estimate without labels warned in 8 of the harmed"), (0, "Only labels show such")):
        harm = msgspec.structs.replace(DOCUMENT.summary.harm, estimated=warned)  # type: ignore[type-var]
        assert words in telling.steps(changed(harm=harm))[0]


def test_labels_later_than_the_end_of_the_history_are_said_to_show_nothing() -> None:
    harm = msgspec.structs.replace(DOCUMENT.summary.harm, label_windows=60, harmed=0)  # type: ignore[type-var]
    assert any(step.startswith("No label comes before the history ends") for step in telling.steps(changed(harm=harm)))


def test_windows_with_broken_data_are_counted() -> None:
    assert "or broken data, as in 4 windows." in next(telling.lead(changed(broken=4)))
    assert next(telling.lead(changed(broken=0))).endswith("or broken data.")


def test_a_reference_that_may_have_been_trained_on_is_asked_about() -> None:
    harm = msgspec.structs.replace(DOCUMENT.summary.harm, harmed=20)  # type: ignore[type-var]
    assert telling.steps(changed(harm=harm))[0].startswith("40.0 % of the windows are harmed. If the model was trained")


def test_windows_too_short_to_judge() -> None:
    found = backtest(history(), **ASKED, window="2h", ignore=("said", "truth", "score"))
    hours = math.ceil(2 * Policy().min_n / 5)
    assert f"`--window {hours}h`" in telling.steps(found.document)[0]
    assert telling._suggested(86_400 * 1.1) == "2d"
    assert telling._suggested(7_000) == "2h"
    assert telling._suggested(700) == "15m"


def test_a_column_that_alarms_all_the_time_is_named() -> None:
    finding = next(f for w in DOCUMENT.windows for f in w.data_alarms)
    always = tuple(msgspec.structs.replace(window, findings=(finding,)) for window in DOCUMENT.windows)
    document = msgspec.structs.replace(DOCUMENT, windows=always)
    assert telling.steps(document)[0].startswith("`x` alarms in 100.0 % of the windows.")


def test_pages_in_vain_are_advised_upon() -> None:
    assert any("3 of 4 pages came while" in step for step in telling.steps(changed(pages=4, in_vain=3)))
    assert any("Read it: if about nothing" in step for step in telling.steps(changed(pages=1, in_vain=1)))
    assert any("It would page often" in step for step in telling.steps(changed(pages_per_month=9.0)))


def test_nothing_to_do_is_said_too() -> None:
    calm = changed(pages=0, in_vain=0, harm=msgspec.structs.replace(DOCUMENT.summary.harm, harmed=0))  # type: ignore[type-var]
    assert telling.steps(msgspec.structs.replace(calm, windows=calm.windows[:10])) == [telling._READY]


def test_outcomes() -> None:
    missing, harm = DOCUMENT.alerts
    assert (telling.outcome(missing), telling.about(missing)) == ("as ever", "Missing values in x")
    assert telling.outcome(harm) == f"10 of {harm.windows} harmed"
    assert telling.outcome(msgspec.structs.replace(harm, harmed=0)) == "no window beyond the line"
    assert telling.outcome(msgspec.structs.replace(missing, harmed=None)) == "not known"
    assert harm.cause is Cause.HARM


@pytest.mark.parametrize(("monthly", "words"), [(1.0, "1 a month"), (8.571, "8.6 a month"), (0.01, "0.12 a year")])
def test_rates(monthly: float, words: str) -> None:
    assert telling.rate(monthly) == words


def test_estimates_are_named_the_one_with_the_better_record_first() -> None:
    (line,) = telling.estimated(DOCUMENT)
    best, other = [record for record in DOCUMENT.estimates if record.metric == "error"]
    assert line.startswith(f"Estimated without labels ({best.estimator})")
    assert f"By {other.estimator}: off by" in line
    guess = telling.best_guess(DOCUMENT, DOCUMENT.windows[0])
    assert guess == DOCUMENT.windows[0].estimated[best.estimator]["error"]
    assert telling.best_guess(msgspec.structs.replace(DOCUMENT, estimates=()), DOCUMENT.windows[0]) is None
