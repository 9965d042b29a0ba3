from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.backtest.history import History, read_history
from watchkeeper.backtest.plan import Plan
from watchkeeper.events.errors import BadInput

DAY = 86_400.0


def rows(days: float = 20, a_day: int = 4) -> dict[str, Any]:
    at = np.arange(int(days * a_day)) * DAY / a_day
    return {"at": at, "x": np.arange(len(at), dtype=float) % 7}


def read(data: Any, until: float = 5 * DAY, **given: Any) -> History:
    return read_history(data, Plan(time="at", until=until, **given))


def test_windows_follow_one_another_from_the_end_of_the_reference() -> None:
    history = read(rows())
    assert history.trained == 20
    assert (history.starts == np.arange(5, 20) * DAY).all()
    assert (history.rows == 4).all()
    assert history.features == ("x",)
    assert history.notes == ()


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 40 * 24), min_size=2, max_size=60), st.integers(1, 50), st.randoms())
def test_every_row_is_in_one_place_whatever_the_order(hours: list[int], window: int, random: Any) -> None:
    hours = [0, *hours, 40 * 24 + 30]
    shuffled = random.sample(hours, len(hours))
    plan = Plan(time="at", until=24 * 3600.0, window=window * 3600)
    history = read_history({"at": [h * 3600 for h in shuffled], "x": [1.0] * len(hours)}, plan)
    assert history.trained == sum(h < 24 for h in hours)
    edges = [*history.starts.tolist(), history.starts[-1] + plan.window]
    for k, n in enumerate(history.rows.tolist()):
        assert n == sum(edges[k] <= h * 3600 < edges[k + 1] for h in hours)
    assert (history.starts % plan.window == 0).all()
    assert (np.diff(history.seconds) >= 0).all()


@pytest.mark.parametrize(
    "times",
    [
        pa.array(range(6), pa.date32()),
        pa.array([int(i * DAY) for i in range(6)]),
        pa.array([f"1970-01-0{i}T00:00:00Z" for i in range(1, 7)]),
        pa.array([f"1970-01-0{i} 00:00" for i in range(1, 7)]).dictionary_encode(),
        pa.array([int(i * DAY * 1e6) for i in range(6)]).cast(pa.timestamp("us", tz="America/New_York")),
    ],
    ids=["dates", "seconds", "text", "categories", "zoned"],
)
def test_times_come_in_many_types(times: pa.Array) -> None:
    history = read({"at": times, "x": [1.0] * 6}, until=3 * DAY)
    assert (history.trained, len(history.starts)) == (3, 3)


@pytest.mark.parametrize("unit", [1.0, 1e3, 1e6, 1e9])
def test_the_unit_of_a_number_is_told_by_its_size(unit: float) -> None:
    times = [(1.4e9 + i * DAY) * unit for i in range(6)]
    assert read({"at": times, "x": [1.0] * 6}, until=1.4e9 + 3 * DAY).seconds[0] == pytest.approx(1.4e9)


def test_gaps_are_empty_windows() -> None:
    data = rows()
    keep = (data["at"] < 8 * DAY) | (data["at"] >= 11 * DAY)
    assert read({name: column[keep] for name, column in data.items()}).rows.tolist() == [4] * 3 + [0] * 3 + [4] * 9


def test_rows_in_no_whole_window_are_left_out_and_told() -> None:
    history = read(rows(20.25), until=4.5 * DAY)
    assert history.starts[0] == 5 * DAY
    assert history.starts[-1] == 19 * DAY
    assert "2 rows between the reference and the first whole window" in history.notes[0]
    assert "The last window is not whole: its 1 rows" in history.notes[1]


def test_a_counter_is_named() -> None:
    history = read({**rows(), "id": np.arange(80), "down": -np.arange(80), "same": np.ones(80)})
    assert [note.split("`")[1] for note in history.notes] == ["id"]
    assert "id" in history.features


def test_what_cannot_be_watched_is_left_out_and_told() -> None:
    table = pa.table({**rows(), "bag": [[1]] * 80, "seen": pa.array(range(80), pa.timestamp("s"))})
    history = read(table)
    assert history.features == ("x",)
    assert "`bag`: of a type" in history.notes[0]
    assert "`seen`: time stamps" in history.notes[1]


@pytest.mark.parametrize("kind", ["parquet", "csv", "directory"])
def test_files_and_directories(kind: str, tmp_path: Path) -> None:
    table, path = pa.table(rows()), tmp_path / f"h.{kind}"
    if kind == "csv":
        pyarrow.csv.write_csv(table, path)
    elif kind == "parquet":
        pq.write_table(table, path)
    else:
        (path / "day=1").mkdir(parents=True)
        pq.write_table(table.slice(40), path / "a.parquet")
        pq.write_table(table.slice(0, 40), path / "day=1" / "b.parquet")
    history = read(path)
    assert (history.trained, len(history.starts)) == (20, 15)
    assert history.table["x"].to_pylist() == table["x"].to_pylist()


def bad(**given: Any) -> dict[str, Any]:
    return {**rows(), **given}


@pytest.mark.parametrize(
    ("data", "given", "says"),
    [
        ({"at": [], "x": []}, {}, "no rows"),
        ({"when": [1.0]}, {}, "no column 'at'"),
        (rows(), {"scores": ("p",)}, "no column 'p'"),
        (bad(at=[None] * 80), {}, "no readable time (80 of 80 rows)"),
        (bad(at=["yesterday"] * 80), {}, "'yesterday' in the column 'at' is not a time"),
        (rows(), {"until": 1e9}, "after the history ends"),
        (rows(), {"until": -1.0}, "before the history begins"),
        (rows(), {"window": 30 * 86_400}, "No whole window"),
        ({"at": [0, 10, 4e9], "x": [1.0] * 3}, {"until": 5.0, "window": 60}, "windows of 60 s"),
        (rows(), {"ignore": ("x",)}, "no column to watch"),
    ],
)
def test_bad_input_says_what_to_do(data: dict[str, Any], given: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput) as raised:
        read(data, **given)
    assert says in str(raised.value)
    assert raised.value.hint


def test_a_directory_without_tables(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no \.parquet file"):
        read(tmp_path)


@pytest.mark.parametrize(("values", "told"), [(200, True), (20, False)])
def test_a_column_of_ids_is_named(values: int, told: bool) -> None:
    table = rows(days=50)
    ids = [f"s{i % values}" for i in range(len(table["at"]))]
    assert (
        any("`id` has another value in almost every row" in note for note in read({**table, "id": ids}).notes) == told
    )
