"""What the team's rater is asked, call by call, and what becomes of its answers.

An answer goes the way of all feedback: to the journal, with the chance with which its prediction was drawn. What was
asked for and not asked about yet is found in the store each time, so a crash forgets nothing, and asking again is
harmless: the same answer has the same ID. Where its word is held against people's it is kept as an opinion, which
never becomes the label. What it cannot label is left to people.
"""

from __future__ import annotations

import logging
import random
from collections import Counter, deque
from collections.abc import Iterable, Sequence

import msgspec

from watchkeeper.api.context import Context
from watchkeeper.api.label_requests import label_classes, label_entry, label_said, truth_said
from watchkeeper.api.rater import SOURCE
from watchkeeper.events.errors import BadInput, NotFound
from watchkeeper.events.feedback import Feedback, FeedbackKind
from watchkeeper.ingest.feedback_body import MALFORMED, NO_LABEL
from watchkeeper.ingest.rate import Rate, TooMany
from watchkeeper.journal.protocol import Entry, Journal
from watchkeeper.monitors.rating import Answer, RaterFigures, Sheet, SheetLine, in_order, is_for_people, read_answer
from watchkeeper.notify.circuit import PAUSES, Circuit
from watchkeeper.notify.command import Stopped
from watchkeeper.notify.delivery import RetryPolicy
from watchkeeper.notify.question import Question
from watchkeeper.notify.sender import DeliveryError
from watchkeeper.store.label_requests import Asked, LabelRequest
from watchkeeper.store.versions import Version

NOT_ASKED = "feedback_not_asked"
"""Why a rater's label is refused that nobody asked it for."""

TRIES = 3
"""How often a request may go unanswered, or break the rater all by itself, before it is left to people."""

LOOK = 10_000
REST_SECONDS = 30.0
_log = logging.getLogger(__name__)


class RatingPlan(msgspec.Struct, frozen=True, kw_only=True):
    """How the rater is asked: `batch` at once, `per_hour` in the long run, about `models` (all that ask where empty).

    `check` is the share of requests that is left to people; `how` says in words who is asked.
    """

    how: str
    batch: int = 20
    per_hour: int = 1000
    models: tuple[str, ...] = ()
    check: float = 0.05
    sees_answer: bool = False
    pauses: RetryPolicy = PAUSES


class _Due(msgspec.Struct, frozen=True):
    """What is asked about in one call, all of one version."""

    version: Version
    classes: tuple[str, ...]
    requests: dict[str, LabelRequest]
    sheet: Sheet


class Rating:
    """Asks one call after another. `context` has the store, the clock and the journal."""

    def __init__(self, context: Context, journal: Journal, question: Question, plan: RatingPlan) -> None:
        self._context, self._store, self._journal = context, context.store, journal
        self._question, self._plan = question, plan
        self._rate = Rate(plan.per_hour / 3600, max(plan.batch, plan.per_hour))
        self._rng = random.Random()  # noqa: S311 (jitter, no secret)
        self._turns: deque[str] = deque()
        self._done: dict[str, dict[str, float]] = {}
        self._tries: Counter[str] = Counter()
        self._circuit, self._suspect, self._rest_until = Circuit(), "", 0.0
        self._figures = RaterFigures(how=plan.how, check=plan.check, sees_answer=plan.sees_answer, models=plan.models)

    @property
    def circuit(self) -> Circuit:
        """How the rater has fared of late."""
        return self._circuit

    def figures(self) -> RaterFigures:
        """What to say of it; from any thread."""
        now = self._circuit
        return msgspec.structs.replace(self._figures, failures=now.failures, error=now.error, resume_at=now.resume_at)

    def turn(self) -> bool:
        """Ask once; whether anything was asked. Raises Unavailable where store or journal cannot be used."""
        now = self._context.now()
        due = self._next(now) if now >= max(self._circuit.resume_at, self._rest_until) else None
        if due is None:
            return False
        try:
            self._rate.take("", len(due.requests), now)
            body = self._question(due.sheet.body(), due.sheet.key)
            self._count(asked=len(due.requests))
            self._keep(due, read_answer(body, list(due.requests)))
        except Stopped:
            return False
        except TooMany:
            self._rest_until = now + REST_SECONDS
            self._figures = msgspec.structs.replace(self._figures, limited=True)
            return False
        except (DeliveryError, BadInput) as error:
            self._fail(due, str(error))
        return True

    def _next(self, now: float) -> _Due | None:
        """What to ask about now, each time of another model."""
        models = self._store.label_requests.models(Asked.OPEN)
        wanted = [name for name in models if not self._plan.models or name in self._plan.models]
        if set(wanted) != set(self._turns):
            self._turns = deque(wanted)
        for _ in range(len(self._turns)):
            self._turns.rotate(-1)
            if (due := self._of_model(self._turns[-1], now)) is not None:
                return due
        return None

    def _of_model(self, model: str, now: float) -> _Due | None:
        """What to ask of a model; batches of which every record has expired are passed over."""
        fresh = self._fresh(model, now)
        while fresh:
            version = self._store.versions.version(model, fresh[0].version)
            by_id = {one.prediction_id: one for one in fresh if one.version == version.version}
            chosen = {name: by_id[name] for name in in_order(list(by_id), self._tries, self._plan.batch)}
            asked = {name: line for name, one in chosen.items() if (line := self._line(model, one)) is not None}
            self._done[model] |= {name: one.changed_at for name, one in chosen.items() if name not in asked}
            if asked:
                classes = label_classes(self._context, version)
                sheet = Sheet(model=model, task=version.task, classes=classes, requests=tuple(asked.values()))
                return _Due(version, classes, {name: chosen[name] for name in asked}, sheet)
            fresh = [one for one in fresh if one.prediction_id not in chosen]
        return None

    def _fresh(self, model: str, now: float) -> list[LabelRequest]:
        """Requests that wait and that the rater has said nothing of yet."""
        waiting = [one for one in self._store.label_requests.find(model, Asked.OPEN, limit=LOOK) if one.deadline > now]
        done = self._remembered(model, {one.prediction_id for one in waiting})
        fresh = [one for one in waiting if done.get(one.prediction_id) != one.changed_at]
        known = self._store.labels.get(model, [one.prediction_id for one in fresh])
        return [one for one in fresh if (one.prediction_id, self._kind(one).value) not in known]

    def _remembered(self, model: str, waiting: set[str]) -> dict[str, float]:
        """When each request that needs no further call had changed last; what does not wait any more is forgotten."""
        done = self._done.setdefault(model, {})
        for name in done.keys() - waiting:
            del done[name]
            self._tries.pop(name, None)
        return done

    def _kind(self, request: LabelRequest) -> FeedbackKind:
        """What the rater's word on a request is: the label, or an opinion beside the label that people give."""
        left = is_for_people(request.prediction_id, self._plan.check)
        return FeedbackKind.OPINION if left else FeedbackKind.LABEL

    def _line(self, model: str, request: LabelRequest) -> SheetLine | None:
        """A request with what is known of its prediction; None once its record has expired."""
        try:
            record = self._store.queries.get(model, request.prediction_id)
        except NotFound:
            return None
        return SheetLine(
            prediction_id=request.prediction_id,
            inputs=record.inputs,
            why=request.why,
            deadline=request.deadline,
            output=record.outputs if self._plan.sees_answer else None,
        )

    def _keep(self, due: _Due, answer: Answer) -> None:
        """Keep what is usable. Raises BadInput if nothing is."""
        said, wrong = self._read(due, answer)
        refused = Counter({NO_LABEL: len(wrong), NOT_ASKED: answer.unasked, MALFORMED: answer.unread})
        self._write(due.version.model, refused, said)
        if not said and not answer.skipped:
            fault = next(iter(wrong.values()), "it says nothing of what it was asked")
            raise BadInput(f"Nothing in the rater's answer can be used: {fault}.")
        self._circuit = Circuit()
        self._remember(due, [one.prediction_id for one in said])
        silent = self._silent(due, {one.prediction_id for one in said} | wrong.keys() | answer.skipped.keys())
        left = {
            **dict.fromkeys(silent, f"The rater gave no answer to it, {TRIES} times."),
            **{name: f"The rater's answer cannot be used: {fault}." for name, fault in wrong.items()},
            **{name: f"The rater cannot say: {reason}" for name, reason in answer.skipped.items()},
        }
        self._leave(due, {name: why for name, why in left.items() if name not in {one.prediction_id for one in said}})
        opinions = sum(one.kind is FeedbackKind.OPINION for one in said)
        self._count(labels=len(said) - opinions, opinions=opinions)
        self._figures = msgspec.structs.replace(self._figures, answered_at=self._context.now(), limited=False)

    def _read(self, due: _Due, answer: Answer) -> tuple[list[Feedback], dict[str, str]]:
        """(what it said as feedback, {prediction of which it said what cannot be true: why})."""
        said: list[Feedback] = []
        wrong: dict[str, str] = {}
        for name, value in answer.labels:
            request = due.requests[name]
            try:
                truth = truth_said(due.version, due.classes, value)
            except BadInput as error:
                wrong[name] = error.message.rstrip(".")
            else:
                said.append(label_said(request, truth, SOURCE, self._context.now(), self._kind(request)))
        return said, wrong

    def _write(self, model: str, refused: Counter[str], said: Sequence[Feedback]) -> None:
        """To the journal at once: what was said, and what was refused, by reason."""
        losses = [
            Entry(kind="loss", model=model, rows=rows, payload=msgspec.json.encode({"reason": reason}))
            for reason, rows in refused.items()
            if rows
        ]
        entries = [label_entry(model, list(said)), *losses] if said else losses
        if entries:
            self._journal.append(entries)
        self._count(refused=sum(refused.values()))

    def _silent(self, due: _Due, answered: set[str]) -> list[str]:
        """Those that it passed over too often."""
        missed = [name for name in due.requests if name not in answered]
        self._tries.update(missed)
        return [name for name in missed if self._tries[name] >= TRIES]

    def _fail(self, due: _Due, error: str) -> None:
        model = due.version.model
        self._tries.update(list(due.requests))
        if self._is_to_blame(due) and all(self._tries[name] >= TRIES for name in due.requests):
            self._leave(due, dict.fromkeys(due.requests, "The rater fails on it, again and again."))
        self._circuit = self._circuit.failed(error, self._context.now(), self._rng, self._plan.pauses)
        _log.warning("The rater did not label %d predictions of %s: %s", len(due.requests), model, error)

    def _is_to_blame(self, due: _Due) -> bool:
        """Whether one request alone, and nothing else since the rater last answered, was what it failed on."""
        alone = next(iter(due.requests)) if len(due.requests) == 1 else ""
        first = not self._circuit.failures
        self._suspect = alone if first or alone == self._suspect else ""
        return bool(self._suspect)

    def _leave(self, due: _Due, why: dict[str, str]) -> None:
        """People are asked instead; of what was theirs anyway the rater is only asked no more."""
        self._remember(due, why)
        theirs = {name: words for name, words in why.items() if self._kind(due.requests[name]) is FeedbackKind.LABEL}
        self._count(left=self._store.label_requests.leave(due.version.model, theirs, self._context.now()))

    def _remember(self, due: _Due, names: Iterable[str]) -> None:
        """These need no further call, unless their labels are taken back."""
        self._done[due.version.model] |= {name: due.requests[name].changed_at for name in names}

    def _count(self, **more: int) -> None:
        grown = {name: getattr(self._figures, name) + number for name, number in more.items()}
        self._figures = msgspec.structs.replace(self._figures, **grown)
