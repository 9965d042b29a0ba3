from __future__ import annotations

import numpy as np

from watchkeeper.detectors.result import Bar
from watchkeeper.detectors.samples import Rates
from watchkeeper.detectors.unseen import unseen


def rates(hits: float, singletons: float, doubletons: float = 0.0, reference: float = 5000.0) -> Rates:
    return Rates(
        np.array([hits]), np.array([500.0]), np.array([singletons]), np.array([reference]), np.array([doubletons])
    )


def test_five_unseen_of_five_hundred_are_an_event_where_every_level_was_common() -> None:
    assert float(unseen(rates(5, 0), Bar()).p_value[0]) < 1e-4


def test_the_same_five_are_ordinary_where_one_row_in_a_hundred_was_a_singleton() -> None:
    assert float(unseen(rates(5, 50), Bar()).p_value[0]) > 0.1


def test_doubletons_make_it_more_careful() -> None:
    assert unseen(rates(20, 50, 40), Bar()).p_value[0] > unseen(rates(20, 50, 0), Bar()).p_value[0]


def test_ids_do_not_alarm() -> None:
    rng = np.random.default_rng(0)
    levels = rng.zipf(1.5, 200_000)
    p = []
    for i in range(60):
        reference, window = levels[i * 3000 : i * 3000 + 2500], levels[i * 3000 + 2500 : (i + 1) * 3000]
        _, times = np.unique(reference, return_counts=True)
        hits = float((~np.isin(window, reference)).sum())
        ones, twos = float((times == 1).sum()), float((times == 2).sum())
        p.append(float(unseen(rates(hits, ones, twos, 2500.0), Bar()).p_value[0]))
    assert min(p) > 1e-3
