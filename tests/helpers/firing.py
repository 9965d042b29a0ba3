"""An alert that fires, put into a store in few words."""

from __future__ import annotations

from tests.helpers.watching import DAY, START
from watchkeeper.alerts.advice import NEXT_STEP
from watchkeeper.alerts.alert import Alert, alert_id, fingerprint
from watchkeeper.alerts.cause import CAUSES, Cause
from watchkeeper.alerts.table import State
from watchkeeper.store.store import Store


def fire(
    store: Store,
    cause: Cause,
    column: str,
    *,
    summary: str,
    model: str = "flights",
    version: str = "1",
    onset: int = START,
    state: State = State.FIRING,
) -> str:
    """The ID of an alert on `column` that began at `onset` and fires since a day after, or was resolved then."""
    mark = fingerprint(model, version, cause, column)
    made = Alert(
        id=alert_id(mark, onset), fingerprint=mark, model=model, version=version, cause=cause, subject=column,
        columns=(column,), severity=CAUSES[cause].severity, state=state, onset=onset, detected=onset + DAY,
        updated=onset + DAY, ended=onset + DAY if state is State.RESOLVED else None,
        title=f"{model} {version}: {cause.value}", summary=summary, next_step=NEXT_STEP[cause],
    )  # fmt: skip
    store.alerts.save([made], float(onset))
    return made.id
