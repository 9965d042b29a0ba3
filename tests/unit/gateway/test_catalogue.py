from __future__ import annotations

from tests.helpers.serving import MIXED, served
from watchkeeper.events.inference import source_of
from watchkeeper.gateway.batches import inference_batch
from watchkeeper.gateway.capture import Captured


def test_metadata_names_every_feature_in_its_datatype() -> None:
    found = served("mixed", features=MIXED).metadata(("1", "2"))
    assert [(item["name"], item["datatype"]) for item in found["inputs"]] == [
        ("age", "FP64"),
        ("carrier", "BYTES"),
        ("member", "BOOL"),
        ("born", "BYTES"),
    ]
    assert (found["platform"], found["versions"], found["parameters"]["task"]) == ("test", ["1", "2"], "binary")


def test_the_batch_schema_names_the_source() -> None:
    item = Captured(served("m", "7"), 1, None, None, "id", None, 0, 0, 400, "why", 5, 0)
    source = source_of(inference_batch([item]))
    assert (source.model, source.version, source.route) == ("m", "7", "live")
