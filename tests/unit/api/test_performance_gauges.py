"""How well versions do, as gauges: of the newest mature window, with its interval, its end and its coverage."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.helpers.calibrated import fill
from tests.helpers.seed import NOW
from tests.helpers.watching import DAY, START, FakeClock, watched_store
from watchkeeper import telemetry
from watchkeeper.api.context import Context
from watchkeeper.api.performance import performance
from watchkeeper.api.performance_gauges import performance_gauges
from watchkeeper.api.standings import KEPT_SECONDS
from watchkeeper.store.tables import performance as buckets
from watchkeeper.watch.estimating import EstimateWatch
from watchkeeper.watch.registry import Registry


def gauges(context: Context) -> dict[str, dict[tuple[str, ...], float]]:
    return {gauge.name: dict(samples) for gauge, samples in performance_gauges(context)}


def test_they_are_of_the_newest_mature_window(context: Context) -> None:
    found = gauges(context)
    view = performance(context, "delays")
    of, labels = (view.model, view.version), (view.model, view.version, view.main)
    newest = next(w for w in reversed(view.windows) if w.maturity.mature and w.maturity.labels)
    metric = newest.metrics[view.main]
    assert found[telemetry.PERFORMANCE_TIMESTAMP.name][of] == newest.end
    assert found[telemetry.PERFORMANCE.name][labels] == metric.value
    assert found[telemetry.PERFORMANCE_LOW.name][labels] == metric.low
    assert found[telemetry.PERFORMANCE_HIGH.name][labels] == metric.high
    assert found[telemetry.LABEL_COVERAGE.name][of] == newest.maturity.coverage


def test_without_labels_there_is_none(empty: Context) -> None:
    assert all(not samples for samples in gauges(empty).values())


def test_a_scrape_looks_at_a_version_once_a_minute(context: Context) -> None:
    clock = [NOW]
    asked = Context(context.store, now=lambda: clock[0])
    first = gauges(asked)
    with pytest.raises(ZeroDivisionError), context.store.begin():
        with context.store.begin() as connection:
            connection.execute(sa.delete(buckets).where(buckets.c.width > 0))
        clock[0] += KEPT_SECONDS - 1
        assert gauges(asked) == first
        clock[0] += 1
        assert not gauges(asked)[telemetry.PERFORMANCE.name]
        raise ZeroDivisionError


def test_an_estimate_is_shown_only_while_its_record_is_good(context: Context, tmp_path: Path) -> None:
    names = [one.name for one in telemetry.METRICS if "estimated" in one.name]
    assert len(names) == 4
    found = gauges(context)
    assert not performance(context, "delays").record["roc_auc"].good
    assert all(found[name] == {} for name in names)
    store = watched_store(tmp_path)
    fill(store, range(20))
    clock = FakeClock(START + 20 * DAY + 3600.0)
    EstimateWatch(store, Registry(store), clock=clock).run(work=100)
    good = Context(store, now=clock)
    found, view = gauges(good), performance(good, "flights")
    newest = view.windows[-1]
    assert newest.estimated, "its labels are not mature"
    of = (view.model, view.version)
    assert found[telemetry.PERFORMANCE_ESTIMATED.name] == {(*of, view.main): newest.estimated[view.main].value}
    assert found[telemetry.PERFORMANCE_ESTIMATED_LOW.name] == {(*of, view.main): newest.estimated[view.main].low}
    assert found[telemetry.PERFORMANCE_ESTIMATED_HIGH.name] == {(*of, view.main): newest.estimated[view.main].high}
    assert found[telemetry.PERFORMANCE_ESTIMATED_TIMESTAMP.name] == {of: newest.end}
    store.close()
