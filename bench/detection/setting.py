"""What every cell of the grid is given: where data and environments are, how much to do, and its own randomness."""

from __future__ import annotations

import zlib
from pathlib import Path

import msgspec
import numpy as np

SEED = 20_261_121
Q = 1 / 720


class Missing(Exception):
    """A cell cannot be measured here; the message says what it lacks."""


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """`data`: a folder of data that are not ours to ship. `environments`: the peers' folder. `short`: a trial run."""

    data: Path | None = None
    environments: Path | None = None
    short: bool = False

    def of(self, full: int, short: int) -> int:
        """How many: of the whole grid, or of a trial run."""
        return short if self.short else full

    def file(self, name: str) -> Path:
        """The file `name` in the data folder. Raises Missing where it is not."""
        path = self.data / name if self.data else None
        if path is None or not path.is_file():
            raise Missing(f"no {name} in --data")
        return path


def seed_of(cell: str, part: int = 0) -> list[int]:
    """The seed of one part of a cell: by its name, so that no cell depends on what ran before it."""
    return [SEED, zlib.crc32(cell.encode()), part]


def generator(cell: str, part: int = 0) -> np.random.Generator:
    """The randomness of one part of a cell."""
    return np.random.Generator(np.random.SFC64(seed_of(cell, part)))
