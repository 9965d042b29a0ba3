"""Rows that two versions both answered: known by the caller's own ID and the row in it, or by the prediction ID."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.api.context import Context
from watchkeeper.api.labelled import pairs_of, rows_of
from watchkeeper.api.span import Span
from watchkeeper.performance.layout import Layout
from watchkeeper.performance.pairs import BINARY, MULTICLASS, REGRESSION, Pairs
from watchkeeper.store.versions import Version

FEWEST_PAIRS = 30
MOST_ROWS = 200_000


@dataclass(frozen=True)
class Asked:
    """Versions `a` and `b` over a span, how each is counted, and the feature to tell segments by."""

    context: Context
    a: Version
    b: Version
    when: Span
    layouts: tuple[Layout, Layout]
    feature: str | None

    @property
    def features(self) -> list[str]:
        """The feature, where one was asked for."""
        return [] if self.feature is None else [self.feature]


@dataclass(frozen=True)
class Twins:
    """Rows that both versions answered, in the same order, with the pairs of those that have a label."""

    rows_a: pa.Table
    rows_b: pa.Table
    a: Pairs
    b: Pairs


def twins(asked: Asked) -> Twins | None:
    """Rows that both answered; None where there are fewer than 30, or too many rows to look through."""
    performance = asked.context.store.performance
    for version in (asked.a, asked.b):
        width = asked.context.store.versions.model(version.model).settings.window_seconds
        counted = performance.predictions(version.model, version.version, asked.when.start, asked.when.end, width)
        if not 0 < sum(counted.values()) <= MOST_ROWS:
            return None
    if asked.a.task not in (BINARY, MULTICLASS, REGRESSION) or asked.layouts[0].classes != asked.layouts[1].classes:
        return None
    both = [rows_of(asked.context, version, asked.when, asked.features) for version in (asked.a, asked.b)]
    places = [_places(rows) for rows in both]
    shared = sorted(places[0].keys() & places[1].keys(), key=lambda key: (key[0] or "", key[1]))
    if len(shared) < FEWEST_PAIRS:
        return None
    rows_a, rows_b = (
        rows.take(pa.array([of[key] for key in shared], pa.int64())) for rows, of in zip(both, places, strict=True)
    )
    truth = pc.coalesce(rows_a["label"], rows_b["label"])
    pairs_a, good_a = pairs_of(asked.a, asked.layouts[0], rows_a, truth)
    pairs_b, good_b = pairs_of(asked.b, asked.layouts[1], rows_b, truth)
    good = good_a & good_b
    if pairs_a is None or pairs_b is None or good.sum() < FEWEST_PAIRS:
        return None
    rows = [rows.filter(pa.array(good)) for rows in (rows_a, rows_b)]
    return Twins(rows[0], rows[1], pairs_a.take(good[good_a]), pairs_b.take(good[good_b]))


def _places(rows: pa.Table) -> dict[tuple[str | None, str], int]:
    """Where the row with the caller's ID and row number stands, or that with the prediction ID where there is none.

    A mirror that gives no ID of its own records its answer under the prediction ID of what it mirrors. IDs that came
    twice are left out.
    """
    found: dict[tuple[str | None, str], int] = {}
    twice: set[tuple[str | None, str]] = set()
    ids = zip(rows["request_id"].to_pylist(), rows["prediction_id"].to_pylist(), strict=True)
    for place, (request, prediction) in enumerate(ids):
        key = (request, prediction if request is None else prediction.partition(":")[2])
        if key in found:
            twice.add(key)
        found[key] = place
    return {key: place for key, place in found.items() if key not in twice}
