"""The story in the terminal: what is going on, and in the end what was found, beside what was planted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from watchkeeper.demo.estimated import EstimatedYear
from watchkeeper.demo.flights import day_of
from watchkeeper.demo.realised import Part
from watchkeeper.demo.replay import Totals
from watchkeeper.demo.results import AlarmSeen, DemoResult, PlantedBreak

_DAY = 86_400


@contextmanager
def progress_bar(console: Console, start: float, end: float) -> Iterator[ProgressOfYear]:
    """A bar that shows the event date."""
    columns = (
        TextColumn("[bold]{task.fields[day]}"),
        BarColumn(),
        TextColumn("{task.fields[rows]:,} predictions, {task.fields[labels]:,} labels"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        yield ProgressOfYear(bar, start, end)


class ProgressOfYear:
    """Moves the bar to the event time reached."""

    def __init__(self, bar: Progress, start: float, end: float) -> None:
        self._bar, self._start = bar, start
        day = day_of(start).strftime("%d %b %Y")
        self._task = bar.add_task("replay", total=(end - start) / _DAY, day=day, rows=0, labels=0)

    def show(self, totals: Totals) -> None:
        """Show these totals."""
        self._bar.update(
            self._task,
            completed=(totals.now - self._start) / _DAY,
            day=day_of(totals.now).strftime("%d %b %Y"),
            rows=totals.predictions,
            labels=totals.labels,
        )


def tell(console: Console, result: DemoResult) -> None:
    """Print the findings."""
    _tell_planted(console, result)
    _tell_control(console, result)
    _tell_alarms(console, "Beside the planted breaks: broken inputs move what depends on them", result.beside)
    _tell_alarms(console, "Found, not planted: how the real year moved", result.real)
    _tell_realised(console, result)
    _tell_estimated(console, result)
    _tell_counts(console, result)
    verdict = "[green]Every planted break was found, and the control weeks were quiet.[/]"
    console.print(verdict if result.passed else "[red]Not everything went as planned: see above.[/]")


def _tell_planted(console: Console, result: DemoResult) -> None:
    table = Table("planted", "feature named", title="Planted breaks", box=box.SIMPLE_HEAD, title_justify="left")
    for heading in ("onset", "detected", "delay"):
        table.add_column(heading, no_wrap=True)
    table.add_column("size")
    for planted in result.planted:
        table.add_row(f"{planted.first:%d %b}: {planted.description}", *_found(planted))
    console.print(table)
    for planted in result.planted:
        if planted.found:
            console.print(f"  alert on {planted.feature}: {alert_page(result.console, planted.found)}", soft_wrap=True)
        if planted.harm:
            console.print(f"  [bold]harm seen on labels[/] after {planted.description}: {escape(planted.harm.summary)}")


def _found(planted: PlantedBreak) -> tuple[str, ...]:
    found = planted.found
    if found is None or planted.delay_days is None:
        return ("[red]not found[/]", "", "", "", "")
    names = f"[green]{', '.join(found.features)}[/] ({found.cause})"
    last = f"end of {_last_day(found):%d %b}"
    return (names, f"{found.onset:%d %b}", last, f"{planted.delay_days:.0f} day", size(found))


def size(found: AlarmSeen) -> str:
    """The largest effect, in words."""
    if found.effect is None:
        return ""
    if found.effect_name == "factor":
        return f"{found.effect:.3g} times"
    if "rate" in found.effect_name:
        return f"{found.effect:+.0%} of rows".replace("%", " %")
    return f"{found.effect_name} {found.effect:+.2g}"


def _last_day(found: AlarmSeen) -> date:
    """The day of the window that made the alert fire: `detected` is the midnight that ends it."""
    return found.detected - timedelta(days=1)


def alert_page(address: str, found: AlarmSeen) -> str:
    """Where the console shows an alert."""
    return f"{address}/alerts/{found.alert}"


def _tell_control(console: Console, result: DemoResult) -> None:
    control = result.control
    colour, last = ("red" if control.alarms else "green"), control.end - timedelta(days=1)
    odd = f", {control.odd_windows} odd on its own, which is no alert yet" if control.odd_windows else ""
    alerts = f"[{colour}]{len(control.alarms) or 'no'} alert{'' if len(control.alarms) == 1 else 's'}[/]"
    console.print(
        f"\nControl, {control.first:%d %b} to {last:%d %b}, untouched: {alerts} ({control.windows} days{odd})."
    )
    _tell_each(console, control.alarms)


def _tell_alarms(console: Console, title: str, alarms: tuple[AlarmSeen, ...]) -> None:
    if alarms:
        console.print(f"\n[bold]{title}[/]")
        _tell_each(console, alarms)


def _tell_each(console: Console, alarms: tuple[AlarmSeen, ...]) -> None:
    for alarm in alarms:
        span = f"{alarm.onset:%d %b} – {alarm.ended:%d %b}" if alarm.ended else f"since {alarm.onset:%d %b}"
        console.print(f"  {span:<17}{', '.join(alarm.features)} ({alarm.cause})")
        console.print(Padding(f"[dim]{escape(alarm.summary)}[/]", (0, 0, 0, 19)))


def _tell_realised(console: Console, result: DemoResult) -> None:
    """How good the model really was, as labels came at landing."""
    year = result.realised
    if year is None:
        return
    title = f"Realised: area under the ROC curve on labels (it was {result.model_auc:.2f} on days kept out of training)"
    table = Table("month", title=title, box=box.SIMPLE_HEAD, title_justify="left")
    for heading in ("flights", "labelled", "late", "ROC AUC", "95 % interval"):
        table.add_column(heading, justify="right", no_wrap=True)
    for month in year.months:
        table.add_row(*_row(month))
    console.print(table)
    told = [part for part in year.carriers if part.value is not None and part.low is not None and part.labels >= 1000]
    told.sort(key=lambda part: part.value or 0.0)
    if len(told) > 1:
        worst, best = told[0], told[-1]
        console.print(
            f"By carrier, from {worst.name} {worst.value:.2f} ({worst.low:.2f} to {worst.high:.2f}) "
            f"to {best.name} {best.value:.2f} ({best.low:.2f} to {best.high:.2f}). "
            f"Labels came for {year.coverage:.1%} of flights: cancelled ones never get any."
        )
    console.print(f"  {result.console}/models/flights/performance", soft_wrap=True)


def _tell_estimated(console: Console, result: DemoResult) -> None:
    """What was estimated before the labels came, beside them, and whether it was worth listening to."""
    year = result.estimated
    if year is None:
        return
    title = "Estimated without labels, day by day, beside the truth (ROC AUC, mean of the days)"
    table = Table("month", title=title, box=box.SIMPLE_HEAD, title_justify="left")
    for heading in ("days", "estimated", "on labels"):
        table.add_column(heading, justify="right", no_wrap=True)
    for month in year.months:
        table.add_row(month.name, f"{month.days}", f"{month.estimated:.3f}", f"{month.realised:.3f}")
    console.print(table)
    console.print(_worth(year))


def _worth(year: EstimatedYear) -> str:
    """What the estimates' own record says of them."""
    record = year.record
    if record.error is None or record.naive_error is None or record.coverage is None:
        return f"Its record: {record.note}."
    said = (
        f"Its record over {record.windows} days: off by {record.error:.3f} on average, where guessing that nothing "
        f"changes is off by {record.naive_error:.3f}; {record.coverage:.0%} of its intervals held the truth."
    )
    return said if record.good else f"{said} So it is shown and never alarms: {record.note}."


def _row(part: Part) -> tuple[str, ...]:
    sure = "" if part.low is None or part.high is None else f"{part.low:.3f} to {part.high:.3f}"
    known = part.labels / part.predictions if part.predictions else 0.0
    late = "" if part.late is None else f"{part.late:.1%}"
    value = "" if part.value is None else f"{part.value:.3f}"
    return part.name, f"{part.predictions:,}", f"{known:.1%}", late, value, sure


def _tell_counts(console: Console, result: DemoResult) -> None:
    counts = result.counts
    rate = (counts.predictions + counts.labels) / result.seconds
    console.print(
        f"\n{counts.predictions:,} predictions ({counts.predictions_recorded:,} recorded) and {counts.labels:,} labels "
        f"({counts.labels_recorded:,} recorded) in {result.seconds:.0f} s, {rate:,.0f} a second; {counts.lost} lost. "
        f"{counts.cancelled:,} flights were cancelled and {counts.diverted:,} diverted: they never get a label."
    )
