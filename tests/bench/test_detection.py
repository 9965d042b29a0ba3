"""The detection benchmark end to end, with tiny repetitions: that it runs, resumes and tells, not what it finds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from bench.detection import report, synthetic
from bench.detection.figure import Goal, rate
from bench.detection.grid import cells, chosen, run
from bench.detection.interval import wilson
from bench.detection.results import CellResult, Results, digest
from bench.detection.setting import Missing, Setting, generator
from bench.detection.streams import MANIFEST, all_streams, load_stream

QUICK = (
    "null.100 columns.100",
    "null.census.100",
    "power.100 columns.10 % missing.100",
    "persistent.0.1",
    "errors.0.2",
)
SHORT = Setting(short=True)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Some cells of every kind of reference, measured once."""
    path = tmp_path_factory.mktemp("bench") / "results.jsonl"
    run([cells()[name] for name in _names()], SHORT, Results(path), 1)
    return Results(path)


def _names() -> list[str]:
    return [cell.name for cell in chosen(QUICK)]


def test_a_cell_tells_its_figures_with_goal_interval_and_seed(results: Results) -> None:
    (missing,) = report.selected(results, ["power.100 columns.10 % missing.100"], short=True)
    (power,) = missing.figures
    assert power.number == 1.0, "10 % missing of a column that never missed is seen in any window of 100"
    assert power.met is True
    assert power.low is not None
    assert power.low < 1.0 == pytest.approx(power.high)
    assert len(missing.seed) == 3
    (null,) = report.selected(results, ["null.100 columns.100"], short=True)
    assert null.figures[0].number < 1.0


def test_a_cell_without_its_data_says_so(results: Results) -> None:
    (census,) = report.selected(results, ["null.census.100"], short=True)
    assert not census.figures
    assert census.not_run == "no adult.parquet in --data"


def test_what_is_there_is_not_measured_again(results: Results) -> None:
    before = results.path.read_text().count('"type":"part"')
    again = Results(results.path)
    run([cells()["errors.0.2"]], SHORT, again, 1)
    assert results.path.read_text().count('"type":"part"') == before
    assert again.cells["errors.0.2", True].figures == results.cells["errors.0.2", True].figures


def test_the_page_marks_what_is_missed_and_what_was_not_run(results: Results) -> None:
    found = report.selected(results, _names(), short=True)
    missed = rate("alarming windows", 3, 4, goal=Goal("<=", 0.1))
    worse = _with(found[0], missed)
    text = report.page([worse, *found[1:]])
    assert "alarming windows 0.75 [0.301, 0.954], goal ≤ 0.1" in text
    assert "**missed**" in text
    assert "no adult.parquet in --data" in text
    assert all(line.startswith("|") == line.endswith("|") for line in text.splitlines())


def _with(result: CellResult, figure: object) -> CellResult:
    from msgspec.structs import replace

    return replace(result, figures=(figure,))


def test_every_cell_has_a_name_of_its_own_and_every_peer_its_pins() -> None:
    known = cells()
    assert len(known) > 80
    assert all(cell.pins and cell.sources for cell in known.values() if cell.tool != "Watchkeeper")
    assert {cell.section for cell in chosen(["speed"])} == {"Speed"}
    assert [cell.name for cell in chosen(["null.100 columns.100"])] == ["null.100 columns.100"]


def test_wilson_covers_the_rate_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    hits = rng.binomial(200, 0.01, 4_000)
    covered = np.mean([low <= 0.01 <= high for low, high in (wilson(int(h), 200) for h in hits)])
    assert 0.92 < covered < 0.99
    assert wilson(0, 2_200) == pytest.approx((0.0, 0.00174), abs=1e-5)


def test_synthetic_columns_have_the_laws_they_say() -> None:
    rows = 200_000
    columns = ("number0", "number1", "number2", "number3", "number4", "level4")
    plain = synthetic.draw(generator("test"), rows, columns=columns)
    moved = synthetic.draw(generator("test"), rows, synthetic.Law(0.5), columns)
    mean = {name: (np.mean(plain[name].to_numpy()), np.mean(moved[name].to_numpy())) for name in columns[:5]}
    assert mean["number0"] == pytest.approx((0.0, 0.5), abs=0.02)
    assert np.log(plain["number1"].to_numpy()).std() == pytest.approx(1.0, abs=0.01)
    assert mean["number3"] == pytest.approx((4.0, 5.0), abs=0.02)
    assert np.mean(plain["number4"].to_numpy() == 0) == pytest.approx(0.8, abs=0.005)
    assert np.quantile(plain["number2"].to_numpy(), 0.975) == pytest.approx(3.182, abs=0.08)
    codes = plain["level4"].combine_chunks().indices.to_numpy()
    assert np.mean(codes == 0) / np.mean(codes == 1) == pytest.approx(2.0, abs=0.05)


def test_a_stream_is_plugged_in_by_a_file(tmp_path: Path) -> None:
    rows = synthetic.draw(generator("test"), 240, columns=("number0", "level0"))
    pq.write_table(rows, tmp_path / "orders.parquet")
    (tmp_path / MANIFEST).write_text(
        '[[stream]]\nname = "orders"\nfamily = "shop"\nfile = "orders.parquet"\nblock = 86400\nstep = 3600\n'
    )
    stream = load_stream("orders", tmp_path)
    assert (len(stream), stream.label, np.diff(stream.bounds()).tolist()) == (240, None, [24] * 10)
    assert "ordinary.shop" in cells(tmp_path)
    assert {found.family for found in all_streams(tmp_path)} == {"flights", "shop"}
    with pytest.raises(Missing, match="elec2"):
        load_stream("electricity, day", tmp_path)


def test_the_stamp_is_of_what_code_does(tmp_path: Path) -> None:
    one, other, third = (tmp_path / name for name in ("one.py", "other.py", "third.py"))
    one.write_text('def twice(x):\n    """Double."""\n    return 2 * x\n')
    other.write_text("def twice(x: int) -> int:  # a comment\n    return 2*x\n")
    third.write_text("def twice(x):\n    return 3 * x\n")
    assert digest([one]) == digest([other]) != digest([third])
