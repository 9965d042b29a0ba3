from __future__ import annotations

import msgspec
import pytest

from watchkeeper.api.context import Context
from watchkeeper.events.errors import NotFound, Unavailable


def test_the_live_version_is_meant_where_none_is_named(context: Context) -> None:
    assert context.version("delays").version == "v7"
    assert context.version("delays", "v7") == context.version("delays")


def test_names_that_are_not_there_are_named(context: Context) -> None:
    with pytest.raises(NotFound, match="There are delays"):
        context.version("nope")
    with pytest.raises(NotFound, match="v7"):
        context.version("delays", "v8")


def test_a_reference_is_read_once(context: Context) -> None:
    version = context.version("delays")
    assert context.reference(version) is context.reference(version)


def test_service_cells_are_kept_and_none_where_there_is_no_reference(context: Context) -> None:
    digest = context.version("delays").reference_digest
    cells = context.service_cells(digest)
    assert cells is not None
    assert cells is context.service_cells(digest)
    assert cells.status.stop - cells.status.start == 4
    assert context.service_cells("") is None
    assert context.service_cells("0" * 64) is None


def test_a_lost_reference_is_said_to_be(context: Context) -> None:
    version = context.version("delays")
    lost = msgspec.structs.replace(version, reference_digest="0" * 64)
    with pytest.raises((Unavailable, NotFound)):
        context.reference(lost)


def test_what_was_made_is_kept_for_its_revision(context: Context) -> None:
    made = iter(range(9))
    found = [context.latest(("mine",), revision, lambda: next(made)) for revision in (1, 1, 2, 1)]
    assert found == [0, 0, 1, 2]
