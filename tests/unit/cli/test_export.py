"""`watchkeeper export`."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
from click.testing import CliRunner, Result

from tests.helpers.watching import DAY, START, FakeClock, batch, entry, labels, watched_store
from watchkeeper.cli.main import main
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.watch.worker import Worker


def export(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["export", "flights", "--data-dir", str(folder / "data"), *arguments])


def test_rows_and_labels_become_a_file(tmp_path: Path) -> None:
    store, journal = watched_store(tmp_path / "data"), MemoryJournal()
    worker = Worker(store, journal, clock=FakeClock(START + 2.0 * DAY))
    journal.append([entry(batch([START, START + 9.0]))])
    journal.append([entry(labels(["p-000000-000001"], at=START + 60.0))])
    worker.step()
    worker.close()
    store.close()
    file = tmp_path / "rows.parquet"
    done = export(tmp_path, "-o", str(file))
    assert done.exit_code == 0, done.output
    assert done.output.startswith("2 rows with ")
    assert pq.read_table(file)["label"].null_count == 1
    assert export(tmp_path, "-o", str(file), "--labelled").output.startswith("1 rows")


def test_a_refusal_leaves_no_file(tmp_path: Path) -> None:
    watched_store(tmp_path / "data").close()
    for wrong in (["--from", "soon"], ["--version", "9"], ["--flag", "ugly"], []):
        refused = export(tmp_path, "-o", str(tmp_path / "rows.parquet"), *wrong)
        assert refused.exit_code == 2
        assert refused.output.startswith("Error: ")
    assert not list(tmp_path.glob("rows*"))
