"""Text is read from columns and lists."""

from __future__ import annotations

import pyarrow as pa
import pytest

from watchkeeper.detectors.embedding.texts import texts, words
from watchkeeper.events.errors import BadInput


def test_columns_and_lists_with_what_is_missing() -> None:
    read = ["a b", None, ""]
    for values in (read, pa.array(read), pa.array(read, pa.large_string()), pa.array(read).dictionary_encode()):
        assert texts(values) == read
    assert texts(["x", float("nan")]) == ["x", None]


@pytest.mark.parametrize("values", [[1, 2], pa.array([1.0])])
def test_what_is_no_text_is_refused(values: object) -> None:
    with pytest.raises(BadInput, match="text"):
        texts(values)


def test_words_are_lower_case_and_without_marks() -> None:
    assert words("Café au lait, 3x!") == ["café", "au", "lait", "3x"]
