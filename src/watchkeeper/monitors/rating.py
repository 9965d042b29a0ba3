"""What a team's own rater is asked, and how its answer is read. Pure.

It gets one JSON object:

    {"model": "late", "task": "binary", "classes": ["0", "1"], "requests": [
        {"prediction_id": "…", "inputs": {"distance": 733.0}, "why": "…", "deadline": 1700000000.0}, …]}

with the model's own answer in `output` only where that is switched on: a rater that sees an answer leans to it
(anchoring: Tversky and Kahneman, "Judgment under uncertainty", Science 185, 1974). It answers

    {"labels": [{"prediction_id": "…", "label": 1}, {"prediction_id": "…", "skip": "no picture"}]}

Requests whose call failed are asked again behind all others and fewer at a time, so that one on which the rater
breaks is soon alone, and costs the others nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from watchkeeper.events.errors import BadInput
from watchkeeper.performance.sampling import place_of

_PURPOSE = b"rater check"
_LONGEST_REASON = 200
_SHOWN = 80


class SheetLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One prediction that the rater is asked about; `deadline` in Unix seconds."""

    prediction_id: str
    inputs: dict[str, Any]
    why: str
    deadline: float
    output: dict[str, Any] | None = None


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """What the rater is given at once."""

    model: str
    task: str
    classes: tuple[str, ...]
    requests: tuple[SheetLine, ...]

    def body(self) -> bytes:
        """Its JSON; the same sheet gives the same bytes."""
        return msgspec.json.encode(self, order="deterministic")

    @property
    def key(self) -> str:
        """What tells it from other sheets."""
        return hashlib.blake2b(self.body(), digest_size=16).hexdigest()


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the rater said of the predictions on a sheet, in its order; `unasked` and `unread` count the rest."""

    labels: tuple[tuple[str, float | bool | str], ...]
    skipped: dict[str, str]
    unasked: int
    unread: int


class _Said(msgspec.Struct, frozen=True):
    prediction_id: str
    label: float | bool | str | None = None
    skip: str | None = None


class _Body(msgspec.Struct, frozen=True):
    labels: list[msgspec.Raw]


def read_answer(body: bytes, asked: Sequence[str]) -> Answer:
    """What `body` says of the predictions `asked`. Raises BadInput if it is no such JSON."""
    try:
        items = msgspec.json.decode(body, type=_Body).labels
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        shown = body[:_SHOWN].decode("utf-8", "replace").strip()
        raise BadInput(
            f"The rater's answer {shown!r} is not the JSON that is expected.", hint='It is {"labels": […]}.'
        ) from error
    labels: list[tuple[str, float | bool | str]] = []
    skipped: dict[str, str] = {}
    unasked, wanted = 0, frozenset(asked)
    said = [one for one in map(_read, items) if one is not None]
    for one in said:
        if one.prediction_id not in wanted:
            unasked += 1
        elif one.label is not None:
            labels.append((one.prediction_id, one.label))
        elif one.skip is not None:
            skipped[one.prediction_id] = one.skip[:_LONGEST_REASON]
    return Answer(labels=tuple(labels), skipped=skipped, unasked=unasked, unread=len(items) - len(said))


class RaterFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What a rater's process says of itself. Counts are since it started, times Unix seconds.

    `how` names the program or the host. It labels `models` (all that ask where empty), but for the share `check`, and
    was `asked` about predictions: `labels` it gave, `opinions` beside people's, `left` to people, `refused` answers.
    It is `limited` where more waits than it may be asked about in an hour.
    """

    how: str
    check: float
    sees_answer: bool
    models: tuple[str, ...] = ()
    asked: int = 0
    labels: int = 0
    opinions: int = 0
    left: int = 0
    refused: int = 0
    limited: bool = False
    answered_at: float | None = None
    failures: int = 0
    error: str = ""
    resume_at: float = 0.0

    @classmethod
    def read(cls, stats: Mapping[str, Any]) -> RaterFigures | None:
        """The figures in a heartbeat; None if they are another version's."""
        try:
            return msgspec.convert(dict(stats), cls)
        except msgspec.ValidationError:
            return None


def _read(raw: msgspec.Raw) -> _Said | None:
    """One item; None if it makes no sense."""
    try:
        said = msgspec.json.decode(raw, type=_Said)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return said if (said.label is None) != (said.skip is None) else None


def is_for_people(prediction_id: str, share: float) -> bool:
    """Whether a request belongs to the random `share` that is left to people: the same on every replay."""
    return place_of(prediction_id, _PURPOSE) < share


def batch_size(most: int, tries: int) -> int:
    """How many are asked at once of those whose call failed `tries` times."""
    return max(1, most >> min(tries, 30))


def in_order(ids: Sequence[str], tries: Mapping[str, int], most: int) -> list[str]:
    """The next ones to ask: those that failed least, as many as may be asked at once, in the order of `ids`."""
    least = min((tries.get(name, 0) for name in ids), default=0)
    return [name for name in ids if tries.get(name, 0) == least][: batch_size(most, least)]
