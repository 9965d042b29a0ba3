"""A backtest in sentences: what would have paged, what truly happened, and what to do now. Names are in `backticks`."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterator

from watchkeeper.alerts.cause import Cause, Severity
from watchkeeper.backtest.records import AlertRecord, BacktestDocument, HarmSummary, WindowRecord
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.policy import Policy
from watchkeeper.performance.metric import Metric
from watchkeeper.performance.track_record import TrackRecord
from watchkeeper.report.words import count, duration, number, percent

_OFTEN, _MOSTLY = 0.25, 0.2
_FEW_BLOCKS = 8
_DAY = 86_400
_READY = "Nothing here speaks against watching it live like this: `watchkeeper register`, then `watchkeeper up`."


def plural(n: int, noun: str) -> str:
    """`1 page`, `2 pages`."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def rate(per_month: float) -> str:
    """`1.2 a month`, and what is rarer by the year."""
    return f"{per_month:.2g} a month" if per_month >= 0.2 else f"{12 * per_month:.2g} a year"


def loss_text(document: BacktestDocument, value: float | None) -> str:
    """A loss as people read it: the share of errors of a classifier, a number for a regression."""
    return number(value) if document.task == "regression" else percent(value)


def headline(document: BacktestDocument) -> str:
    """One sentence: how often somebody would have been woken."""
    told, months = document.summary, f"{document.summary.months:.1f} months"
    if set(told.verdicts) <= {Verdict.NOT_ENOUGH_DATA.value, Verdict.NOT_COMPUTABLE.value}:
        return f"Nothing could be judged in {plural(told.windows, 'window')}: there is not enough data in each."
    if not told.pages:
        return f"Nobody would have been paged in {months}."
    often = f"{plural(told.pages, 'page')} in {months}, {rate(told.pages_per_month)}"
    if told.in_vain:
        which = "," if told.pages == 1 else f"; {told.in_vain} of them"
        return f"{often}{which} while performance was as ever."
    return f"{often}."


def lead(document: BacktestDocument) -> Iterator[str]:
    """What stands under the headline: the budget, and the truth."""
    told = document.summary
    yield (
        f"Unusual windows: {told.alarms} of {told.windows - told.empty}, {rate(told.alarms_per_month)}; you accept "
        f"{rate(told.budget_per_month)} in vain. A page takes two in a row, or broken data{_broken(told.broken)}."
    )
    if told.harm is not None:
        yield truth(document, told.harm)
        yield from _who_saw(told.harm)
        yield from estimated(document)


def _broken(windows: int) -> str:
    return f", as in {plural(windows, 'window')}" if windows else ""


def truth(document: BacktestDocument, harm: HarmSummary) -> str:
    """What truly happened to performance."""
    if harm.line is None:
        return (
            f"The reference has {plural(harm.blocks, 'block')} with labels; {_FEW_BLOCKS} are needed to know which "
            f"{harm.loss} is ordinary, so no window can be called harmed."
        )
    out_of_reach = document.task != "regression" and harm.line >= 1
    count_of = (
        "no window can lie there" if out_of_reach else f"{plural(harm.harmed, 'window')} of {harm.labelled_windows:,}"
    )
    return (
        f"Ordinary {harm.loss}: {loss_text(document, harm.ordinary)}, and "
        f"{loss_text(document, harm.ordinary_sd)} of movement from block to block ({harm.blocks} blocks). Harmed is "
        f"beyond {loss_text(document, harm.line)}: {count_of}."
    )


def best_guess(document: BacktestDocument, window: WindowRecord) -> Metric | None:
    """The loss of a window as estimated without labels, by the method with the better record."""
    if not document.estimates:
        return None
    best = document.estimates[0]
    return window.estimated.get(best.estimator, {}).get(best.metric)


def estimated(document: BacktestDocument) -> Iterator[str]:
    """What estimates without labels would have been worth, the one with the better record first."""
    loss = [record for record in document.estimates if record.metric == document.estimates[0].metric and record.windows]
    if not loss:
        return
    record = loss[0]
    near = loss_text(document, record.error)
    naive = loss_text(document, record.naive_error)
    rank = record.rank_correlation
    moved = "" if rank is None else f", with a rank correlation of {rank:.2f}"
    trust = "It has earned a warning, never a page." if record.good else "It may not warn."
    yield (
        f"Estimated without labels ({record.estimator}), the {record.metric} would have been off by {near} on average; "
        f"guessing that nothing ever changes, by {naive}. Its intervals held the truth in "
        f"{percent(record.coverage or 0.0)} of {plural(record.windows, 'window')}{moved}. {trust}"
        + "".join(_other(document, other) for other in loss[1:])
    )


def _other(document: BacktestDocument, record: TrackRecord) -> str:
    """The record of a method that is not the best."""
    off, held = loss_text(document, record.error), percent(record.coverage or 0.0)
    return f" By {record.estimator}: off by {off}, held in {held}."


def _who_saw(harm: HarmSummary) -> Iterator[str]:
    if not harm.harmed:
        return
    waited = f" ({_windows(harm.label_windows)} after they closed)" if harm.label_windows else " as they closed"
    guess = "" if harm.estimated is None else f" An estimate without labels warned in {harm.estimated}."
    yield (
        f"Of the {plural(harm.harmed, 'harmed window')}, labels showed {harm.seen}{waited}; in {harm.alarmed} the data "
        f"alarmed as they closed.{guess}"
    )
    delay = f", {_windows(harm.delay_windows)} after it began in the median" if harm.delay_windows else ""
    vain = (
        f"{plural(harm.harm_in_vain, 'window')} within the line" if harm.harm_in_vain else "No window within the line"
    )
    yield (
        f"They make {plural(harm.episodes, 'run')} of harm; {harm.found} would have been told{delay}. "
        f"{vain} {'was' if harm.harm_in_vain < 2 else 'were'} called harmed."
    )


def _windows(n: float) -> str:
    return "1 window" if n == 1 else f"{n:.3g} windows"


# ------------------------------------------------------------ alerts
def about(alert: AlertRecord) -> str:
    """`distribution in price`, in a few words."""
    return alert.title[:1].upper() + alert.title[1:]


def outcome(alert: AlertRecord) -> str:
    """What performance did while the alert lasted."""
    if alert.harmed is None:
        return "not known"
    if alert.cause is Cause.HARM:
        return f"{alert.harmed} of {alert.windows} harmed" if alert.harmed else "no window beyond the line"
    return f"{alert.harmed} of {alert.windows} harmed" if alert.harmed else "as ever"


def pages(document: BacktestDocument) -> list[AlertRecord]:
    """The alerts worth waking somebody."""
    return [alert for alert in document.alerts if alert.severity is Severity.PAGE]


# ------------------------------------------------------------ what to do
def steps(document: BacktestDocument) -> list[str]:
    """What to do now, the most urgent first."""
    found = [*_too_little(document), *_restless(document), *_too_often(document), *_harm_steps(document)]
    return found or [_READY]


def _too_little(document: BacktestDocument) -> Iterator[str]:
    needed, told = Policy().min_n, document.summary
    rows = [window.n for window in document.windows if window.n]
    middle = statistics.median(rows) if rows else 0
    if told.verdicts.get(Verdict.NOT_ENOUGH_DATA.value, 0) - told.empty > (told.windows - told.empty) / 2:
        if middle < needed:
            length = _suggested(document.window_seconds * needed / max(middle, 1))
            yield (
                f"A window holds {count(middle)} rows in the median and {needed} are needed to judge a column: use "
                f"longer windows, such as `--window {length}`."
            )
        else:
            yield "Most windows could not be judged: see why under each window in the JSON."
    if document.reference_blocks < _FEW_BLOCKS:
        yield (
            f"The reference has {plural(document.reference_blocks, 'block')} of a window's length; with fewer than "
            f"{_FEW_BLOCKS} ordinary movement is not known at first. Choose a later `--reference-until`, or shorter "
            "windows."
        )


def _suggested(seconds: float) -> str:
    """A round length of time, at least as long."""
    if seconds > _DAY / 2:
        return f"{math.ceil(seconds / _DAY)}d"
    return f"{math.ceil(seconds / 3600)}h" if seconds > 1800 else f"{math.ceil(seconds / 300) * 5}m"


def _restless(document: BacktestDocument) -> Iterator[str]:
    """Columns that alarm so often that they cannot be watched as they are."""
    judged = [window for window in document.windows if window.n]
    alarmed = Counter(name for window in judged for name in {finding.feature for finding in window.data_alarms})
    often = [(name, n) for name, n in alarmed.most_common(3) if n > max(2, _OFTEN * len(judged))]
    for name, n in often:
        yield (
            f"`{name}` alarms in {percent(n / len(judged))} of the windows. If it is a number that only grows, or "
            f"moves with every season, leave it out (`--ignore {name}`); else look at its first alarm: it may be a "
            "fault."
        )


def _too_often(document: BacktestDocument) -> Iterator[str]:
    told = document.summary
    if told.pages and told.in_vain and told.in_vain > told.pages / 2:
        yield (
            f"{told.in_vain} of {plural(told.pages, 'page')} came while performance was as ever. Read "
            f"{'it' if told.in_vain == 1 else 'two of them'}: if about nothing, lower `--budget` or leave the feature "
            "out; if about a real change, the model bears it, and a notice would do."
        )
    elif told.pages_per_month > 2 * max(told.budget_per_month, 1.0):
        yield "It would page often. Read the first three: one cause may be behind them; else lower `--budget`."


def _harm_steps(document: BacktestDocument) -> Iterator[str]:
    harm = document.summary.harm
    if harm is None:
        yield (
            "Whether a page mattered is not known: name the truth with `--label` and the model's answer with "
            "`--prediction` or `--score`."
        )
        return
    if harm.harmed > _MOSTLY * harm.labelled_windows:
        share = percent(harm.harmed / harm.labelled_windows)
        yield (
            f"{share} of the windows are harmed. If the model was trained on rows of the reference, its error there is "
            "too low to be ordinary: choose a reference that it never saw. If not, it has aged: retrain it."
        )
    if harm.harmed and harm.alarmed < harm.harmed / 2:
        yield (
            f"In {harm.harmed - harm.alarmed} of {plural(harm.harmed, 'harmed window')} the data alone did not alarm. "
            f"{_without_data(harm)}"
        )
    if harm.label_windows >= document.summary.windows:
        late = duration(document.label_delay_seconds)
        yield (
            f"No label comes before the history ends: they are {late} late. Nobody could have seen harm; give a longer "
            "history, or the delay of the labels that come first."
        )
    elif harm.harmed and harm.label_windows > 1:
        late = duration(document.label_delay_seconds)
        yield f"Labels come {late} late, and harm is seen no sooner: a few labels by hand would show it earlier."


def _without_data(harm: HarmSummary) -> str:
    """What shows harm that the data does not."""
    sample = "have a small random sample of each window labelled."
    if harm.estimated:
        return f"The estimate without labels warned in {harm.estimated} of the harmed windows; to be sure, {sample}"
    return f"Only labels show such harm: {sample}"
