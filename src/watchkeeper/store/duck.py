"""DuckDB over the catalogued files: parameters only, no file outside the data directory, no query without an end."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from watchkeeper.events.errors import Unavailable

_SETTINGS = {"threads": "2", "memory_limit": "512MB", "TimeZone": "UTC"}
TIMEOUT_SECONDS = 10.0


class Duck:
    """One in-memory DuckDB that may read under `folder` and nowhere else. Each query runs on a cursor of its own."""

    def __init__(self, folder: Path, *, timeout: float = TIMEOUT_SECONDS) -> None:
        self._folder = folder
        self._timeout = timeout
        self._lock = threading.Lock()
        self._connection: duckdb.DuckDBPyConnection | None = None

    def rows(self, query: str, parameters: Mapping[str, Any]) -> pa.Table:
        """The result as an Arrow table. Raises `duckdb.Error`, or Unavailable when it takes longer than the limit."""
        cursor = self._open().cursor()
        timer = threading.Timer(self._timeout, cursor.interrupt)
        timer.start()
        try:
            return cursor.sql(query, params=dict(parameters)).to_arrow_table()
        except duckdb.InterruptException as error:
            raise Unavailable(
                f"The query took longer than {self._timeout:.0f} s and was stopped.",
                hint="Narrow the time range, or ask for fewer rows.",
            ) from error
        finally:
            timer.cancel()
            cursor.close()

    def close(self) -> None:
        """Release the memory."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _open(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            if self._connection is None:
                self._connection = duckdb.connect(":memory:")
                for name, value in _SETTINGS.items():
                    self._connection.execute(f"SET {name} = '{value}'")
                folder = str(self._folder).replace("'", "''")
                self._connection.execute(f"SET allowed_directories = ['{folder}/']")
                self._connection.execute("SET enable_external_access = false")
                self._connection.execute("SET lock_configuration = true")
            return self._connection


def identifier(name: str) -> str:
    """`name` quoted as an SQL identifier. Only for names that were found in a file's schema."""
    return '"' + name.replace('"', '""') + '"'
