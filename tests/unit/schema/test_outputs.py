"""Labels are written one way, whatever type they come in."""

import numpy as np
import pytest

from watchkeeper.schema.outputs import label_text


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "true"), (np.False_, "false"), (1, "1"), (1.0, "1"), (0.5, "0.5"), ("AA", "AA"), (np.int64(7), "7")],
)
def test_labels_as_text(value: object, text: str) -> None:
    assert label_text(value) == text
