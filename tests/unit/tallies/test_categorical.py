"""Categorical tallies: exact addition, unseen apart, no winner's curse."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.tallies.bins import count
from watchkeeper.tallies.categorical import CategoricalBins, levels_of

BINS = CategoricalBins.fit(pa.array(["a"] * 5 + ["b"] * 3 + ["c"]))
levels = st.lists(st.one_of(st.none(), st.sampled_from("abcxyz"), st.text(max_size=3)), max_size=40)


def texts(values: list[str | None]) -> pa.Array:
    clean = [None if v is None else v.encode("utf-8", "replace").decode() for v in values]
    return pa.array(clean, pa.string())


@given(levels, levels)
def test_addition_is_exact_in_any_order_and_encoding(a: list[str | None], b: list[str | None]) -> None:
    whole = count(BINS, texts(b + a))
    assert count(BINS, texts(a)) + count(BINS, texts(b)) == whole
    assert count(BINS, texts(b + a).dictionary_encode()) == whole
    assert count(BINS, pa.chunked_array([texts(b), texts(a)])) == whole


@given(levels)
def test_every_row_is_counted_once(values: list[str | None]) -> None:
    counts = count(BINS, texts(values)).counts
    rates = BINS.rate_counts(counts)
    assert BINS.rows(counts) == len(values)
    assert rates["missing"] == values.count(None)
    assert rates["unseen"] == sum(value is not None and value not in {"a", "b", "c"} for value in values)
    assert BINS.value_counts(counts)[:3].tolist() == [values.count(level) for level in "abc"]


def test_levels_fall_and_ties_are_broken_by_name() -> None:
    assert CategoricalBins.fit(pa.array(["b", "a", "c", "c"])).levels == ("c", "a", "b")
    assert BINS.labels[:4] == ("a", "b", "c", "other levels, bucket 1")


def test_singletons_and_doubletons_of_the_reference() -> None:
    assert (BINS.singletons, BINS.doubletons, BINS.seen_rows) == (1, 0, 9)


def test_booleans_are_the_levels_false_and_true() -> None:
    bins = CategoricalBins.fit(pa.array([True, False, True, None]))
    counts = count(bins, pa.array([True, None, False])).counts
    assert bins.levels == ("true", "false")
    assert bins.value_counts(counts)[:2].tolist() == [1, 1]
    assert bins.rate_counts(counts)["wrong_type"] == 0


@pytest.mark.parametrize("column", [pa.array([1, 2, None]), pa.array([1.5, 2.5, None]), pa.array([[1], [2], None])])
def test_what_is_not_text_is_of_the_wrong_type(column: pa.Array) -> None:
    counts = count(BINS, column).counts
    rates = BINS.rate_counts(counts)
    assert rates["wrong_type"] == 2
    assert rates["missing"] == 1
    assert BINS.rows(counts) == 3


def test_all_null_and_empty_columns() -> None:
    assert BINS.rate_counts(count(BINS, pa.nulls(3)).counts)["missing"] == 3
    assert CategoricalBins.fit(pa.nulls(3)).levels == ()
    assert BINS.rows(count(BINS, pa.array([], pa.string())).counts) == 0


def test_nulls_among_dictionary_levels_are_missing() -> None:
    column = pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 0]), pa.array(["a", None]))
    counts = count(BINS, column).counts
    assert BINS.rate_counts(counts)["missing"] == 2
    assert BINS.value_counts(counts)[0] == 2


def test_repeated_dictionary_levels_are_one_level() -> None:
    column = pa.DictionaryArray.from_arrays(pa.array([0, 1]), pa.array(["a", "a"]))
    assert levels_of(column).rows == {"a": 2}


def test_many_levels_choose_the_top_on_every_fifth_row() -> None:
    names = np.array([f"level {i}" for i in range(300)])
    column = pa.array(np.random.default_rng(0).choice(names, 5000))
    bins = CategoricalBins.fit(column)
    assert (len(bins.levels), bins.held_out) == (64, True)
    assert set(bins.levels) <= set(levels_of(column.take(pa.array(np.arange(0, 5000, 5)))).rows)
    counts = count(bins, column).counts
    assert bins.rate_counts(counts)["unseen"] == 0, "levels outside the top are rare, not unseen"
    assert bins.value_counts(counts).sum() == 5000
    assert not BINS.held_out


def test_json_round_trip() -> None:
    again = CategoricalBins.from_dict(BINS.to_dict())
    assert count(again, texts(["a", "q"])) == count(BINS, texts(["a", "q"]))


COLUMNS = {
    "text": pa.array(["a", None, "b", "zz"] * 5),
    "chunks": pa.chunked_array([["a", None], ["b", "zz", "a"]]),
    "dictionary": pa.array(["a", None, "b", "zz"] * 5).dictionary_encode(),
    "dictionaries": pa.chunked_array(
        [pa.array(["q", "a"]).dictionary_encode(), pa.array(["a", None, "x"]).dictionary_encode()]
    ),
    "a null among the levels": pa.DictionaryArray.from_arrays(pa.array([0, 1, 1, None]), pa.array(["a", None])),
    "unused levels": pa.DictionaryArray.from_arrays(pa.array([7, 7], pa.int32()), pa.array(list("cdefghia"))),
    "numbers": pa.array([1, 2, None, 2]),
    "booleans": pa.array([True, None, False]),
    "nulls": pa.nulls(3),
    "lists": pa.array([[1], None, [2, 3]]),
    "nothing": pa.array([], pa.string()),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_counting_levels_is_counting_rows(name: str) -> None:
    column = COLUMNS[name]
    bins = CategoricalBins(levels=("a", "b", "false"), rare=("c",))
    by_rows = count(bins, column)
    assert bins.count(levels_of(column)).tolist() == by_rows.counts.tolist()
