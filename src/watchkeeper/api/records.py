"""Recorded inferences by filter, and one record's whole story."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import Path, Query

from watchkeeper.alerts.table import State
from watchkeeper.api.alert_line import AlertLine, alert_line
from watchkeeper.api.context import Context, Given
from watchkeeper.api.evidence import WindowView, window_view
from watchkeeper.api.span import End, Named, Start, moment
from watchkeeper.events.errors import BadInput, NotFound
from watchkeeper.reference.reference import Reference
from watchkeeper.schema.check import Fault
from watchkeeper.store.query import Record, RecordFilter, StoredFeedback
from watchkeeper.tallies.categorical import CategoricalBins
from watchkeeper.tallies.numeric import NumericBins

_MICRO = 1_000_000
FLAGS = {fault.label: fault for fault in Fault}

Flag = Annotated[str | None, Query(description=f"Rows with this fault: {', '.join(FLAGS)}.", max_length=40)]
Minimum = Annotated[float | None, Query(description="Output at least this.", allow_inf_nan=False)]
Maximum = Annotated[float | None, Query(description="Output at most this.", allow_inf_nan=False)]
Output = Annotated[str | None, Query(description="The output meant; the first if left out.", max_length=300)]
Label = Annotated[str | None, Query(description="Output is exactly this text.", max_length=1000)]
Wanted = Annotated[str | None, Query(description="A row's prediction ID, or a request's: all its rows.", max_length=80)]
Failed = Annotated[bool | None, Query(description="Only failed rows, or only answered ones.")]
Limit = Annotated[int, Query(description="Records a page.", ge=1, le=1000)]
Cursor = Annotated[str | None, Query(description="`cursor` of the page before.", max_length=200)]
PredictionId = Annotated[str, Path(max_length=80)]


class RecordView(msgspec.Struct, frozen=True, kw_only=True):
    """One inference. Times are Unix microseconds; `faults` names what was wrong with its inputs."""

    prediction_id: str
    request_id: str | None
    event_time: int
    receive_time: int
    model: str
    version: str
    route: str
    status: int
    error: str | None
    latency_us: int
    faults: tuple[str, ...]
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    feedback: tuple[StoredFeedback, ...]


class RecordsView(msgspec.Struct, frozen=True, kw_only=True):
    """Records newest first; `cursor` asks for the next page. `unreadable` names damaged files that were left out."""

    records: tuple[RecordView, ...]
    cursor: str | None
    unreadable: tuple[str, ...]


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a value stands in the reference: the share of reference values below it, or of its category.

    Null where the reference says nothing (a value that is missing, or a column that is not watched). `fault` is
    `missing`, `unseen` or `out_of_range`; empty where the value is in order.
    """

    feature: str
    value: Any
    below: float | None = None
    share: float | None = None
    fault: str = ""


class StoryView(msgspec.Struct, frozen=True, kw_only=True):
    """One record, its inputs against the reference, the windows it was judged in, and the alerts open at its time."""

    record: RecordView
    places: tuple[Place, ...]
    windows: tuple[WindowView, ...]
    alerts: tuple[AlertLine, ...]


def records(
    context: Given,
    model: str,
    *,
    version: Named = None,
    start: Start = None,
    end: End = None,
    prediction_id: Wanted = None,
    flag: Flag = None,
    failed: Failed = None,
    output: Output = None,
    minimum: Minimum = None,
    maximum: Maximum = None,
    label: Label = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> RecordsView:
    """Records that match every filter given, newest event first."""
    context.store.versions.model(model)
    bounded = minimum is not None or maximum is not None or label is not None
    wanted = RecordFilter(
        start=_micros(start, "start"),
        end=_micros(end, "end"),
        version=version,
        failed=failed,
        flags=fault_bits(flag),
        prediction_id=prediction_id,
        output=output or (_first_output(context, model, version) if bounded else None),
        minimum=minimum,
        maximum=maximum,
        label=label,
    )
    page = context.store.queries.page(model, wanted, limit=limit, cursor=cursor)
    return RecordsView(
        records=tuple(record_view(record) for record in page.records), cursor=page.cursor, unreadable=page.unreadable
    )


def record(context: Given, model: str, prediction_id: PredictionId) -> StoryView:
    """One record's whole story."""
    context.store.versions.model(model)
    found = context.store.queries.get(model, prediction_id)
    return StoryView(
        record=record_view(found),
        places=_places(context, found),
        windows=_windows(context, found),
        alerts=_alerts(context, found),
    )


def record_view(record: Record) -> RecordView:
    """A stored record with its flags in words."""
    fields = {name: getattr(record, name) for name in RecordView.__struct_fields__ if name != "faults"}
    return RecordView(**fields, faults=tuple(name for name, bit in FLAGS.items() if record.flags & bit))


def _micros(text: str | None, name: str) -> int | None:
    seconds = moment(text, name)
    return None if seconds is None else round(seconds * _MICRO)


def fault_bits(flag: str | None) -> int:
    """The bit of a fault by its name, 0 for none. Raises BadInput that names the faults there are."""
    if flag is None:
        return 0
    if flag not in FLAGS:
        raise BadInput(f"{flag[:40]!r} is not a fault.", hint=f"There are {', '.join(FLAGS)}.")
    return FLAGS[flag].value


def _first_output(context: Context, model: str, version: str | None) -> str:
    outputs = context.version(model, version).schema.outputs
    if not outputs:
        raise BadInput("This version declares no output to filter by.")
    return outputs[0].name


def _places(context: Context, record: Record) -> tuple[Place, ...]:
    try:
        reference = context.reference(context.store.versions.version(record.model, record.version))
    except NotFound:
        reference = None
    return tuple(_place(reference, name, value) for name, value in record.inputs.items())


def _place(reference: Reference | None, name: str, value: Any) -> Place:
    key = f"input.{name}"
    bins = reference.binning.columns.get(key) if reference else None
    if reference is None or bins is None or value is None:
        return Place(feature=name, value=value, fault="missing" if value is None else "")
    counts = reference.binning.part(reference.whole, key).counts
    if isinstance(bins, NumericBins) and isinstance(value, int | float) and value == value:  # noqa: PLR0124 - not NaN
        fault = "out_of_range" if _outside(bins, float(value)) else ""
        return Place(feature=name, value=value, below=_below(bins, counts, float(value)), fault=fault)
    if isinstance(bins, CategoricalBins):
        text = str(value).lower() if isinstance(value, bool) else str(value)
        values = bins.value_counts(counts)
        total = int(values.sum())
        rows = int(values[bins.levels.index(text)]) if text in bins.levels else 0
        fault = "" if text in bins.levels or text in bins.rare else "unseen"
        return Place(feature=name, value=value, share=rows / total if total else None, fault=fault)
    return Place(feature=name, value=value)


def _outside(bins: NumericBins, value: float) -> bool:
    """Whether a value lies beyond the declared bounds."""
    low, high = bins.minimum, bins.maximum
    return (low is not None and value < low) or (high is not None and value > high)


def _below(bins: NumericBins, counts: Any, value: float) -> float | None:
    """The share of reference values below the bin of `value`, and half of those in it."""
    values = bins.value_counts(counts)
    total = int(values.sum())
    if not total:
        return None
    place = min(max(int(bins.edges.searchsorted(value, side="right")) - 1, 0), len(values) - 1)
    return (int(values[:place].sum()) + int(values[place]) / 2) / total


def _windows(context: Context, record: Record) -> tuple[WindowView, ...]:
    at = record.event_time // _MICRO
    settings = context.store.versions.model(record.model).settings
    found = context.store.verdicts.history(
        record.model, record.version, start=at - settings.window_seconds + 1, end=at + 1, limit=10
    )
    return tuple(window_view(stored) for stored in found if stored.window_start <= at < stored.window_end)


def _alerts(context: Context, record: Record) -> tuple[AlertLine, ...]:
    at = record.event_time // _MICRO
    states = [State.FIRING, State.NO_DATA, State.RESOLVED]
    found = context.store.alerts.find(model=record.model, states=states)
    return tuple(alert_line(a) for a in found if a.version == record.version and a.onset <= at < (a.ended or at + 1))
