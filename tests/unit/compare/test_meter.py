from __future__ import annotations

from watchkeeper.compare.meter import Meter


def test_work_of_all_stages_adds_up_to_one() -> None:
    told: list[tuple[str, float]] = []
    meter = Meter(lambda stage, share: told.append((stage, share)), 10)
    meter.tell("a")(4)
    meter.tell("b")(6)
    meter.tell("b")(5)
    assert told == [("a", 0.4), ("b", 1.0), ("b", 1.0)]


def test_nobody_need_listen() -> None:
    Meter(None, 0).tell("a")(3)
