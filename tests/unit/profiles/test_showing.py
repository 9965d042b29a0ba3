from __future__ import annotations

import io

import numpy as np
import pyarrow as pa
from rich.console import Console

from watchkeeper.profiles.profile import Profile
from watchkeeper.profiles.showing import profile_table


def test_every_column_is_told_in_a_line() -> None:
    table = {
        "price": pa.array([None, *np.linspace(1, 9, 99)]),
        "shop": ["north", "south", "north", "east"] * 25,
        "none": pa.nulls(100),
        "note": [f"a note {i}" for i in range(100)],
        "at": np.arange(100.0) * 86_400,
    }
    console = Console(width=140, file=io.StringIO(), record=True)
    console.print(profile_table(Profile.build(table, time="at").reference))
    text = console.export_text()
    for words in ("100 rows, 1970-01-01", "1.0 %", "1.00 to 9.00", "north 50.0 %", "characters", "none"):
        assert words in text
