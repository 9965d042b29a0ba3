import msgspec
import numpy as np

from watchkeeper.demo.flights import FEATURES, Flights, load_flights
from watchkeeper.demo.payloads import Payloads, batches, plain


def first_flights(rows: int) -> Flights:
    return load_flights().rows(slice(0, rows))


def test_inference_names_every_feature_with_its_event_times() -> None:
    flights = first_flights(50)
    request = msgspec.json.decode(Payloads(flights).inference(10, 13))
    assert [item["name"] for item in request["inputs"]] == list(FEATURES)
    assert {item["shape"][0] for item in request["inputs"]} == {3}
    assert request["parameters"]["event_time"] == flights.departure[10:13].tolist()


def test_feedback_carries_label_and_landing_time() -> None:
    flights = first_flights(50)
    landed = np.flatnonzero(flights.landed)[:2].tolist()
    request = msgspec.json.decode(Payloads(flights).feedback(landed, [f"id{row}" for row in range(50)]))
    assert [item["prediction_id"] for item in request["feedback"]] == [f"id{row}" for row in landed]
    assert [item["label"] for item in request["feedback"]] == flights.late[landed].astype(int).tolist()
    assert [item["event_time"] for item in request["feedback"]] == flights.landing[landed].tolist()


def test_plain_turns_nan_into_none() -> None:
    assert plain(np.array([1.0, np.nan, 3.0])) == [1.0, None, 3.0]
    assert plain(np.array(["a", "b"], dtype=object)) == ["a", "b"]


def test_batches_share_a_slot_and_cover_everything() -> None:
    departure = np.array([0, 10, 299, 300, 300, 901])
    assert list(batches(departure, 0, 6, 300)) == [(0, 3), (3, 5), (5, 6)]
    assert list(batches(departure, 3, 6, 300)) == [(3, 5), (5, 6)]
    assert list(batches(departure, 2, 2, 300)) == []
