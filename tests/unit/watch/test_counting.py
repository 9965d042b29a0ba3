"""Rows of one source, counted. The sums themselves: tests of the worker."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from tests.helpers.watching import DAY, SCHEMA, START, batch, reference
from watchkeeper.store.buckets import Source
from watchkeeper.store.versions import ModelSettings
from watchkeeper.watch.counting import count_rows, same_schema
from watchkeeper.watch.registry import Watched

SOURCE = Source("flights", "1", "live")
WATCHED = Watched(SCHEMA, reference().binning, ModelSettings(bucket_seconds=3600, window_seconds=DAY))


def test_buckets_and_windows_follow_event_time() -> None:
    counted = count_rows(SOURCE, WATCHED, [batch([START + DAY, START, START + 3599, START + 3600])])
    found = [bucket for some in counted.buckets() for bucket in some]
    assert [(b.start - START, b.width, b.rows) for b in found] == [(0, 3600, 2), (3600, 3600, 1), (DAY, 3600, 1)]
    assert counted.windows == (START, START + DAY)


def test_the_record_says_version_route_and_flags() -> None:
    counted = count_rows(SOURCE, WATCHED, [batch([START, START + 1], failed=[1])])
    assert counted.table.column("version").to_pylist() == ["1", "1"]
    assert counted.table.column("route").to_pylist() == ["live", "live"]
    assert counted.table.column("flags").to_pylist() == [0, 0]
    assert not counted.table.schema.metadata


def test_a_failed_row_is_in_a_bucket_of_its_status_only() -> None:
    counted = count_rows(SOURCE, WATCHED, [batch([START, START + 1], failed=[0, 1])])
    (bucket,) = [bucket for some in counted.buckets() for bucket in some]
    binning = WATCHED.binning
    assert binning.part(bucket.tally, "service.status").counts.tolist() == [0, 0, 2, 0]
    assert not binning.part(bucket.tally, "input.distance").counts.any()


def test_a_clock_that_runs_ahead_does_not_move_the_stream() -> None:
    stream = count_rows(SOURCE, WATCHED, [batch([START, START + 7200], receive=START + 60.0)]).stream
    assert (stream.newest_event, stream.newest_receive, stream.lag) == (START + 60.0, START + 60.0, 0.0)
    replay = count_rows(SOURCE, WATCHED, [batch([START, START + 7200], receive=START + 9.0 * DAY)]).stream
    assert (replay.newest_event, replay.lag) == (START + 7200.0, 9.0 * DAY - 7200)


def test_dictionaries_of_several_batches_become_one() -> None:
    batches = [batch([START + k], seed=k) for k in range(5)]
    counted = count_rows(SOURCE, WATCHED, batches)
    expected = [b.column("input.carrier").to_pylist()[0] for b in batches]
    assert counted.table.column("input.carrier").to_pylist() == expected


def test_batches_are_joined_only_with_their_like() -> None:
    a, b = batch([START]), batch([START]).drop_columns(["input.hour"])
    assert [[rows.num_columns for rows in run] for run in same_schema([a, b, a])] == [[12, 12], [11]]
    assert list(same_schema([])) == []


def test_values_of_another_type_are_counted_as_such() -> None:
    rows = batch([START] * 3)
    place = rows.schema.get_field_index("input.distance")
    rows = rows.set_column(place, "input.distance", pa.array(["12", "far", None]))
    counted = count_rows(SOURCE, WATCHED, [rows])
    flags = np.array(counted.table.column("flags").to_pylist())
    assert flags[1] & 32
    assert flags[2] & 1
