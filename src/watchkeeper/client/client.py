"""The client: one object for one server.

Feedback is sent again when the server is busy, restarting or gone for a moment, with growing pauses: its items have
IDs, so that what arrived twice counts once. A prediction is never sent again by itself: it would be another prediction.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import httpx
import msgspec

from watchkeeper.client.requests import Prediction, Row, feedback_body, infer_body, predictions
from watchkeeper.events.errors import BadInput, Conflict, NotFound, TooLarge, Unavailable, WatchkeeperError

AT_ONCE = 1000
TRIES = 5
_FIRST_PAUSE = 0.2
_BUSY = (408, 429, 503)
_ERRORS: dict[int, type[WatchkeeperError]] = {400: BadInput, 404: NotFound, 409: Conflict, 413: TooLarge}


class Client:
    """Talks to the server at `url`. `token` goes into the Authorization header, `source` names who sends feedback.

    Raises what the server answers: BadInput, NotFound, …; Unavailable where it cannot be reached or cannot answer now.
    Use it in a `with` block, or `close` it.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8080",
        token: str | None = None,
        *,
        source: str | None = None,
        timeout: float = 30.0,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        headers = {"content-type": "application/json"}
        headers |= {} if token is None else {"authorization": f"Bearer {token}"}
        headers |= {} if source is None else {"feedback-source": source}
        self._http = httpx.Client(base_url=url.rstrip("/"), headers=headers, timeout=timeout, transport=transport)
        self._sleep = sleep

    def predict(
        self,
        model: str,
        rows: Row | Sequence[Row],
        *,
        version: str | None = None,
        request_id: str | None = None,
        event_time: Any = None,
    ) -> list[Prediction]:
        """The model's answer for each of `rows` (mappings of feature to value), in order."""
        listed = [rows] if isinstance(rows, Mapping) else list(rows)
        path = f"/v2/models/{model}" + (f"/versions/{version}" if version else "") + "/infer"
        body = infer_body(listed, request_id=request_id, event_time=event_time)
        return predictions(self._ask("POST", path, body))

    def label(self, model: str, prediction_id: str, value: Any, **more: Any) -> None:
        """What was true for a prediction. `more` are further fields of a feedback item (event_time, source, …)."""
        self.feedback(model, [{"prediction_id": prediction_id, "label": value, **more}])

    def correct(self, model: str, prediction_id: str, value: Any, **more: Any) -> None:
        """Replace the label of a prediction; what it was is kept."""
        self.feedback(model, [{"prediction_id": prediction_id, "label": value, "kind": "correction", **more}])

    def reward(self, model: str, prediction_id: str, value: float, **more: Any) -> None:
        """What the outcome of a prediction was worth."""
        self.feedback(model, [{"prediction_id": prediction_id, "value": value, "kind": "reward", **more}])

    def decide(self, model: str, prediction_id: str, value: Any, **more: Any) -> None:
        """What a person decided on a prediction."""
        self.feedback(model, [{"prediction_id": prediction_id, "value": value, "kind": "decision", **more}])

    def withdraw(self, model: str, source: str, since: Any = None) -> int:
        """Take back all that `source` said (from `since` on, by time of arrival); of how many predictions.

        What still waits for its prediction is taken back too. What the server has not read yet is not found: call it
        again a little later. Repeating it is harmless.
        """
        asked = {"source": source} | ({} if since is None else {"since": since})
        run, after, number, taken = uuid.uuid4().hex, "", 0, 0
        while names := self._said_by(model, {**asked, "after": after})["predictions"]:
            items = [{"prediction_id": name, "feedback_id": f"{run}:{name[-80:]}"} for name in names]
            taken += self._withdraw(model, source, items)
            after = names[-1]
        while waiting := self._said_by(model, {**asked, "waiting_after": number})["waiting"]:
            items = [{**_named(item), "feedback_id": f"{run}:{item['number']}"} for item in waiting]
            taken += self._withdraw(model, source, items)
            number = waiting[-1]["number"]
        return taken

    def feedback(self, model: str, items: Sequence[Row]) -> int:
        """Send `items`, 1,000 at a time; how many the server has on its disk. Safe to repeat after any error.

        Each names its prediction (`prediction_id`, `request_id` and `row`, or `key`) and says `label` or `value`.
        """
        items = [_told_apart(item) for item in items]
        return sum(self._keep(model, items[first : first + AT_ONCE]) for first in range(0, len(items), AT_ONCE))

    def feedback_sifted(self, model: str, items: Sequence[Row]) -> tuple[int, dict[int, str]]:
        """As `feedback`, but wrong items do not keep right ones out: (kept, {place of a wrong item: why})."""
        items = [_told_apart(item) for item in items]
        faults: dict[int, str] = {}
        kept = 0
        for first in range(0, len(items), AT_ONCE):
            for found, place, fault in self._sift(model, items[first : first + AT_ONCE], first):
                kept += found
                if fault:
                    faults[place] = fault
        return kept, faults

    def performance(self, model: str, **asked: Any) -> dict[str, Any]:
        """Metrics on labels by window; `asked` as the API's parameters (version, route, start, end, window)."""
        body = self._ask("GET", f"/api/v1/models/{model}/performance", params=asked)
        found: dict[str, Any] = msgspec.json.decode(body)
        return found

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _said_by(self, model: str, asked: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = msgspec.json.decode(
            self._ask("GET", f"/api/v1/models/{model}/labels/said-by", params=asked)
        )
        return found

    def _withdraw(self, model: str, source: str, items: Sequence[Row]) -> int:
        return self.feedback(model, [{**item, "value": source, "kind": "withdrawal"} for item in items])

    def _keep(self, model: str, items: Sequence[Row]) -> int:
        pause = _FIRST_PAUSE
        body = feedback_body(items)
        for left in reversed(range(TRIES)):
            try:
                answer = msgspec.json.decode(self._ask("POST", f"/v2/models/{model}/feedback", body))
                return int(answer["accepted"])
            except Unavailable:
                if not left:
                    raise
                self._sleep(pause)
                pause *= 2
        raise AssertionError("not reached")

    def _sift(self, model: str, items: Sequence[Row], first: int) -> Iterator[tuple[int, int, str]]:
        """(items kept, place, fault or nothing), by halving what is refused until the wrong items stand alone."""
        try:
            yield self._keep(model, items), first, ""
        except (BadInput, TooLarge) as error:
            if len(items) == 1:
                yield 0, first, _fault(error.message)
                return
            half = len(items) // 2
            yield from self._sift(model, items[:half], first)
            yield from self._sift(model, items[half:], first + half)

    def _ask(self, method: str, path: str, body: bytes | None = None, params: dict[str, Any] | None = None) -> bytes:
        try:
            answer = self._http.request(method, path, content=body, params=params)
        except httpx.HTTPError as error:
            raise Unavailable(
                f"{self._http.base_url} cannot be reached ({type(error).__name__}).",
                hint="Is it running? Start it with `watchkeeper up`.",
            ) from error
        if answer.status_code < 300:
            return answer.content
        raise _error(answer)


def _told_apart(item: Row) -> Row:
    """`item` with an ID where it has none that tells it from a later one which says the same, however often sent."""
    named = item.get("feedback_id") is not None or item.get("event_time") is not None
    return item if named or item.get("kind") != "correction" else {**item, "feedback_id": uuid.uuid4().hex}


def _named(waiting: Row) -> dict[str, Any]:
    """The prediction that feedback waits for."""
    return {name: waiting[name] for name in ("prediction_id", "request_id", "row") if waiting[name] is not None}


def _fault(refusal: str) -> str:
    """What is wrong with the only item of a refused request, without what was said of the request."""
    said = refusal.partition("item 0: ")[2].rpartition(" Send {")[0]
    return said.rstrip(".") or refusal


def _error(answer: httpx.Response) -> WatchkeeperError:
    """What the server said, as the error it means."""
    try:
        text = str(msgspec.json.decode(answer.content)["error"])
    except (msgspec.DecodeError, KeyError, TypeError):
        text = f"The server answered {answer.status_code}."
    kind = Unavailable if answer.status_code in _BUSY else _ERRORS.get(answer.status_code, WatchkeeperError)
    return kind(text)
