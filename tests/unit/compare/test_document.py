from __future__ import annotations

import json

import numpy as np

from watchkeeper.compare.comparison import compare
from watchkeeper.compare.document import SCHEMA


def test_the_document_holds_every_field_of_every_finding() -> None:
    rng = np.random.default_rng(0)
    comparison = compare({"x": rng.normal(size=500)}, {"x": rng.normal(size=100)})
    document = json.loads(comparison.to_json())
    assert document["schema"] == SCHEMA == "watchkeeper.compare/1"
    assert (document["rows"], document["reference_rows"], document["reference_blocks"]) == (100, 500, 0)
    assert len(document["findings"]) == len(comparison.findings)
    for told, finding in zip(document["findings"], comparison.findings, strict=True):
        assert told["detector"] == finding.detector
        assert told["p_value"] == finding.p_value
        assert set(told) == set(finding.__struct_fields__)


def test_nothing_in_it_is_not_a_number() -> None:
    comparison = compare({"x": [None] * 50}, {"x": [1.0]})
    json.loads(comparison.to_json(), parse_constant=lambda text: (_ for _ in ()).throw(AssertionError(text)))
