"""What the demo breaks, when, and how: three faults that real pipelines have, planted in real data.

Rules: a break changes only what it names, only between its first and last day (UTC), and by a seeded draw, so that the
year is the same at every run. The control weeks before the first break are untouched; nothing planted touches a label.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import msgspec
import numpy as np
from numpy.typing import NDArray

from watchkeeper.demo.flights import TRAINED_UNTIL, Flights, midnight

Change = Callable[[NDArray[np.generic], np.random.Generator], NDArray[np.generic]]

KILOMETRES_PER_MILE = 1.609344
MISSING_SHARE = 0.30
NEW_CARRIER = "QX"
NEW_CARRIER_SHARE = 0.05
CONTROL_DAYS = 21
CONTROL = (TRAINED_UNTIL, TRAINED_UNTIL + timedelta(days=CONTROL_DAYS))


class Break(msgspec.Struct, frozen=True, kw_only=True):
    """One planted fault: `feature` is changed from `first` day to before `end` day, both UTC midnights."""

    name: str
    feature: str
    first: date
    end: date
    description: str
    change: Change

    @property
    def span(self) -> tuple[float, float]:
        """Unix seconds from start to end."""
        return midnight(self.first), midnight(self.end)


def in_kilometres(values: NDArray[np.generic], _: np.random.Generator) -> NDArray[np.generic]:
    """Miles, written in kilometres."""
    return values.astype(np.float64) * KILOMETRES_PER_MILE


def partly_missing(values: NDArray[np.generic], rng: np.random.Generator) -> NDArray[np.generic]:
    """A random 30 % of the values lost."""
    return np.where(rng.random(len(values)) < MISSING_SHARE, np.nan, values.astype(np.float64))


def with_new_carrier(values: NDArray[np.generic], rng: np.random.Generator) -> NDArray[np.generic]:
    """A random 5 % of the flights under a code that no training row has."""
    return np.where(rng.random(len(values)) < NEW_CARRIER_SHARE, NEW_CARRIER, values)


BREAKS: tuple[Break, ...] = (
    Break(
        name="unit change",
        feature="distance",
        first=date(2013, 5, 6),
        end=date(2013, 5, 20),
        description="distance in kilometres, not miles",
        change=in_kilometres,
    ),
    Break(
        name="partly missing",
        feature="duration",
        first=date(2013, 8, 5),
        end=date(2013, 8, 19),
        description="30 % of durations missing",
        change=partly_missing,
    ),
    Break(
        name="new category",
        feature="carrier",
        first=date(2013, 10, 7),
        end=date(2013, 10, 21),
        description=f"5 % of flights under an unknown carrier, {NEW_CARRIER}",
        change=with_new_carrier,
    ),
)


def with_breaks(flights: Flights, breaks: tuple[Break, ...] = BREAKS, *, seed: int = 13) -> Flights:
    """The same flights with every break applied to copies of the columns it names."""
    features = dict(flights.features)
    for number, fault in enumerate(breaks):
        first, end = np.searchsorted(flights.departure, fault.span)
        column = features[fault.feature].copy()
        column[first:end] = fault.change(column[first:end], np.random.default_rng([seed, number]))
        features[fault.feature] = column
    return msgspec.structs.replace(flights, features=features)


def break_at(seconds: float, breaks: tuple[Break, ...] = BREAKS) -> Break | None:
    """The break under way at a Unix time, if one is."""
    return next((fault for fault in breaks if fault.span[0] <= seconds < fault.span[1]), None)
