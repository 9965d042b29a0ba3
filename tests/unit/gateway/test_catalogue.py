from __future__ import annotations

from tests.helpers.serving import MIXED, served
from watchkeeper.events.inference import source_of
from watchkeeper.gateway.batches import inference_batch
from watchkeeper.gateway.capture import Captured
from watchkeeper.gateway.catalogue import ServedModel
from watchkeeper.schema.truth import Truth


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


def test_a_model_tells_what_labels_it_takes() -> None:
    one = served()
    assert ServedModel(name="m", live="1", versions={"1": one}).truth() == Truth("binary", ("0", "1"))
    assert ServedModel(name="m", live="1", versions={}).truth() is None
    assert ServedModel(name="m", live="1", versions={"1": one}, problems={"2": "gone"}).truth() is None
