from __future__ import annotations

from itertools import product

import pytest

from watchkeeper.monitors.shares import Shares


@pytest.mark.parametrize(("score", "together", "dependence"), list(product([False, True], repeat=3)))
def test_nothing_is_lost_and_nothing_unasked_gets_a_share(score: bool, together: bool, dependence: bool) -> None:
    shares = Shares.of(score=score, together=together, dependence=dependence)
    assert shares.columns + shares.score + shares.together + shares.dependence == pytest.approx(1)
    assert (shares.score > 0, shares.together > 0, shares.dependence > 0) == (score, together, dependence)
    assert shares.columns >= 0.5
