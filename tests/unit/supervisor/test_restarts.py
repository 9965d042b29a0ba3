"""Restarts come at once, then ever later; a crash loop is told."""

from __future__ import annotations

from watchkeeper.supervisor.restarts import History, RestartPolicy

POLICY = RestartPolicy(first=0.1, cap=10.0, healthy=60.0, loop=5)


def test_waits_double_up_to_a_cap() -> None:
    assert [POLICY.wait(deaths) for deaths in (1, 2, 3, 20, 2000)] == [0.1, 0.2, 0.4, 10.0, 10.0]


def test_a_loop_is_told_at_every_fifth_death() -> None:
    assert [deaths for deaths in range(12) if POLICY.is_loop(deaths)] == [5, 10]


def test_deaths_in_a_row_count_up() -> None:
    history = History(started_at=0.0)
    for now in (1.0, 2.0, 3.0):
        history = history.died(now, POLICY).started(now)
    assert history.deaths == 3
    assert history.start_at is None


def test_a_healthy_run_starts_with_a_clean_sheet() -> None:
    history = History(started_at=0.0, deaths=4).died(61.0, POLICY)
    assert (history.deaths, history.start_at) == (1, 61.1)
