"""Performance by the values of one feature."""

from __future__ import annotations

import pytest

from tests.helpers.seed import DAY, START
from watchkeeper.api import labelled
from watchkeeper.api import segments as module
from watchkeeper.api.context import Context
from watchkeeper.api.labelled import MOST_LEVELS
from watchkeeper.api.performance import performance
from watchkeeper.api.segments import segments, worst
from watchkeeper.compare.row_cells import cells_of
from watchkeeper.events.errors import BadInput, TooLarge, Unavailable
from watchkeeper.reference.reference import Reference


def test_segments_add_up_to_the_whole(context: Context) -> None:
    whole = performance(context, "delays")
    for feature, fewest in (("carrier", 5), ("wind", 4), ("weekend", 2)):
        view = segments(context, "delays", feature)
        assert len(view.segments) >= fewest
        assert sum(one.metrics["accuracy"].n for one in view.segments) == whole.total["accuracy"].n
        assert [one.predictions for one in view.segments] == sorted(one.predictions for one in view.segments)[::-1]
        assert all(one.labels <= one.predictions for one in view.segments)


def test_numbers_are_cut_at_quartiles_and_many_values_are_put_together(context: Context) -> None:
    wind = {one.segment for one in segments(context, "delays", "wind").segments}
    assert "(missing)" in wind
    assert len(wind) == 5
    destinations = segments(context, "delays", "dest").segments
    assert len(destinations) == MOST_LEVELS
    assert destinations[0].segment == "(others)"


def test_numbers_are_cut_and_named_as_in_alerts_whatever_the_span(context: Context) -> None:
    cells = cells_of(context.reference(context.version("delays")), "input.wind", 4)
    for span in ({}, {"start": str(START), "end": str(START + DAY)}):
        found = {one.segment for one in segments(context, "delays", "wind", **span).segments}
        assert len(found - {"(missing)"}) > 2
        assert found - {"(missing)"} <= set(cells.labels[:-1])


def test_without_a_reference_numbers_are_cut_at_quartiles_of_their_rows(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_: object) -> Reference:
        raise Unavailable("The reference of this version cannot be read.")

    monkeypatch.setattr(context, "reference", gone)
    sizes = [one.predictions for one in segments(context, "delays", "wind").segments if one.segment != "(missing)"]
    assert len(sizes) == 4
    assert max(sizes) < 1.1 * min(sizes)


def test_a_span_without_rows_has_no_segments(context: Context) -> None:
    assert segments(context, "delays", "carrier", start="0", end=str(DAY)).segments == ()
    assert len(segments(context, "delays", "carrier", start=str(START), end=str(START + DAY)).segments) > 2


def test_what_cannot_be_answered_is_said(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadInput, match="no feature 'colour'"):
        segments(context, "delays", "colour")
    monkeypatch.setattr(labelled.rows_of, "__kwdefaults__", {"labelled": False, "one_in": 1, "most": 10})
    with pytest.raises(TooLarge, match="more than 10 rows"):
        segments(context, "delays", "carrier")


def test_the_search_names_what_it_looked_at(context: Context) -> None:
    view = worst(context, "delays", depth=1)
    assert view.rows == performance(context, "delays").total["accuracy"].n
    assert view.every == 1
    assert view.search.tested > 40
    assert view.loss == "share of wrong decisions"
    assert worst(context, "delays", start="0", end=str(DAY)).search.tested == 0


def test_a_long_span_is_searched_in_a_part_of_its_rows(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_SEARCHED", 1000)
    view = worst(context, "delays", depth=1)
    assert view.every > 5
    assert view.rows == pytest.approx(performance(context, "delays").total["accuracy"].n / view.every, rel=0.1)
