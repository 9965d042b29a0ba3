"""What the labels that are asked for cost, and what they buy."""

from __future__ import annotations

import msgspec
import numpy as np

from watchkeeper.api.context import Context
from watchkeeper.api.performance import as_of
from watchkeeper.monitors.asking import Price, Worth, buys, worth_of
from watchkeeper.monitors.harm import BlockLosses
from watchkeeper.performance.losses import losses
from watchkeeper.store.label_requests import WAITING
from watchkeeper.store.labelled import labelled_windows
from watchkeeper.store.versions import Version

WINDOWS, ORDINARY, LEAST = 120, 20, 8
DAYS = 30
_DAY, _LABELS = 86_400, 20


class LabelCostsView(msgspec.Struct, frozen=True, kw_only=True):
    """Costs are at today's price `each` a label, 0 where none is set.

    `waiting` labels are still asked for, `answered` were given in the last 30 days (none of them before it was asked
    for); with `labels` a window a lasting rise of the loss by `rise` shows, with `more` one by `smaller`, which costs
    `more_cost` more a window. `rise` and `smaller` are None until 8 windows have labels.
    """

    each: float
    unit: str
    waiting: int
    waiting_cost: float
    answered: int
    spent: float
    labels: int
    more: int
    more_cost: float
    rise: float | None
    smaller: float | None
    words: str
    sums: str


def label_costs(context: Context, version: Version) -> LabelCostsView:
    """Of a version's model; what labels would show goes by the version."""
    settings = context.store.versions.model(version.model).settings
    price = Price(settings.label_cost, settings.label_unit)
    queue = context.store.label_requests
    counts = queue.counts(version.model)
    waiting = sum(counts.get(state, 0) for state in WAITING)
    answered = queue.answered(version.model, context.now() - DAYS * _DAY)
    labels = settings.ask_labels or _LABELS
    more = labels + settings.ask_more
    windows, worth = _worth(context, version, labels, more)
    lacking = f"{windows} windows have labels; {LEAST} are needed to say what more labels would show."
    return LabelCostsView(
        each=price.each,
        unit=price.unit,
        waiting=waiting,
        waiting_cost=price.each * waiting,
        answered=answered,
        spent=price.each * answered,
        labels=labels,
        more=more,
        more_cost=price.each * (more - labels),
        rise=None if worth is None else worth.rise,
        smaller=None if worth is None else worth.smaller,
        words=lacking if worth is None else buys(worth, price),
        sums=_sums(price, waiting, answered),
    )


def _sums(price: Price, waiting: int, answered: int) -> str:
    """What was spent and what is still asked for; nothing where no price is known."""
    if not price.each:
        return ""
    return (
        f"A label costs {price.of(1)}: {price.of(answered)} for the {answered:,} of the last {DAYS} days, "
        f"{price.of(waiting)} for the {waiting:,} that wait."
    )


def _worth(context: Context, version: Version, labels: int, more: int) -> tuple[int, Worth | None]:
    """(windows with labels, what labels would show once there are 8 that say how windows ordinarily differ)."""
    width = context.store.versions.model(version.model).settings.window_seconds
    end = int(as_of(context, version.model)) // width * width
    span = (max(0, end - WINDOWS * width), end)
    found = labelled_windows(context.store.performance, (version.model, version.version), span, width)
    counts = [counts for start in found.starts if (counts := found.at(start).counts) is not None][:ORDINARY]
    if found.layout is None or len(counts) < LEAST:
        return len(counts), None
    return len(counts), worth_of(BlockLosses.of(*losses(found.layout, np.stack(counts))), labels, more)
