"""Arrays come back with the same bits."""

from __future__ import annotations

import json

import numpy as np
import pytest

from watchkeeper.detectors.embedding.packing import packed, unpacked
from watchkeeper.events.errors import BadInput


@pytest.mark.parametrize("kind", ["<f8", ">f8", "<f4", "<i8", "<u4"])
def test_the_same_bits_come_back_through_json(kind: str) -> None:
    array = (np.random.default_rng(0).random((3, 5)) * 1000).astype(kind)
    back = unpacked(json.loads(json.dumps(packed(array))))
    np.testing.assert_array_equal(back, array)
    assert back.shape == (3, 5)
    back[0, 0] = 1  # it is an array of one's own


@pytest.mark.parametrize(
    "fields",
    [{}, {"shape": [2], "type": "<f8", "data": "?"}, {"shape": [3], "type": "<f8", "data": ""},
     {"shape": [1], "type": "|O", "data": "AAAAAAAAAAA="}],
)  # fmt: skip
def test_what_is_no_array_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        unpacked(fields)
