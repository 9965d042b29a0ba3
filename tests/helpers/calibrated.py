"""Days of a model whose scores are the chance of class 1, with labels that come late: what estimates stand on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

import numpy as np
import pyarrow as pa

from tests.helpers.feedback import item, sent
from tests.helpers.watching import DAY, START, FakeClock, batch, entry
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.journal.protocol import Entry
from watchkeeper.store.store import Store
from watchkeeper.watch.worker import Worker

ROWS = 250
STEP = 300


def by_turns(day: int) -> float:
    """Scores of days are nearer to the ends or to the middle, by turns, so performance truly moves."""
    return (0.3, 1.0, 3.0)[day % 3]


def by_small_turns(day: int) -> float:
    """The same, but so that a day of hard scores is beyond what these days do by themselves."""
    return (0.3, 0.5, 1.0)[day % 3]


def day_entries(
    day: int,
    shape: float,
    *,
    turned: bool = False,
    ones: bool = False,
    delay: float = 3600.0,
    rows: int = ROWS,
    labelled: bool = True,
    prefix: str = "p",
) -> list[Entry]:
    """Rows of one day and their labels, which come `delay` seconds later; the other way round if `turned`, or all 1.

    Scores are drawn from a symmetric beta distribution of this `shape`: above 1 near the middle, below near the ends.
    """
    rng = np.random.default_rng([3, day])
    seconds = START + day * DAY + np.arange(rows) * STEP
    scores = rng.beta(shape, shape, rows)
    truth = (rng.random(rows) < scores) != turned
    made = batch(seconds, seed=day, prefix=prefix)
    place = made.schema.get_field_index("output.probability")
    made = made.set_column(place, made.schema.field(place), pa.array(scores))
    names = made.column("prediction_id").to_pylist()
    said = [item(n, float(t or ones), at=s + delay) for n, t, s in zip(names, truth, seconds, strict=True)]
    return [entry(made), *([sent(*said)] if labelled else [])]


def fill(
    store: Store,
    days: Iterable[int],
    *,
    shape: Callable[[int], float] = by_turns,
    turned: Collection[int] = (),
    labelled: Collection[int] | None = None,
    **given: Any,
) -> None:
    """Keep these days; on `turned` days labels are the other way round, only `labelled` days have any (None: all)."""
    keep(
        store,
        *(
            entry
            for day in days
            for entry in day_entries(
                day, shape(day), turned=day in turned, labelled=labelled is None or day in labelled, **given
            )
        ),
    )


def keep(store: Store, *entries: Entry) -> None:
    """Have a worker keep these entries, of a journal of their own."""
    journal = MemoryJournal()
    journal.append(list(entries))
    worker = Worker(store, journal, clock=FakeClock(START + 80.0 * DAY))
    worker.position = 0
    while worker.step().entries:
        pass
    worker.close()
