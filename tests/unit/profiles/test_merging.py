from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.events.errors import BadInput
from watchkeeper.profiles.merging import merged
from watchkeeper.profiles.profile import Profile
from watchkeeper.reference.reference import Reference

AT = np.arange(400.0) * 3600
TIMED = Profile.build({"x": np.arange(400.0), "at": AT}, time="at").reference


def widened(reference: Reference, width: int) -> Reference:
    return Reference(
        schema=reference.schema, binning=reference.binning, whole=reference.whole, rows=reference.rows,
        block_width=width, block_starts=(0,), blocks=(reference.whole,),
    )  # fmt: skip


def test_buckets_of_another_width_are_added_to_the_wider() -> None:
    width = (TIMED.block_width or 0) * 500
    both = merged([TIMED, widened(TIMED, width)])
    assert (both.block_width, both.rows, both.block_starts) == (width, 800, (0,))
    assert both.blocks[0] == TIMED.whole + TIMED.whole


def test_buckets_that_do_not_fit_are_refused() -> None:
    with pytest.raises(BadInput, match="do not fit"):
        merged([TIMED, widened(TIMED, (TIMED.block_width or 0) + 1)])
