"""A comparison is named after the version it is made with."""

from __future__ import annotations

import pytest

from watchkeeper.monitors.against import against, other_version


@pytest.mark.parametrize("version", ["3", "v 1.2", "half against half", "[a]"])
def test_the_version_is_read_back_from_the_name(version: str) -> None:
    assert other_version(against("performance.error", version)) == version


def test_what_is_compared_with_none_names_none() -> None:
    assert other_version("performance.error") == ""
