"""The end of alerts of a version that answers no more."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.helpers.firing import fire
from tests.helpers.watching import watched_store
from watchkeeper.alerts.advance import NoticeKind
from watchkeeper.alerts.alert import Alert
from watchkeeper.alerts.cause import Cause
from watchkeeper.alerts.retire import retire
from watchkeeper.alerts.table import State


@pytest.fixture
def firing(tmp_path: Path) -> Alert:
    store = watched_store(tmp_path)
    alert = store.alerts.get(fire(store, Cause.HARM, "performance.error", summary="The error rose."))
    store.close()
    return msgspec.structs.replace(alert, told=("firing",))


def test_what_fires_is_over_and_is_told_once(firing: Alert) -> None:
    found = retire([firing])
    (ended,) = found.alerts
    assert (ended.state, ended.ended) == (State.RESOLVED, firing.updated)
    assert ended.summary == "Version 1 answers no more. Before: The error rose."
    assert "Nothing" in ended.next_step
    (notice,) = found.notices
    assert (notice.kind, notice.id, notice.alert) == (NoticeKind.RESOLVED, f"{firing.id}-resolved", ended)
    again = retire([msgspec.structs.replace(ended, state=State.FIRING)])
    assert again.notices == ()
    assert again.alerts[0].state is State.RESOLVED


def test_what_never_fired_goes_without_a_word(firing: Alert) -> None:
    found = retire([msgspec.structs.replace(firing, state=State.PENDING, told=())])
    assert found.alerts[0].state is State.INACTIVE
    assert found.notices == ()


def test_what_is_over_stays_as_it_was(firing: Alert) -> None:
    assert retire([msgspec.structs.replace(firing, state=State.RESOLVED)]).alerts == ()
