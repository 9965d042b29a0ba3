from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from tests.helpers.serving import (
    MIXED,
    NOW_US,
    SumPredictor,
    ask,
    call,
    catalogue,
    gateway,
    infer_json,
    recorded_rows,
    served,
)
from tests.unit.gateway.test_recorder import BrokenJournal
from watchkeeper.events.errors import Unavailable
from watchkeeper.events.ids import minted_at
from watchkeeper.gateway.infer import CaptureMode
from watchkeeper.gateway.limits import Limits
from watchkeeper.journal.memory import MemoryJournal

PATH = "/v2/models/m/infer"


def infer(body: bytes, **headers: str) -> tuple[Any, Any]:
    """The answer to one request, and the rows in the journal afterwards."""
    journal = MemoryJournal()
    made = gateway(journal)
    made.start()
    answer = ask(made, "POST", PATH, body, **headers)
    made.close(2)
    return answer, recorded_rows(journal)


def test_an_answer_has_the_protocol_s_shape() -> None:
    answer, _ = infer(infer_json([[1, 2], [-5, 1]]))
    body = answer.json()
    prediction_id = body["parameters"]["prediction_id"]
    assert answer.status == 200
    assert list(body) == ["model_name", "model_version", "id", "parameters", "outputs"]
    assert (body["model_name"], body["model_version"], body["id"]) == ("m", "1", prediction_id)
    assert body["outputs"][0] == {"name": "label", "shape": [2], "datatype": "INT64", "data": [1, 0]}
    assert body["outputs"][1]["datatype"] == "FP64"
    assert answer.headers["prediction-id"] == prediction_id
    assert answer.headers["content-length"] == str(len(answer.body))
    assert minted_at(prediction_id) == NOW_US / 1e6


def test_what_is_answered_is_recorded() -> None:
    answer, rows = infer(infer_json([[1, 2], [None, 1]], id="mine"))
    prediction_id = answer.headers["prediction-id"]
    assert answer.json()["id"] == "mine"
    assert [row["prediction_id"] for row in rows] == [f"{prediction_id}:0", f"{prediction_id}:1"]
    assert [row["input.age"] for row in rows] == [1.0, None]
    assert rows[0]["output.probability"] == answer.json()["outputs"][1]["data"][0]
    assert {(row["request_id"], row["status"], row["error"]) for row in rows} == {("mine", 200, None)}
    assert all(row["latency_us"] > 0 for row in rows)


def test_only_the_outputs_asked_for_are_answered() -> None:
    answer, rows = infer(infer_json([[1, 2]], outputs=[{"name": "probability"}]))
    assert [output["name"] for output in answer.json()["outputs"]] == ["probability"]
    assert rows[0]["output.label"] == "1", "all are recorded"
    answer, _ = infer(infer_json([[1, 2]], outputs=[{"name": "shap"}]))
    assert answer.status == 400
    assert "'shap' does not exist. The model gives label, probability." in answer.json()["error"]


def test_the_event_time_comes_from_the_body_or_the_header_or_the_clock() -> None:
    for extra, headers, expected in (
        ({}, {}, [NOW_US] * 2),
        ({}, {"event_time": "2013-01-31T12:00:00Z"}, [1359633600_000_000] * 2),
        ({"parameters": {"event_time": 1359633600}}, {"event_time": "2020-01-01"}, [1359633600_000_000] * 2),
        (
            {"parameters": {"event_time": [1359633600, "2013-01-31T12:00:01Z"]}},
            {},
            [1359633600000000, 1359633601000000],
        ),
    ):
        _, rows = infer(infer_json([[1, 2], [3, 4]], **extra), **headers)
        assert [round(row["event_time"].timestamp() * 1e6) for row in rows] == expected
        assert {round(row["receive_time"].timestamp() * 1e6) for row in rows} == {NOW_US}


def test_a_bad_request_is_recorded_without_inputs() -> None:
    answer, rows = infer(b'{"inputs":[]}')
    assert answer.status == 400
    assert len(rows) == 1
    assert (rows[0]["status"], rows[0]["input.age"], rows[0]["output.label"]) == (400, None, None)
    assert rows[0]["error"] == answer.json()["error"]
    assert rows[0]["prediction_id"] == answer.headers["prediction-id"]


def test_a_model_that_raises_is_a_500_without_its_words_and_recorded_with_its_inputs() -> None:
    answer, rows = infer(infer_json([[333, 333], [1, 1]]))
    assert answer.status == 500
    error = answer.json()["error"]
    assert answer.headers["prediction-id"] in error
    assert "RuntimeError" in error
    assert "secret" not in error
    assert [(row["status"], row["input.age"], row["output.label"]) for row in rows] == [
        (500, 333, None),
        (500, 1, None),
    ]


def test_a_model_that_raises_on_a_missing_value_is_the_client_s_to_mend() -> None:
    predictor = SumPredictor()
    predictor.refuse_missing = True
    made = gateway()
    made.publish(catalogue(served(predictor=predictor)))
    answer = ask(made, "POST", PATH, infer_json([[1, None]]))
    assert answer.status == 400
    assert "cannot predict with 'size' missing" in answer.json()["error"]


def test_a_mixed_model_is_served_by_columns() -> None:
    made = gateway()
    body = (
        b'{"inputs":[{"name":"age","shape":[1],"datatype":"FP64","data":[2]},'
        b'{"name":"carrier","shape":[1],"datatype":"BYTES","data":["AA"]},'
        b'{"name":"member","shape":[1],"datatype":"BOOL","data":[true]},'
        b'{"name":"born","shape":[1],"datatype":"BYTES","data":["1990-01-01"]}]}'
    )
    assert ask(made, "POST", "/v2/models/mixed/infer", body).json()["outputs"][0]["data"] == [1]
    assert MIXED


def test_a_slow_model_leaves_the_loop_free() -> None:
    gate = threading.Event()
    made = gateway()
    made.publish(catalogue(served(predictor=SumPredictor(gate=gate))))

    async def scenario() -> None:
        waiting = asyncio.ensure_future(call(made, "POST", PATH, infer_json([[1, 2]])))
        await asyncio.sleep(0.02)
        assert not waiting.done()
        assert (await call(made, "GET", "/v2/health/live")).status == 200
        gate.set()
        assert (await waiting).status == 200

    asyncio.run(scenario())


def test_a_fast_model_moves_onto_the_loop() -> None:
    version = served()
    made = gateway()
    made.publish(catalogue(version))
    for _ in range(4):
        assert ask(made, "POST", PATH, infer_json([[1, 2]])).status == 200
    assert version.pace.on_loop(1)
    assert ask(made, "POST", PATH, infer_json([[1, 2]])).status == 200


def test_durable_answers_after_the_commit() -> None:
    journal = MemoryJournal()
    made = gateway(journal, mode=CaptureMode.DURABLE)
    made.start()
    answer = ask(made, "POST", PATH, infer_json([[1, 2]]))
    assert answer.status == 200
    assert journal.head() == 1, "before close: it was there when the answer came"
    made.close(2)


def test_durable_answers_503_when_it_cannot_be_recorded() -> None:
    made = gateway(BrokenJournal([Unavailable("full")] * 3), mode=CaptureMode.DURABLE)
    made.start()
    assert ask(made, "POST", PATH, infer_json([[1, 2]])).status == 503
    made.close(0.1)
    full = gateway(mode=CaptureMode.DURABLE, limits=Limits(buffer_rows=1))
    assert ask(full, "POST", PATH, infer_json([[1, 2], [3, 4]])).status == 503


def test_off_records_nothing() -> None:
    journal = MemoryJournal()
    made = gateway(journal, mode=CaptureMode.OFF)
    made.start()
    assert ask(made, "POST", PATH, infer_json([[1, 2]])).status == 200
    made.close(2)
    assert journal.head() == 0


def test_a_full_buffer_or_a_dead_journal_changes_no_answer() -> None:
    made = gateway(limits=Limits(buffer_rows=1))
    answers = [ask(made, "POST", PATH, infer_json([[1, 2]])) for _ in range(3)]
    assert [answer.status for answer in answers] == [200] * 3
    assert made.stats()["dropped"] == {"m": {"buffer_full": 2}}


@pytest.mark.parametrize("bad_length", [1, 3])
def test_a_model_that_gives_another_number_of_answers_is_a_500(bad_length: int) -> None:
    class Liar(SumPredictor):
        def predict(self, rows: Any) -> Any:
            label, probability = super().predict(rows)
            return label.repeat(3)[:bad_length], probability.repeat(3)[:bad_length]

    made = gateway()
    made.publish(catalogue(served(predictor=Liar())))
    answer = ask(made, "POST", PATH, infer_json([[1, 2], [3, 4]]))
    assert answer.status == 500
    assert "answers for 2 rows" in answer.json()["error"]
