"""Columns replaced by derived ones: what is seen through them, and that nothing is seen where nothing changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from watchkeeper.compare.comparison import compare
from watchkeeper.compare.derived import DerivedSource, derived
from watchkeeper.detectors.embedding.passed_through import PassedThrough
from watchkeeper.events.errors import BadInput
from watchkeeper.events.verdict import Verdict
from watchkeeper.profiles.profile import Profile
from watchkeeper.schema.parquet_source import ParquetSource
from watchkeeper.schema.source import Source, in_memory

WIDTH = 16
MIXED = np.linalg.cholesky(0.5 * np.eye(WIDTH) + 0.5).T


def cloud(n: int, seed: int, dependent: bool = False) -> np.ndarray:
    """(n, 16), every dimension standard normal; independent, or correlated by 0.5."""
    rows = np.random.default_rng(seed).normal(size=(n, WIDTH))
    return rows @ MIXED if dependent else rows


def comments(n: int, seed: int, new: bool = False) -> list[str]:
    rng = np.random.default_rng(seed)
    return [" ".join([*rng.choice(list("abcdefgh"), 6), *(["delayed"] if new else [])]) for _ in range(n)]


def alarmed(comparison: Any) -> set[str]:
    return {finding.feature for finding in comparison.alarms if finding.column}


def test_a_column_of_lists_works_without_being_asked() -> None:
    moved = compare({"v": cloud(2000, 0)}, {"v": cloud(800, 1) + 0.5})
    assert alarmed(moved) <= {f"v[{i}]" for i in range(8)}
    assert moved.verdict is Verdict.ALARM
    assert "v[0]" in moved.notes[0]
    assert "v[7]" in moved.notes[0]


def test_it_sees_a_change_of_dependence_with_every_dimension_as_it_was() -> None:
    moved = compare({"v": cloud(2000, 0)}, {"v": cloud(800, 1, dependent=True)}, rows=["mmd"])
    assert len(alarmed(moved)) >= 3
    assert next(f for f in moved.findings if f.detector == "mmd").verdict is Verdict.ALARM


def test_nothing_is_seen_where_nothing_changed() -> None:
    for seed in range(3):
        before = {"v": cloud(1500, 2 * seed), "t": comments(1500, 2 * seed)}
        now = {"v": cloud(700, 2 * seed + 1), "t": comments(700, 2 * seed + 1)}
        assert not compare(before, now, embed={"t": "text"}).alarms


def test_new_words_in_a_text() -> None:
    moved = compare({"t": comments(800, 0)}, {"t": comments(400, 1, new=True)}, embed={"t": "text"})
    assert {"t.length", "t.unseen_words"} <= alarmed(moved)
    assert not [finding for finding in moved.findings if finding.feature == "t"]


def test_darker_images() -> None:
    rng = np.random.default_rng(0)
    bright, dark = rng.random((300, 8, 8)), rng.random((200, 8, 8)) * 0.8
    moved = compare({"photo": bright}, {"photo": list(dark)}, embed={"photo": "image"})
    assert {"photo.brightness", "photo.contrast"} <= alarmed(moved)


def test_a_function_of_the_users_own() -> None:
    def vowels(read: list[str]) -> Any:
        return [sum(letter in "aeiou" for letter in text) for text in read]

    moved = compare({"t": ["bcd"] * 200 + ["bae"] * 200}, {"t": ["bae"] * 300}, embed={"t": vowels})
    assert "t[0]" in alarmed(moved)


def test_missing_vectors_are_missing_values() -> None:
    gone = [None if i % 3 == 0 else row for i, row in enumerate(cloud(600, 1).tolist())]
    moved = compare({"v": cloud(1000, 0)}, {"v": gone})
    assert {f.detector for f in moved.alarms if f.column} == {"missing"}


def test_the_same_tables_give_the_same_findings() -> None:
    one, other = (compare({"v": cloud(300, 0)}, {"v": cloud(200, 1)}) for _ in range(2))
    assert one.to_json() == other.to_json()


def test_in_time_blocks_are_made_of_derived_columns() -> None:
    hours = np.arange(4000) * 3600.0
    before, now = {"v": cloud(4000, 0), "t": hours}, {"v": cloud(300, 1) + 1, "t": hours[:300] + 4000 * 3600}
    moved = compare(before, now, time="t")
    assert moved.verdict is Verdict.ALARM
    assert {f.null for f in moved.alarms} == {"blocks"}


def test_batches_and_memory_give_the_same_numbers(tmp_path: Path) -> None:
    table = pa.table({"t": comments(500, 0), "v": pa.array(cloud(500, 0).tolist()), "x": np.arange(500.0)})
    pq.write_table(table, tmp_path / "t.parquet", row_group_size=90)
    now = in_memory(table)
    streamed, _, _ = derived(ParquetSource([tmp_path / "t.parquet"], batch_rows=70), now, {"t": "text"})
    held, _, notes = derived(in_memory(table), now, {"t": "text"})
    assert isinstance(streamed, DerivedSource)
    assert len(notes) == 2
    names = ["x", "v[3]", "t.length", "t[7]"]
    both = [read(side, names) for side in (streamed, held)]
    for name in names:
        np.testing.assert_allclose(both[0][name].to_numpy(), both[1][name].to_numpy(), rtol=1e-12)


def read(side: Any, names: list[str]) -> pa.Table:
    source: Source = side
    return pa.concat_tables(source.batches(names))


def test_lists_that_only_one_side_has_are_told_as_ever() -> None:
    found = compare({"v": cloud(50, 0), "x": np.arange(50)}, {"v": ["a"] * 50, "x": np.arange(50)})
    assert "type" in {finding.detector for finding in found.findings}


@pytest.mark.parametrize(
    "lists", [[[]] * 60, [None] * 59 + [[1.0]], [[1], [1, 2], [1, 2, 3]] * 20, [[float("nan")]] * 60]
)
def test_lists_that_are_no_vectors_stop_nothing(lists: list[Any]) -> None:
    column = pa.array(lists, pa.list_(pa.float64()))
    table = {"v": column, "x": np.arange(60.0), "v[0]": np.arange(60.0)}
    found = compare(table, table)
    assert {f.detector for f in found.findings if f.feature == "v"} == {"type"}


def test_what_cannot_be_embedded_is_refused() -> None:
    table = {"x": np.arange(50.0), "x[0]": np.arange(50.0), "t": ["a"] * 50}
    with pytest.raises(BadInput, match="no column 'y'"):
        compare(table, table, embed={"y": "text"})
    with pytest.raises(BadInput, match="'x'"):
        compare(table, table, embed={"x": "text"})
    with pytest.raises(BadInput, match="already"):
        compare(table, table, embed={"x": np.array})
    with pytest.raises(BadInput, match="profile"):
        compare(Profile.build({"t": ["a", "b"]}), table, embed={"t": "text"})


def test_an_embedding_fitted_elsewhere() -> None:
    found = compare({"v": cloud(50, 0)}, {"v": cloud(50, 1)}, embed={"v": PassedThrough(WIDTH)})
    assert {f.feature for f in found.findings if f.column} == {f"v[{i}]" for i in range(WIDTH)}
