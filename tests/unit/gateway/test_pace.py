from __future__ import annotations

from watchkeeper.gateway.pace import FAST, SLOW, Pace


def test_a_model_begins_in_the_pool_and_earns_the_loop() -> None:
    pace = Pace()
    assert not pace.on_loop(1)
    for _ in range(3):
        pace.record(1, FAST / 2)
    assert pace.on_loop(1)


def test_size_classes_are_judged_apart() -> None:
    pace = Pace()
    for _ in range(3):
        pace.record(1, FAST / 2)
        pace.record(1000, SLOW * 2)
    assert pace.on_loop(1)
    assert not pace.on_loop(1000)
    assert pace.on_loop(1) is not pace.on_loop(2)


def test_a_model_that_turns_slow_leaves_the_loop_and_does_not_flap() -> None:
    pace = Pace()
    for _ in range(3):
        pace.record(1, FAST / 2)
    for _ in range(20):
        pace.record(1, SLOW * 2)
    assert not pace.on_loop(1)
    for _ in range(20):
        pace.record(1, (FAST + SLOW) / 2)
    assert not pace.on_loop(1), "between the two bounds nothing changes"


def test_one_slow_outlier_does_not_move_a_fast_model() -> None:
    pace = Pace()
    for _ in range(10):
        pace.record(1, FAST / 100)
    pace.record(1, SLOW * 2)
    assert pace.on_loop(1)
