"""A user's own small model: an artifact, reference data and what is asked at registration."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from watchkeeper.app.register import Registration
from watchkeeper.models.task import Task

SOURCE = """
import numpy as np

class Late:
    layout = "matrix"

    def predict(self, rows):
        return 1 / (1 + np.exp(-(rows[:, 0] + rows[:, 1] - 30) / 10))
"""
DAY = 86_400
START = 1_767_225_600  # 1 January 2026


def reference_table(rows: int = 600, days: int = 30) -> pa.Table:
    """Features `age` and `fare`, the truth `late`, the time `at` in Unix seconds."""
    rng = np.random.default_rng(5)
    age, fare = rng.normal(20, 5, rows), rng.gamma(2, 5, rows)
    at = START + np.sort(rng.uniform(0, days * DAY, rows)).astype(np.int64)
    return pa.table({"age": age, "fare": fare, "late": (age + fare > 30).astype(np.int64), "at": at})


def write_model(folder: Path, table: pa.Table | None = None) -> tuple[Path, Path]:
    """The artifact and the reference as files in `folder`."""
    artifact, reference = folder / "late.py", folder / "reference.parquet"
    artifact.write_text(SOURCE)
    pq.write_table(reference_table() if table is None else table, reference)
    return artifact, reference


def registration(folder: Path, version: str = "v1", table: pa.Table | None = None) -> Registration:
    """What a user asks for."""
    artifact, reference = write_model(folder, table)
    return Registration(
        model="late",
        version=version,
        artifact=artifact,
        reference=reference,
        task=Task.BINARY,
        target="late",
        time="at",
        trust_pickle=True,
    )


def infer_body(age: float = 20.0, fare: float = 10.0) -> bytes:
    """One row as a V2 request."""
    tensors = [
        f'{{"name": "{name}", "shape": [1], "datatype": "FP64", "data": [{value}]}}'
        for name, value in (("age", age), ("fare", fare))
    ]
    return f'{{"inputs": [{", ".join(tensors)}]}}'.encode()
