"""The prediction that a key means: the values of some features, within a range of event time.

Exactly one must match. None, or several, is said with what to do; a feature that is not kept as it came (privacy) or
that the model does not have cannot be part of a key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import pyarrow as pa

from watchkeeper.events.errors import BadInput, Conflict, NotFound
from watchkeeper.events.inference import INPUT
from watchkeeper.schema.feature import Privacy
from watchkeeper.schema.schema import Schema
from watchkeeper.store.duck import Duck, identifier
from watchkeeper.store.records import Records

LONGEST_US = 31 * 86_400_000_000
_SHOWN = 5
KeyValue = float | bool | str | None


class Keys:
    """Looks predictions up by feature values. Safe to use from several threads."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._duck = Duck(records.data_dir)

    def find(self, model: str, schema: Schema, features: Mapping[str, KeyValue], start: int, end: int) -> str:
        """The ID of the one prediction in [start, end) (Unix microseconds) with these values.

        Raises BadInput for a key that makes no sense, NotFound if none matches, Conflict if several do.
        """
        _check(schema, features, start, end)
        found = self._matching(model, features, start, end)
        if not found:
            raise NotFound(
                "No prediction in that time has this key.",
                hint="A prediction can be found a moment after its answer; is the time its event time?",
            )
        if len(found) > 1:
            more = " or more" if len(found) > _SHOWN else ""
            raise Conflict(
                f"{min(len(found), _SHOWN)}{more} predictions have this key: {', '.join(found[:_SHOWN])}.",
                hint="Narrow the time, add features to the key, or send the prediction ID.",
            )
        return found[0]

    def close(self) -> None:
        """Release the memory of the query engine."""
        self._duck.close()

    def _matching(self, model: str, features: Mapping[str, KeyValue], start: int, end: int) -> list[str]:
        paths = [str(self._records.path(file)) for file in self._records.files(model, start=start, end=end)]
        if not paths:
            return []
        conditions = ["epoch_us(event_time) >= $start", "epoch_us(event_time) < $end", "status < 400"]
        given: dict[str, Any] = {"files": paths, "start": start, "end": end}
        for place, (name, value) in enumerate(features.items()):
            conditions.append(_condition(identifier(INPUT + name), f"v{place}", value))
            if value is not None:
                given[f"v{place}"] = value
        query = (
            "SELECT prediction_id FROM read_parquet($files, union_by_name = true, hive_partitioning = false)"  # noqa: S608
            f" WHERE {' AND '.join(conditions)} ORDER BY event_time, prediction_id LIMIT {_SHOWN + 1}"
        )
        try:
            found: pa.Table = self._duck.rows(query, given)
        except duckdb.BinderException as error:
            raise NotFound("No prediction in that time recorded these features.") from error
        ids: list[str] = found.column(0).to_pylist()
        return ids


def _check(schema: Schema, features: Mapping[str, KeyValue], start: int, end: int) -> None:
    if not 0 <= end - start <= LONGEST_US:
        raise BadInput("predicted_to must lie at most 31 days after predicted_from.")
    known = {feature.name: feature for feature in schema.features}
    for name in features:
        if name not in known:
            raise BadInput(f"The model has no feature {name[:80]!r}.", hint=f"It has {', '.join(known)[:500]}.")
        if known[name].privacy is not Privacy.KEEP:
            raise BadInput(f"Feature {name!r} is not kept as it came, so that nothing can be found by it.")


def _condition(column: str, parameter: str, value: KeyValue) -> str:
    if value is None:
        return f"{column} IS NULL"
    if isinstance(value, bool):
        return f"TRY_CAST({column} AS BOOLEAN) = ${parameter}"
    if isinstance(value, int | float):
        return f"TRY_CAST({column} AS DOUBLE) = ${parameter}"
    return f"CAST({column} AS VARCHAR) = ${parameter}"
