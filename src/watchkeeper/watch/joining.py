"""Feedback joined to its predictions, in two halves.

What is to be done is worked out first, from the record files, the rows of this step, and what is known; then it is
written inside the step's one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.events.feedback import Feedback, FeedbackKind
from watchkeeper.events.outcomes import Outcome
from watchkeeper.schema.numbers import BoolArray
from watchkeeper.store.buckets import Source
from watchkeeper.store.lookup import ID, REQUEST, select, together
from watchkeeper.store.parked import Parked, request_target, target_of
from watchkeeper.store.performance import Scored
from watchkeeper.store.store import Store
from watchkeeper.store.versions import ModelSettings
from watchkeeper.watch.counting import FAILED
from watchkeeper.watch.precedence import Prediction
from watchkeeper.watch.registry import Registry
from watchkeeper.watch.scoring import Scorer, Scorers, bucket_width, scored
from watchkeeper.watch.settling import Rules, Settled, meant, outcome_key, settle
from watchkeeper.watch.sorting import ROWS_AN_ENTRY

Placed = tuple[int, pa.RecordBatch]
"""(order in the journal of the first row, rows)."""

MOST_PARKED = 1_000_000
"""How much feedback of one model may wait for predictions; beyond it the newest is given up at once."""


@dataclass(frozen=True)
class Joined:
    """What the feedback of one model leads to."""

    model: str
    settled: Settled
    buckets: dict[Source, list[Scored]] = field(default_factory=dict)
    versions: tuple[str, ...] = ()


class Joiner:
    """Joins feedback of every model in `store`."""

    def __init__(self, store: Store, registry: Registry, scorers: Scorers) -> None:
        self._store, self._registry, self._scorers = store, registry, scorers

    def prepare(
        self,
        model: str,
        arrived: Sequence[tuple[int, Feedback]],
        tables: Sequence[pa.Table],
        placed: Sequence[Placed] = (),
    ) -> Joined | None:
        """What `arrived` and what waited for the rows of `tables` lead to; None if nothing is to be done.

        `tables` are record tables of this step that no file holds yet, and `placed` the same rows as they lie in the
        journal; `arrived` is in the order of the journal, with it.
        """
        settings = self._registry.settings(model)
        waiting = self._waiting(model, tables)
        if settings is None or not (arrived or waiting):
            return None
        fresh = [Parked(target_of(item), _deadline(item, settings), item, order=order) for order, item in arrived]
        items = [*waiting, *fresh]
        rows = self._predictions(model, items, tables)
        predictions = self._read(model, rows, _orders(items, placed))
        found = _by_target(predictions, rows)
        met = [(item, hit[0]) for item in items if len(hit := meant(item, found.get(item.target, ()))) == 1]
        known = self._store.labels.get(model, list(dict.fromkeys(one.prediction_id for _, one in met)))
        rules = Rules(lambda p, f: self._scorers.of(model, p.version).read(f), settings.keep_records_seconds)
        back = {one.prediction_id: one for item, one in met if item.feedback.kind is FeedbackKind.WITHDRAWAL}
        history = self._history(model, back, rows, found, settings.park_feedback_seconds)
        settled = settle(items, found, known, rules, history)
        self._bound(model, settled)
        scorers = {p.version: self._scorers.of(model, p.version) for p in predictions}
        buckets = _buckets(model, settled, rows, predictions, scorers, width=bucket_width(settings))
        return Joined(model, settled, buckets, tuple(scorers))

    def keep(self, joined: Joined, now: float) -> None:
        """Write it, inside the open transaction. `now` is Unix seconds."""
        store, model, settled = self._store, joined.model, joined.settled
        for version in joined.versions:
            self._scorers.keep(model, version)
        for source, changes in joined.buckets.items():
            store.performance.add(source, changes)
        store.labels.remove(model, settled.withdrawn)
        unlabelled = [name for name, kind in settled.withdrawn if kind == FeedbackKind.LABEL.value]
        store.label_requests.reopen(model, unlabelled, now)
        store.labels.put(model, list(settled.labels.values()))
        store.parked.remove(settled.done)
        store.parked.add(model, settled.parked)
        store.outcomes.add({(model, *key): n for key, n in settled.outcomes.items()})

    def _bound(self, model: str, settled: Settled) -> None:
        """Give up at once what finds no room to wait in."""
        if not settled.parked:
            return
        room = max(0, MOST_PARKED - self._store.parked.count(model))
        for item in settled.parked[room:]:
            settled.count(item.feedback, Outcome.UNMATCHED)
            settled.outcomes[outcome_key(item.feedback, Outcome.PARKED)] -= 1
        del settled.parked[room:]

    def _waiting(self, model: str, tables: Sequence[pa.Table]) -> list[Parked]:
        """What waits for rows of this step, oldest first."""
        if not tables or not self._store.parked.any(model):
            return []
        targets: list[str] = []
        for table in tables:
            ids = table.column(ID).to_pylist()
            targets += ids
            requests = table.column(REQUEST)
            if requests.null_count < len(requests):
                owns = zip(ids, requests.to_pylist(), strict=True)
                targets += [request_target(own, _row(name)) for name, own in owns if own is not None]
        return self._store.parked.waiting(model, targets)

    def _predictions(self, model: str, items: Sequence[Parked], tables: Sequence[pa.Table]) -> pa.Table:
        """Every row that `items` are about, of this step or kept before."""
        ids = [item.target for item in items if item.feedback.request_id is None]
        owns = list({item.feedback.request_id for item in items if item.feedback.request_id is not None})
        parts = [select(table, ID, ids) for table in tables] if ids else []
        seen = {name for part in parts for name in part.column(ID).to_pylist()}
        parts.append(self._store.lookup.by_id(model, [name for name in ids if name not in seen]))
        if owns:
            parts += [select(table, REQUEST, owns) for table in tables]
            parts.append(self._store.lookup.by_request(model, owns))
        return _once(together(parts))

    def _history(
        self,
        model: str,
        back: Mapping[str, Prediction],
        rows: pa.Table,
        found: Mapping[str, Sequence[Prediction]],
        parked_seconds: float,
    ) -> dict[str, list[Feedback]]:
        """What was said before this step of each prediction of `back`, in its order.

        Left out are names that several predictions share, and what was given up before its prediction came.
        """
        told: dict[str, list[Feedback]] = {name: [] for name in back}
        before = [one for one in back.values() if one.order < 0]
        owns = rows.take(pa.array([one.row for one in before], pa.int64())).column(REQUEST).drop_null().to_pylist()
        for feedback in self._store.feedback_history.of(model, [one.prediction_id for one in before], owns):
            hit = found.get(target_of(feedback), ())
            if len(hit) != 1 or hit[0].prediction_id not in told:
                continue
            if feedback.receive_time >= hit[0].received_at - parked_seconds * 1e6:
                told[hit[0].prediction_id].append(feedback)
        return told

    def _read(self, model: str, rows: pa.Table, orders: Mapping[str, int]) -> list[Prediction]:
        """What is known of each row of `rows`; `orders` of those that are new."""
        versions = rows.column("version").to_pylist()
        scorable = np.zeros(rows.num_rows, bool)
        for version in dict.fromkeys(versions):
            here = pc.equal(rows.column("version"), version)
            scorable[here.to_numpy()] = self._scorable(model, version, rows.filter(here))
        columns = (
            rows.column(ID).to_pylist(),
            versions,
            rows.column("route").to_pylist(),
            rows.column("event_time").cast(pa.int64()).to_pylist(),
            rows.column("receive_time").cast(pa.int64()).to_pylist(),
            scorable.tolist(),
            [orders.get(name, -1) for name in rows.column(ID).to_pylist()],
        )
        return [Prediction(place, *values) for place, values in enumerate(zip(*columns, strict=True))]

    def _scorable(self, model: str, version: str, rows: pa.Table) -> BoolArray:
        answered: BoolArray = rows.column("status").to_numpy() < FAILED
        scorer = self._scorers.of(model, version)
        return answered & scorer.scorable(scorer.outputs_of(rows))


def _deadline(feedback: Feedback, settings: ModelSettings) -> float:
    return feedback.receive_time / 1e6 + settings.park_feedback_seconds


def _orders(items: Sequence[Parked], placed: Sequence[Placed]) -> dict[str, int]:
    """Where the new predictions that share a name with some of `items` lie in the journal, by prediction ID.

    Only own IDs and withdrawals ask for it.
    """
    if all(item.feedback.request_id is None and item.feedback.kind is not FeedbackKind.WITHDRAWAL for item in items):
        return {}
    ids = pa.array([item.target for item in items if item.feedback.request_id is None], pa.string())
    owns = pa.array([item.feedback.request_id for item in items if item.feedback.request_id is not None], pa.string())
    found: dict[str, int] = {}
    for first, batch in placed:
        asked = pc.or_(pc.is_in(batch.column(ID), value_set=ids), pc.is_in(batch.column(REQUEST), value_set=owns))
        places = np.flatnonzero(asked.to_numpy(zero_copy_only=False))
        names = batch.column(ID).take(pa.array(places)).to_pylist()
        orders = first + np.minimum(places, ROWS_AN_ENTRY - 1)
        found |= dict(zip(names, orders.tolist(), strict=True))
    return found


def _row(prediction_id: str) -> int:
    """Which row of its request a prediction was."""
    _, mark, row = prediction_id.rpartition(":")
    return int(row) if mark and row.isdigit() else 0


def _once(rows: pa.Table) -> pa.Table:
    """Each prediction once, however it was found."""
    ids = rows.column(ID).to_pylist()
    first = {name: place for place, name in reversed(list(enumerate(ids)))}
    return rows if len(first) == len(ids) else rows.take(pa.array(sorted(first.values()), pa.int64()))


def _by_target(predictions: Sequence[Prediction], rows: pa.Table) -> dict[str, list[Prediction]]:
    found: dict[str, list[Prediction]] = {}
    for prediction, own in zip(predictions, rows.column(REQUEST).to_pylist(), strict=True):
        found.setdefault(prediction.prediction_id, []).append(prediction)
        if own is not None:
            found.setdefault(request_target(own, _row(prediction.prediction_id)), []).append(prediction)
    return found


def _buckets(
    model: str,
    settled: Settled,
    rows: pa.Table,
    predictions: Sequence[Prediction],
    scorers: dict[str, Scorer],
    *,
    width: int,
) -> dict[Source, list[Scored]]:
    """What is added to which bucket, version by version."""
    found: dict[Source, list[Scored]] = {}
    for version, scorer in scorers.items():
        changes = [change for change in settled.changes if predictions[change.row].version == version]
        rewards = [reward for reward in settled.rewards if predictions[reward.row].version == version]
        if not (changes or rewards):
            continue
        rows_of = {*(change.row for change in changes), *(reward.row for reward in rewards)}
        known = {row: predictions[row] for row in rows_of}
        outputs = scorer.outputs_of(rows)
        for (route, _), part in scored(scorer, outputs, known, changes, rewards, width=width).items():
            found.setdefault(Source(model, version, route), []).append(part)
    return found
