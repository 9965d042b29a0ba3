from __future__ import annotations

import msgspec

from tests.helpers.seed import DAY, START
from watchkeeper.api.context import Context
from watchkeeper.api.evidence import history, window_view
from watchkeeper.api.fleet import last_verdicts, standings
from watchkeeper.events.verdict import Verdict


def test_it_says_the_same_as_the_store_s_own_questions(context: Context) -> None:
    known = standings(context, ["delays"])["delays"]
    live = context.version("delays")
    assert known == standings(context, ["delays"], "delays")["delays"]
    assert known.live == live.version
    assert known.versions == [version.version for version in context.store.versions.versions("delays")]
    assert known.rows == {"v7": 12000}
    told = [window_view(stored) for stored in history(context, live)]
    assert known.windows == [msgspec.structs.replace(view, notes=(), check=None) for view in told]
    assert {alert.subject for alert in known.firing} == {"input.carrier", "input.wind"}
    assert known.last is not None
    assert known.last.subject == "input.distance"
    assert known.newest_event is not None
    assert START + 29 * DAY < known.newest_event < START + 30 * DAY


def test_the_last_verdict_of_each_version(context: Context) -> None:
    assert last_verdicts(context) == {("delays", "v7"): (Verdict.ALARM, START + 30 * DAY)}


def test_a_model_that_is_not_asked_for_is_left_out(context: Context) -> None:
    assert standings(context, []) == {}
