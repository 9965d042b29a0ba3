"""Bad labels against a running server: a clear answer, each counted, nothing lost, no metric changed by them.

One server with three models: `late` (binary), `kind` (three classes), `price` (a number). Tests go in order, and what
labels of `good` say of the first window of `late` must read the same at the end as at the beginning.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from msgspec.structs import replace

from tests.helpers.own_model import DAY, reference_table, registration
from tests.helpers.up import Up, wait
from watchkeeper.app.register import register
from watchkeeper.client.client import Client
from watchkeeper.config import Settings
from watchkeeper.models.task import Task
from watchkeeper.store.store import open_store

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
KIND = """
import numpy as np

class Kind:
    layout = "matrix"
    classes = ("a", "b", "c")

    def predict(self, rows):
        found = np.full((len(rows), 3), 1 / 3)
        found[rows[:, 0] < 0] = 0.5
        return found
"""
PRICE = """
class Price:
    layout = "matrix"

    def predict(self, rows):
        return rows[:, 0]
"""
ROWS = 1000
WRONG = 10_000


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    folder = tmp_path_factory.mktemp("bad")
    store = open_store(folder / "data")
    settings = Settings(window=DAY, bucket=3600, lateness=0)
    wanted = registration(folder)
    register(store, settings, wanted, now=time.time())
    table = reference_table()
    for name, task, source, truth in (
        ("kind", Task.MULTICLASS, KIND, pa.array(["a", "b", "c"] * 200)),
        ("price", Task.REGRESSION, PRICE, table["age"]),
    ):
        artifact, reference = folder / f"{name}.py", folder / f"{name}.parquet"
        artifact.write_text(source)
        pq.write_table(table.drop_columns(["late"]).append_column("late", truth), reference)
        also = replace(wanted, model=name, task=task, artifact=artifact, reference=reference)
        register(store, settings, also, now=time.time())
    store.close()
    running = Up(folder / "data")
    yield running
    running.close()


class Server:
    """What the tests ask of it."""

    def __init__(self, up: Up) -> None:
        self.up = up

    def predict(self, model: str, ages: list[float], *, event_time: float | None = None) -> list[str]:
        """A prediction for each of `ages`, once they are kept; their IDs."""
        kept = self.up.metric("watchkeeper_inferences_total")
        tensors = [
            {"name": name, "shape": [len(ages)], "datatype": "FP64", "data": values}
            for name, values in (("age", ages), ("fare", [10.0] * len(ages)))
        ]
        more = {} if event_time is None else {"parameters": {"event_time": event_time}}
        name = self.up.infer(model, json.dumps({"inputs": tensors, **more}).encode())
        wait(lambda: self.up.metric("watchkeeper_inferences_total") >= kept + len(ages), 60, self.up.text)
        return [name] if len(ages) == 1 else [f"{name}:{row}" for row in range(len(ages))]

    def send(self, model: str, items: list[dict[str, Any]], source: str = "good") -> None:
        """Send `items`, and wait until something has become of all of them."""
        before = sum(self.outcomes(model).values())
        for first in range(0, len(items), ROWS):
            body = json.dumps({"feedback": items[first : first + ROWS]}).encode()
            status, answer = self.up.post(f"/v2/models/{model}/feedback", body, feedback_source=source)
            assert (status, answer["durable"]) == (200, True), answer
        wait(lambda: sum(self.outcomes(model).values()) >= before + len(items), 60, self.up.text)

    def labels(self, model: str) -> Any:
        return json.loads(self.up.get(f"/api/v1/models/{model}/labels"))

    def outcomes(self, model: str) -> dict[str, int]:
        """How much feedback had each outcome."""
        found: dict[str, int] = {}
        for line in self.labels(model)["outcomes"]:
            if line["outcome"] != "reinstated":  # counted beside what became of it first
                found[line["outcome"]] = found.get(line["outcome"], 0) + line["count"]
        return found

    def performance(self, model: str = "late", **asked: object) -> Any:
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        return json.loads(self.up.get(f"/api/v1/models/{model}/performance?{query}"))


@pytest.fixture(scope="module")
def server(up: Up) -> Server:
    return Server(up)


@pytest.fixture(scope="module")
def labelled(server: Server) -> list[str]:
    """A thousand predictions with a label each."""
    rng = np.random.default_rng(3)
    ids = server.predict("late", rng.normal(20, 5, ROWS).tolist())
    truth = rng.integers(0, 2, ROWS).tolist()
    server.send("late", [{"prediction_id": name, "label": value} for name, value in zip(ids, truth, strict=True)])
    return ids


def truths(server: Server) -> Any:
    """All that metrics of `late` say today."""
    found = server.performance()
    return found["total"], [(one["start"], one["metrics"], one["rewards"]) for one in found["windows"]]


class Bad(NamedTuple):
    """A request that is refused: its status, words of the answer, and under what its items are counted."""

    name: str
    body: bytes
    says: str
    reason: str = "feedback_malformed"
    status: int = 400
    model: str = "late"


def one(value: str, more: str = "") -> bytes:
    return f'{{"feedback": [{{"prediction_id": "p", "label": {value}{more}}}]}}'.encode()


AHEAD = f', "event_time": {time.time() + 2 * DAY:.0f}'
REFUSED = [
    Bad("no such class", one("7"), "none of the model's classes (0, 1)", "feedback_not_a_label"),
    Bad("the class of another task", one('"tuesday"', ""), "none of the model's", "feedback_not_a_label"),
    Bad("a text for a number", one('"dear"'), "predicts a number", "feedback_not_a_label", model="price"),
    Bad("NaN", one("NaN"), "not valid"),
    Bad("Infinity", one("Infinity"), "not valid"),
    Bad("a number beyond floats", one("1e999"), "not valid"),
    Bad("a reward that is no number", one('"x"', ', "kind": "reward"'), "a reward is a number", "feedback_not_a_label"),
    Bad("a label from the future", one("1", AHEAD), "hours in the future", "feedback_in_future"),
    Bad("no prediction", b'{"feedback": [{"label": 1}]}', "exactly one of prediction_id"),
    Bad("no value", b'{"feedback": [{"prediction_id": "p"}]}', "exactly one of label"),
    Bad("deep JSON", b'{"feedback": [{"prediction_id": ' + b"[" * 50_000, "nested too deeply"),
    Bad("deep JSON, whole", one("[" * 20_000 + "]" * 20_000), "nested too deeply"),
    Bad("too many items", json.dumps({"feedback": [{}] * 1001}).encode(), "1001 feedback items", status=413),
    Bad("an empty body", b"", "not valid"),
]


@pytest.mark.parametrize("bad", REFUSED, ids=lambda bad: bad.name)
def test_what_is_wrong_is_refused_and_said(server: Server, bad: Bad) -> None:
    status, answer = server.up.post(f"/v2/models/{bad.model}/feedback", bad.body)
    assert (status, bad.says in answer["error"]) == (bad.status, True), answer


def test_what_was_refused_is_counted_and_nothing_else_came_of_it(server: Server) -> None:
    for model in ("late", "price"):
        expected = dict(Counter(bad.reason for bad in REFUSED if bad.model == model))
        wait(lambda model=model, expected=expected: server.labels(model)["refused"] == expected, 20)  # type: ignore[misc]
        assert server.outcomes(model) == {}
        assert server.performance(model)["total"] == {}


def test_an_oversize_body_and_an_unknown_model_are_refused(server: Server) -> None:
    assert server.up.post("/v2/models/late/feedback", b" " * ((16 << 20) + 1))[0] == 413
    status, answer = server.up.post("/v2/models/nobody/feedback", one("1"))
    assert (status, "nobody" in answer["error"]) == (404, True)


def test_one_wrong_item_keeps_the_request_out_and_names_itself(server: Server, labelled: list[str]) -> None:
    before = truths(server)
    items = [{"prediction_id": labelled[0], "label": 1}, {"prediction_id": labelled[1], "label": 5}]
    status, answer = server.up.post("/v2/models/late/feedback", json.dumps({"feedback": items}).encode())
    assert (status, "item 1: " in answer["error"]) == (400, True)
    with Client(server.up.address) as client:
        assert client.feedback_sifted("late", items) == (1, {1: "label '5' is none of the model's classes (0, 1)"})
    wait(lambda: server.outcomes("late").get("repeated", 0) + server.outcomes("late").get("conflicting", 0) == 1, 20)
    assert truths(server) == before


def test_an_unknown_prediction_and_one_of_another_model_wait_and_change_nothing(
    server: Server, labelled: list[str]
) -> None:
    before = truths(server)
    server.send("late", [{"prediction_id": "nobody", "label": 1}])
    server.send("kind", [{"prediction_id": labelled[0], "label": "a"}], source="stranger")
    assert server.outcomes("late")["parked"] == server.labels("late")["parked"] == 1
    assert server.outcomes("kind") == {"parked": 1}
    assert server.performance("kind")["total"] == {}
    assert truths(server) == before


def test_a_clock_that_is_hours_off_moves_no_window(server: Server) -> None:
    days = {"start": int(time.time() - 3 * DAY), "end": int(time.time() + 2 * DAY)}  # tomorrow too, late in the evening
    before = server.performance("late", **days)["windows"]
    (name,) = server.predict("late", [20.0], event_time=time.time() + 5 * 3600)
    ahead, behind = time.time() + 6 * 3600, time.time() - 20 * 3600
    server.send("late", [{"prediction_id": name, "label": 1, "event_time": ahead}])
    (other,) = server.predict("late", [20.0], event_time=behind)
    server.send("late", [{"prediction_id": other, "label": 1, "event_time": behind - 3600}])
    after = server.performance("late", **days)["windows"]
    assert sum(one["maturity"]["labels"] for one in after) == sum(one["maturity"]["labels"] for one in before) + 2
    assert all(one["start"] <= time.time() + DAY for one in after)


def test_probabilities_that_do_not_sum_to_one_are_in_no_metric(server: Server) -> None:
    good = server.predict("kind", [1.0] * 40)
    server.send("kind", [{"prediction_id": name, "label": "abc"[k % 3]} for k, name in enumerate(good)])
    before = server.performance("kind")["total"]
    assert before["accuracy"]["n"] == 40
    bad = server.predict("kind", [-1.0] * 40)
    server.send("kind", [{"prediction_id": name, "label": "a"} for name in bad])
    assert server.outcomes("kind")["not_scored"] == 40
    assert server.performance("kind")["total"] == before


def test_a_window_of_one_class_and_an_empty_one_say_so(server: Server) -> None:
    at = (time.time() // DAY - 3) * DAY + 60
    ids = server.predict("late", [10.0, 20.0, 30.0, 40.0] * 10, event_time=at)
    server.send("late", [{"prediction_id": name, "label": 0} for name in ids])
    (window,) = server.performance(start=int(at - 60), end=int(at - 60 + DAY))["windows"]
    area = window["metrics"]["roc_auc"]
    assert (area["value"], bool(area["note"])) == (None, True)
    assert window["metrics"]["accuracy"]["value"] is not None
    empty = server.performance(start=int(at - 10 * DAY), end=int(at - 9 * DAY))
    assert (empty["total"], empty["windows"]) == ({}, [])


def test_ten_thousand_wrong_labels_of_one_source_are_taken_back_exactly(server: Server, labelled: list[str]) -> None:
    rng = np.random.default_rng(4)
    fresh = [name for _ in range(9) for name in server.predict("late", rng.normal(20, 5, ROWS).tolist())]
    server.send("late", [{"prediction_id": name, "value": 1, "kind": "reward"} for name in fresh[:100]])
    before = truths(server)
    wrong = [{"prediction_id": name, "label": 1, "kind": "correction"} for name in labelled]
    wrong += [{"prediction_id": name, "label": k % 2} for k, name in enumerate(fresh)]
    assert len(wrong) == WRONG
    server.send("late", wrong, source="broken job")
    good = [{"prediction_id": name, "label": 1 - k % 2} for k, name in enumerate(fresh[:50])]
    server.send("late", good)  # refused: they come second
    assert server.outcomes("late")["conflicting"] >= 50
    assert truths(server) != before
    assert any("broken job" in note for note in server.labels("late")["notes"])
    with Client(server.up.address) as client:
        taken = client.withdraw("late", "broken job")
        assert taken >= WRONG - ROWS
        wait(lambda: server.outcomes("late").get("withdrawn", 0) >= taken, 60)
        assert client.withdraw("late", "broken job") == 0
        after = truths(server)
        assert after[0]["accuracy"]["n"] == before[0]["accuracy"]["n"] + 50
        assert client.withdraw("late", "good", time.time() + 1) == 0
    server.send("late", [{"prediction_id": n, "value": "good", "kind": "withdrawal"} for n in fresh[:50]], "clean-up")
    assert rewards(before) - rewards(truths(server)) == 50
    assert truths(server)[0] == before[0]


def rewards(said: Any) -> int:
    return sum(count for _, _, count in said[1])


def test_nothing_was_lost(server: Server) -> None:
    """What was stored = what became of it + what waits."""
    for model in ("late", "kind"):
        told = server.outcomes(model)
        told.pop("parked", None)
        lines = [
            line
            for line in server.up.get("/metrics").splitlines()
            if line.startswith("watchkeeper_feedback_total") and f'model="{model}"' in line
        ]
        stored = sum(float(line.rpartition(" ")[2]) for line in lines)
        assert stored == sum(told.values()) + server.labels(model)["parked"]
