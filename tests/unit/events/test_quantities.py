from __future__ import annotations

import pytest

from watchkeeper.events.quantities import duration, size


@pytest.mark.parametrize(
    ("text", "seconds"), [(90, 90), ("90", 90), ("90s", 90), ("10m", 600), ("2 h", 7200), ("1d", 86400)]
)
def test_duration(text: object, seconds: int) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize(("text", "number"), [(5, 5), ("5", 5), ("2KiB", 2048), ("1 mib", 1 << 20), ("1GiB", 1 << 30)])
def test_size(text: object, number: int) -> None:
    assert size(text) == number


@pytest.mark.parametrize("text", ["", "1y", -1, "-1d", 1.5, True, None, "1 d d"])
def test_what_is_no_quantity_is_told_what_one_looks_like(text: object) -> None:
    with pytest.raises(ValueError, match="whole seconds"):
        duration(text)
    with pytest.raises(ValueError, match="bytes"):
        size(text)
