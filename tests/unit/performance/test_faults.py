"""Bad rows keep their first reason, and the first bad row is named."""

import numpy as np
import pytest

from watchkeeper.events.errors import BadInput
from watchkeeper.performance.faults import Faults


def test_the_first_reason_of_the_first_bad_row_is_told() -> None:
    faults = Faults(4)
    faults.add(np.array([False, False, True, True]), "late")
    faults.add(np.array([False, True, True, False]), lambda row: f"odd {row}")
    assert faults.reasons == {1: "odd 1", 2: "late", 3: "late"}
    assert faults.bad.tolist() == [False, True, True, True]
    with pytest.raises(BadInput, match=r"Row 1: odd 1\. 2 more rows are wrong\. Try again"):
        faults.check("Try again.")


def test_good_rows_pass() -> None:
    Faults(3).check("never said")
