"""Every test on rows by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from watchkeeper.detectors.rows.anderson_darling import anderson_darling
from watchkeeper.detectors.rows.classifier import classifier
from watchkeeper.detectors.rows.cramer_von_mises import cramer_von_mises
from watchkeeper.detectors.rows.energy_distance import energy_distance
from watchkeeper.detectors.rows.epps_singleton import epps_singleton
from watchkeeper.detectors.rows.lsdd import lsdd
from watchkeeper.detectors.rows.mann_whitney import mann_whitney
from watchkeeper.detectors.rows.mmd import mmd
from watchkeeper.detectors.rows.pair import Blocks
from watchkeeper.detectors.rows.result import RowResult


class Test(Protocol):
    """A test of the window's rows against the reference's; `blocks` holds the block of each row, of both."""

    def __call__(
        self,
        reference: Any,
        window: Any,
        rng: np.random.Generator,
        /,
        *,
        permutations: int = ...,
        blocks: Blocks | None = ...,
    ) -> RowResult: ...


@dataclass(frozen=True, slots=True)
class RowTest:
    """`many` columns, or one."""

    run: Test
    many: bool


ROW_TESTS: dict[str, RowTest] = {
    "energy_distance": RowTest(energy_distance, many=True),
    "mmd": RowTest(mmd, many=True),
    "lsdd": RowTest(lsdd, many=True),
    "classifier": RowTest(classifier, many=True),
    "cramer_von_mises": RowTest(cramer_von_mises, many=False),
    "anderson_darling": RowTest(anderson_darling, many=False),
    "mann_whitney": RowTest(mann_whitney, many=False),
    "epps_singleton": RowTest(epps_singleton, many=False),
}
