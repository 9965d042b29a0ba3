"""Files compare as frames do, whatever their format and however they are cut; ugly columns stay findings there too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from watchkeeper.compare import sides
from watchkeeper.compare.comparison import Comparison, compare
from watchkeeper.events.verdict import Verdict, worst
from watchkeeper.schema.opening import as_source

RNG = np.random.default_rng(7)


def streamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sides, "as_source", lambda data: as_source(data, in_memory_bytes=1))


def table(rows: int, shift: float) -> pa.Table:
    return pa.table(
        {
            "x": RNG.normal(shift, 1, rows),
            "whole": RNG.integers(0, 9, rows),
            "level": RNG.choice(["a", "b", "c"], rows),
            "many": [f"l{v}" for v in RNG.zipf(1.4, rows) % 300],
            "at": np.sort(RNG.integers(0, 86_400 * 60, rows)).astype(float),
        }
    )


@pytest.mark.parametrize("time", [None, "at"])
def test_a_streamed_file_says_bit_for_bit_what_the_frame_does(
    time: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, now = table(4000, 0), table(1500, 0.4)
    wanted = compare(before, now, time=time, rows=["energy"])
    for name, side in (("before", before), ("now", now)):
        pq.write_table(side, tmp_path / f"{name}.parquet", row_group_size=700)
    streamed(monkeypatch)
    found = compare(tmp_path / "before.parquet", tmp_path / "now.parquet", time=time, rows=["energy"])
    assert found.to_json() == wanted.to_json()
    assert wanted.verdict is Verdict.ALARM


UGLY: dict[str, tuple[Any, Any, set[Verdict]]] = {
    "constant": ([1.0] * 60, [1.0] * 60, {Verdict.OK}),
    "another constant": ([1.0] * 60, [2.0] * 60, {Verdict.ALARM}),
    "all null": ([None] * 60, [None] * 60, {Verdict.OK}),
    "not and then null": ([1.0, 2.0] * 30, [None] * 60, {Verdict.ALARM}),
    "one row now": (RNG.normal(size=500).tolist(), [1.0], {Verdict.NOT_ENOUGH_DATA}),
    "tiny scale": (1 + 1e-5 * RNG.normal(size=2000), 1 + 3e-5 + 1e-5 * RNG.normal(size=500), {Verdict.ALARM}),
    "one huge outlier": ([*RNG.normal(size=1999), 1e300], RNG.normal(size=500), {Verdict.OK}),
    "shift behind it": ([*RNG.normal(size=1999), 1e300], RNG.normal(3, 1, 500), {Verdict.ALARM}),
    "integers as floats": ([float(i % 7) for i in range(700)], [i % 7 for i in range(350)], {Verdict.OK}),
    "number becomes text": (RNG.normal(size=500), ["a", "b"] * 50, {Verdict.ALARM}),
    "decimals": (
        pa.array(RNG.integers(0, 99, 500)).cast(pa.decimal128(21, 0)),
        pa.array(RNG.integers(50, 149, 500)).cast(pa.decimal128(21, 0)),
        {Verdict.ALARM},
    ),
    "nested": ([["a"]] * 60, [["a"]] * 60, {Verdict.NOT_COMPUTABLE}),
    "becomes nested": (RNG.normal(size=500), [[1]] * 60, {Verdict.ALARM}),
}


def verdicts(comparison: Comparison) -> tuple[Verdict, set[Verdict]]:
    """(the ugly column's verdict, those of its neighbour)."""
    ugly = worst(finding.verdict for finding in comparison.findings if finding.feature == "ugly")
    return ugly, {finding.verdict for finding in comparison.findings if finding.feature == "good"}


@pytest.mark.parametrize("form", ["frame", "file"])
@pytest.mark.parametrize("case", UGLY)
def test_an_ugly_column_is_told_and_spoils_no_other(
    case: str, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    *values, expected = UGLY[case]
    rng = np.random.default_rng(4)
    tables: list[Any] = [pa.table({"ugly": side, "good": rng.normal(size=len(side))}) for side in values]
    if form == "file":
        streamed(monkeypatch)
        for i, side in enumerate(tables):
            pq.write_table(side, tmp_path / f"{i}.parquet", row_group_size=64)
        tables = [tmp_path / "0.parquet", tmp_path / "1.parquet"]
    ugly, good = verdicts(compare(*tables))
    assert {ugly} <= expected
    assert good <= {Verdict.OK, Verdict.NOT_ENOUGH_DATA}


@pytest.mark.parametrize("form", ["frame", "csv"])
def test_names_that_repeat_are_told_and_spoil_no_other(form: str, tmp_path: Path) -> None:
    frames: list[Any] = [
        pd.DataFrame(np.column_stack([RNG.normal(size=300)] * 3), columns=["ugly", "ugly", "good"]) for _ in range(2)
    ]
    if form == "csv":
        for i, frame in enumerate(frames):
            frame.to_csv(tmp_path / f"{i}.csv", index=False)
        frames = [tmp_path / "0.csv", tmp_path / "1.csv"]
    ugly, good = verdicts(compare(*frames))
    assert ugly is Verdict.NOT_COMPUTABLE
    assert good == {Verdict.OK}


def test_progress_is_told_up_to_the_end() -> None:
    told: list[float] = []
    compare(table(300, 0), table(200, 0), progress=lambda _stage, share: told.append(share))
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)
