from __future__ import annotations

import pytest

from tests.helpers.seed import DAY, START
from watchkeeper.api.context import Context
from watchkeeper.api.records import record, records
from watchkeeper.events.errors import BadInput, NotFound


def test_newest_first_page_by_page(context: Context) -> None:
    first = records(context, "delays", limit=10)
    second = records(context, "delays", limit=10, cursor=first.cursor)
    times = [one.event_time for one in first.records + second.records]
    assert times == sorted(times, reverse=True)
    assert len({one.prediction_id for one in first.records + second.records}) == 20


def test_every_filter(context: Context) -> None:
    start, end = str(START + 25 * DAY), str(START + 26 * DAY)
    missing = records(context, "delays", flag="missing", limit=1000, start=start, end=end).records
    assert missing
    assert all("missing" in one.faults and one.inputs["wind"] is None for one in missing)
    failed = records(context, "delays", failed=True).records
    assert failed
    assert all(one.status >= 400 and one.error for one in failed)
    high = records(context, "delays", minimum=0.2, maximum=0.25).records
    assert high
    assert all(0.2 <= one.outputs["probability"] <= 0.25 for one in high)
    late = records(context, "delays", output="late", label="yes", limit=5).records
    assert {one.outputs["late"] for one in late} == {"yes"}
    assert records(context, "delays", version="v8").records == ()
    (exact,) = records(context, "delays", prediction_id=late[0].prediction_id).records
    assert exact == late[0]


def test_filters_that_make_no_sense_are_refused(context: Context) -> None:
    with pytest.raises(BadInput, match="There are missing"):
        records(context, "delays", flag="ugly")
    with pytest.raises(BadInput, match="cursor"):
        records(context, "delays", cursor="x")
    with pytest.raises(NotFound):
        records(context, "nope")


def test_one_record_s_whole_story(context: Context) -> None:
    found = records(context, "delays", flag="unseen", limit=1).records[0]
    story = record(context, "delays", found.prediction_id)
    places = {place.feature: place for place in story.places}
    assert (places["carrier"].share, places["carrier"].fault) == (0, "unseen")
    assert places["hour"].below is not None
    assert 0 <= places["hour"].below <= 1
    assert places["weekend"].share is not None
    assert (places["hour"].fault, places["weekend"].fault) == ("", "")
    assert len(story.windows) == 1
    assert story.windows[0].start <= found.event_time / 1e6 < story.windows[0].end
    assert any("carrier" in alert.title for alert in story.alerts)


def test_a_record_carries_its_feedback(context: Context) -> None:
    labelled = [one for one in records(context, "delays", limit=20).records if one.feedback]
    assert labelled
    assert labelled[0].feedback[0].kind == "label"


def test_a_record_that_is_gone(context: Context) -> None:
    with pytest.raises(NotFound, match="retention"):
        record(context, "delays", "013f9786-0000-7000-8000-000000000000")


def test_a_value_out_of_bounds_and_a_missing_one_say_so(context: Context) -> None:
    for flag, feature in (("out_of_range", "distance"), ("missing", "wind")):
        found = records(context, "delays", flag=flag, failed=False, limit=1).records[0]
        places = {place.feature: place for place in record(context, "delays", found.prediction_id).places}
        assert any(place.fault == flag for place in places.values()), feature
