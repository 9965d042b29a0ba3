"""One transaction for all nouns."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pyarrow as pa

from watchkeeper.store.heartbeats import Heartbeat
from watchkeeper.store.store import Store, open_store


def test_a_transaction_spans_every_noun(store: Store) -> None:
    with suppress(RuntimeError), store.begin():
        store.positions.set("watch", 5)
        store.losses.add({("m", "r"): 2})
        store.outbox.add("n", "a", "log", "{}", 1.0)
        raise RuntimeError
    assert store.positions.get("watch") == 0
    assert store.losses.totals() == {}
    assert store.outbox.find() == []


def test_two_stores_on_one_directory_see_each_other(store: Store) -> None:
    other = open_store(store.data_dir)
    store.heartbeats.beat(Heartbeat(process="watch", pid=1, at=2.0, started_at=1.0))
    assert [beat.process for beat in other.heartbeats.all()] == ["watch"]
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM heartbeats").scalar() == 1
    other.close()


def test_a_second_store_of_one_process_takes_nothing_from_the_first(store: Store) -> None:
    """Locks on a file are a process's: dropped, another process would remove the log that the first still writes to."""
    other = open_store(store.data_dir)
    look = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM positions'); c.close()"
    subprocess.run([sys.executable, "-c", look, str(store.data_dir / "state.db")], check=True)
    assert (store.data_dir / "state.db-wal").exists()
    other.close()


def test_what_is_kept_is_its_owners_alone_even_in_a_directory_that_is_not(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    store = open_store(tmp_path)
    store.blobs.write(b"a model")
    rows = pa.table({"prediction_id": ["p"], "event_time": pa.array([0], pa.timestamp("us", tz="UTC"))})
    store.records.write("inference", "m", rows)
    assert {path.name for path in tmp_path.iterdir()} >= {"state.db", "state.db-wal", "blobs", "records"}
    assert {path.stat().st_mode & 0o077 for path in tmp_path.iterdir()} == {0}
    store.close()
