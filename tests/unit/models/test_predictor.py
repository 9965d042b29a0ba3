from __future__ import annotations

from watchkeeper.models.predictor import Output, Predictor


def test_the_protocol_is_small() -> None:
    methods = [name for name in vars(Predictor) if not name.startswith("_") and callable(getattr(Predictor, name))]
    assert methods == ["predict", "close"]
    assert set(Predictor.__annotations__) == {"layout", "outputs", "classes"}


def test_an_output_is_a_name_and_a_datatype() -> None:
    assert Output("label", "INT64") == Output(name="label", datatype="INT64")
