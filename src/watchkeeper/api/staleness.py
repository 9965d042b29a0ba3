"""Does the model age? Its mean loss by its age: the time since its reference ended.

Where the reference has no time, the age is counted from the registration, which may be long after the training. Only
windows whose labels have come are laid out; where there are many, several make one block of time.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
import numpy as np
from fastapi import Query

from watchkeeper.api.context import Context, Given
from watchkeeper.api.labelled import layout_of
from watchkeeper.api.performance import Route, as_of
from watchkeeper.api.segments import LOSS
from watchkeeper.api.span import Named
from watchkeeper.performance.losses import losses
from watchkeeper.performance.staleness import Staleness, staleness
from watchkeeper.store.labelled import LabelledWindows, labelled_windows
from watchkeeper.store.versions import Version
from watchkeeper.tallies.tally import FloatArray

MOST_BLOCKS = 400
DAY = 86_400
Allowed = Annotated[
    float | None, Query(description="The highest mean loss that is put up with: when will it be reached?", ge=0)
]


class StalenessView(msgspec.Struct, frozen=True, kw_only=True):
    """A version by its age in days. `loss` names what its mean is taken of; `width` is a block's length in seconds.

    `trained_at` (Unix seconds) is age 0: the end of the reference, or where `from_reference` is false the registration.
    `age` is how old the version is at `as_of`. `ages`, `means` and `rows` are its blocks, `curve` what they show.
    """

    model: str
    version: str
    route: str | None
    loss: str
    trained_at: float
    from_reference: bool
    as_of: float
    age: float
    width: int
    ages: tuple[float, ...]
    means: tuple[float, ...]
    rows: tuple[float, ...]
    curve: Staleness


def model_staleness(
    context: Given, model: str, *, version: Named = None, route: Route = None, allowed: Allowed = None
) -> StalenessView:
    """The loss by age of a version, its rise a day with an interval, and when it would exceed what is allowed."""
    found = context.version(model, version)
    now = as_of(context, model)
    trained, known = _trained(context, found)
    windows = _windows(context, found, route, (trained, now))
    age, mean, rows = _blocks(context, found, windows, trained, now)
    return StalenessView(
        model=model,
        version=found.version,
        route=route,
        loss=LOSS[found.task],
        trained_at=trained,
        from_reference=known,
        as_of=now,
        age=max(0.0, now - trained) / DAY,
        width=windows.width,
        ages=tuple(age.tolist()),
        means=tuple(mean.tolist()),
        rows=tuple(rows.tolist()),
        curve=staleness(age, mean, rows, allowed=allowed),
    )


def _trained(context: Context, version: Version) -> tuple[float, bool]:
    """When the version's age begins (Unix seconds), and whether its reference says so."""
    reference = context.reference(version)
    if reference.block_width is None or not reference.block_starts:
        return version.created_at, False
    return float(reference.block_starts[-1] + reference.block_width), True


def _windows(context: Context, version: Version, route: str | None, life: tuple[float, float]) -> LabelledWindows:
    """The windows of its life, as long as it takes to have at most 400 of them."""
    width = context.store.versions.model(version.model).settings.window_seconds
    width *= max(1, -(-int(life[1] - life[0]) // (MOST_BLOCKS * width)))
    end = int(life[1]) // width * width + width
    span = (max(0, end - MOST_BLOCKS * width), end)
    of = (version.model, version.version)
    return labelled_windows(context.store.performance, of, span, width, route=route)


def _blocks(
    context: Context, version: Version, windows: LabelledWindows, trained: float, now: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(age in days, mean loss, rows) of each mature window that has a loss, oldest last."""
    layout, learned = layout_of(context, version), windows.learned(now)
    ready = {
        start: counts
        for start in windows.starts
        if (counts := windows.at(start).counts) is not None and windows.maturity(learned, start, now).mature
    }
    if layout is None or not ready:
        return np.zeros(0), np.zeros(0), np.zeros(0)
    mean, rows, _ = losses(layout, np.stack(list(ready.values())))
    age = (np.array(list(ready)) + windows.width / 2 - trained) / DAY
    told = np.isfinite(mean) & (rows > 0)
    return age[told], mean[told], rows[told]
