from __future__ import annotations

import numpy as np
import pytest

from tests.unit.monitors.streams import reference
from watchkeeper.monitors.judge import Judge
from watchkeeper.reference.reference import Reference


@pytest.fixture(scope="session")
def timed() -> Reference:
    """Forty ordinary days."""
    return reference(np.random.default_rng(7))


@pytest.fixture(scope="session")
def untimed() -> Reference:
    """The same kind of rows, without time."""
    return reference(np.random.default_rng(8), timed=False)


@pytest.fixture(scope="session")
def judge(timed: Reference) -> Judge:
    return Judge(timed)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(11)
