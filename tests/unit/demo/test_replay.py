import asyncio

import numpy as np
import pytest

from tests.unit.demo.fake_server import FakeServer, serving
from watchkeeper.demo.flights import Flights, load_flights
from watchkeeper.demo.replay import Replay, Totals
from watchkeeper.demo.wire import Pool


@pytest.fixture(scope="module")
def days() -> Flights:
    flights = load_flights()
    return flights.between(float(flights.departure[0]), float(flights.departure[0]) + 3 * 86_400)


@pytest.fixture(scope="module")
def replayed(days: Flights) -> tuple[FakeServer, Totals, list[float]]:
    async def scenario() -> tuple[FakeServer, Totals, list[float]]:
        seen: list[float] = []

        async def pace(totals: Totals) -> None:
            seen.append(totals.now)

        async with serving() as (fake, port), Pool("127.0.0.1", port, 4) as pool:
            return fake, await Replay(pool, "flights", days, pace).run(), seen

    return asyncio.run(scenario())


def test_every_flight_is_predicted_once(days: Flights, replayed: tuple[FakeServer, Totals, list[float]]) -> None:
    fake, totals, _ = replayed
    times = [moment for body in fake.of("/infer") for moment in body["parameters"]["event_time"]]
    assert sorted(times) == days.departure.tolist()
    assert totals.predictions == len(days)


def test_every_landing_is_labelled_once_and_no_other(
    days: Flights, replayed: tuple[FakeServer, Totals, list[float]]
) -> None:
    fake, totals, _ = replayed
    labels = [item for body in fake.of("/feedback") for item in body["feedback"]]
    assert len({item["prediction_id"] for item in labels}) == len(labels) == days.landed.sum() == totals.labels
    assert totals.cancelled + totals.diverted == (~days.landed).sum()


def test_time_runs_forward_within_an_hour_or_two(replayed: tuple[FakeServer, Totals, list[float]]) -> None:
    fake, _, _ = replayed
    moments = [max(body["parameters"]["event_time"]) for body in fake.of("/infer")]
    assert (np.diff(moments) > -3600).all()


def test_pace_is_asked_at_every_midnight(replayed: tuple[FakeServer, Totals, list[float]]) -> None:
    seen = replayed[2]
    assert all(moment % 86_400 == 0 for moment in seen[:-1])
    assert len(seen) >= 4
