"""The team's own rater: how it fares, and how far it agrees with people."""

from __future__ import annotations

import msgspec

from watchkeeper.api.context import Context
from watchkeeper.api.health import ALIVE_SECONDS, RATER
from watchkeeper.monitors.agreement import Agreement, agreement
from watchkeeper.monitors.rating import RaterFigures, is_for_people
from watchkeeper.notify.circuit import TRIPS
from watchkeeper.schema.truth import REGRESSION
from watchkeeper.store.label_requests import Asked, LabelRequest
from watchkeeper.store.versions import Version

SOURCE = "rater"


class RaterView(msgspec.Struct, frozen=True, kw_only=True):
    """`up` if its process gave a sign of life in the last 15 s; `figures` are what that process says of itself.

    `words` say how it fares, `ok` is false where a person should look. `agreement` is with people on this model.
    """

    up: bool
    ok: bool
    words: str
    figures: RaterFigures
    agreement: Agreement

    def leaves(self, request: LabelRequest) -> bool:
        """Whether it does not give the label that `request` waits for."""
        return request.state is Asked.LEFT or is_for_people(request.prediction_id, self.figures.check)


def rater_of(context: Context, version: Version) -> RaterView | None:
    """The rater, None where none runs or it does not label this model."""
    beat = next((beat for beat in context.store.heartbeats.all() if beat.process == RATER), None)
    figures = None if beat is None else RaterFigures.read(beat.stats)
    if beat is None or figures is None or (figures.models and version.model not in figures.models):
        return None
    up = context.now() - beat.at < ALIVE_SECONDS
    pairs = context.store.label_requests.opinions(version.model, SOURCE)
    return RaterView(
        up=up,
        ok=up and figures.failures < TRIPS,
        words=_words(figures, context.now()) if up else "The rater gives no sign of life: read its log.",
        figures=figures,
        agreement=agreement(pairs, regression=version.task == REGRESSION),
    )


def _words(figures: RaterFigures, now: float) -> str:
    if not figures.failures:
        rest = " More waits than it may be asked about in an hour (rater_per_hour)." if figures.limited else ""
        return f"The rater ({figures.how}) labels what is asked for, but for what is left to people.{rest}"
    wait = max(0.0, figures.resume_at - now)
    times = "once" if figures.failures == 1 else f"{figures.failures} times in a row"
    return f"The rater failed {times}: {figures.error} It is asked again in {wait:,.0f} s."
