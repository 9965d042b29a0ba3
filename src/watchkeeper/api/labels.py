"""What became of a model's feedback, from whom it came, and how long labels take."""

from __future__ import annotations

from typing import Annotated

import msgspec
import numpy as np
from fastapi import Query

from watchkeeper.api.context import Given
from watchkeeper.api.span import End, Start, moment
from watchkeeper.events.feedback import FeedbackKind
from watchkeeper.events.outcomes import POLICY
from watchkeeper.performance.delays import EDGES
from watchkeeper.store.outcomes import OutcomeCount
from watchkeeper.store.parked import Parked
from watchkeeper.store.performance import read_layouts

DAY = 86_400
Source = Annotated[str, Query(description="Who said it; empty for senders without a name.", max_length=200)]
Since = Annotated[str | None, Query(description="What came from then on; all if left out.", max_length=40)]
Number = Annotated[
    int | None, Query(description="Instead, what waits for its prediction, after this number; 0 at first.", ge=0)
]
After = Annotated[str, Query(description="The last prediction ID of the page before.", max_length=128)]
LARGE_SHARE = 0.5
FEWEST = 100
QUANTILES = (0.5, 0.9, 0.99)


class OutcomeView(msgspec.Struct, frozen=True, kw_only=True):
    """How much feedback of `kind` had this outcome, ever; `policy` says what the outcome means."""

    kind: str
    outcome: str
    count: int
    policy: str


class SourceView(msgspec.Struct, frozen=True, kw_only=True):
    """What one source sent in the hours asked for: `share` of all that came, and the number by outcome."""

    source: str
    count: int
    share: float
    outcomes: dict[str, int]


class DelayBin(msgspec.Struct, frozen=True, kw_only=True):
    """The share of the labels that came `within` so many seconds of their prediction."""

    within: float
    share: float


class LabelsView(msgspec.Struct, frozen=True, kw_only=True):
    """Feedback of a model. Times are Unix seconds; sources are those of [start, end) by time of arrival.

    `labels` are kept now, rewards and other feedback not among them; `parked` wait for their prediction. `delays` are
    seconds by quantile, of labels that have come (young predictions have shown only early ones: the performance page
    corrects for that), `delay_curve` the share of them that came within a time, rising. `notes` say what a person
    should look at.
    """

    model: str
    start: float
    end: float
    labels: int
    parked: int
    refused: dict[str, int]
    outcomes: tuple[OutcomeView, ...]
    sources: tuple[SourceView, ...]
    delays: dict[str, float]
    notes: tuple[str, ...]
    delay_curve: tuple[DelayBin, ...] = ()


def labels(context: Given, model: str, start: Start = None, end: End = None) -> LabelsView:
    """Feedback by outcome and source. Without a span: sources of the last day."""
    store = context.store
    store.versions.model(model)
    last = moment(end, "end") or context.now()
    first = moment(start, "start")
    first = last - DAY if first is None else first
    sources = _sources(store.outcomes.between(model, first, last))
    totals = store.losses.totals()
    quantiles, curve = _delays(context, model)
    return LabelsView(
        model=model,
        start=first,
        end=last,
        labels=store.labels.count(model, FeedbackKind.LABEL),
        parked=store.parked.count(model),
        refused={why: n for (name, why), n in totals.items() if name == model and why.startswith("feedback_")},
        outcomes=tuple(
            OutcomeView(kind=line.kind, outcome=line.outcome, count=line.number, policy=POLICY[line.outcome])
            for line in store.outcomes.totals(model)
        ),
        sources=sources,
        delays=quantiles,
        notes=_notes(sources),
        delay_curve=curve,
    )


class WaitingView(msgspec.Struct, frozen=True, kw_only=True):
    """Feedback that waits for a prediction, which it names by ID or by the caller's own ID and row."""

    number: int
    prediction_id: str | None
    request_id: str | None
    row: int | None


class SaidByView(msgspec.Struct, frozen=True, kw_only=True):
    """Of what a source said something: predictions, ascending by ID, or what waits for one, by number.

    The next page is after the last.
    """

    predictions: tuple[str, ...] = ()
    waiting: tuple[WaitingView, ...] = ()


def said_by(
    context: Given, model: str, source: Source, since: Since = None, *, after: After = "", waiting_after: Number = None
) -> SaidByView:
    """A page of the predictions of which one source said something: what a withdrawal would take back."""
    store = context.store
    store.versions.model(model)
    first = int((moment(since, "since") or 0.0) * 1e6)
    if waiting_after is None:
        return SaidByView(predictions=tuple(store.labels.said_by(model, source, since=first, after=after)))
    found = store.parked.said_by(model, source, since=first, after=waiting_after)
    return SaidByView(waiting=tuple(_waiting(item) for item in found))


def _waiting(item: Parked) -> WaitingView:
    said = item.feedback
    return WaitingView(
        number=item.id, prediction_id=said.prediction_id or None, request_id=said.request_id, row=said.row
    )


def _sources(lines: list[OutcomeCount]) -> tuple[SourceView, ...]:
    """The largest first."""
    by_source: dict[str, dict[str, int]] = {}
    for line in lines:
        counts = by_source.setdefault(line.source, {})
        counts[line.outcome] = counts.get(line.outcome, 0) + line.number
    total = sum(sum(counts.values()) for counts in by_source.values())
    found = [
        SourceView(source=name, count=sum(counts.values()), share=sum(counts.values()) / total, outcomes=counts)
        for name, counts in by_source.items()
    ]
    return tuple(sorted(found, key=lambda view: (-view.count, view.source)))


def _notes(sources: tuple[SourceView, ...]) -> tuple[str, ...]:
    """What one source alone decides, where there are several."""
    if len(sources) < 2 or sources[0].count < FEWEST or sources[0].share <= LARGE_SHARE:
        return ()
    first = sources[0]
    said = first.source or "a sender without a name"
    return (f"{first.share:.0%} of the feedback in this time came from {said}, which alone decides the metrics.",)


def _delays(context: Given, model: str) -> tuple[dict[str, float], tuple[DelayBin, ...]]:
    """Quantiles in seconds (upper ends of bins) of the delays of all labels that ever came, and their bins."""
    total = np.zeros(len(EDGES))
    for source, scored in context.store.performance.totals(model):
        kept = context.store.performance.layout(model, source.version)
        if kept is not None and scored.delays is not None:
            total += read_layouts(kept)[1].delays(scored.delays).sum(0)
    if not total.any():
        return {}, ()
    upto = np.cumsum(total) / total.sum()
    ends = [*EDGES[1:].tolist(), float(EDGES[-1])]
    quantiles = {f"{q:g}": ends[int(np.searchsorted(upto, q))] for q in QUANTILES}
    used = np.flatnonzero(total).tolist()
    return quantiles, tuple(DelayBin(within=ends[k], share=float(upto[k])) for k in used)
