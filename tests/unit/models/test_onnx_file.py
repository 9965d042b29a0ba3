from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper
from onnx.external_data_helper import set_external_data

from tests.helpers.artifacts import NUMBERS, logistic, pickled, table
from watchkeeper.events.errors import BadInput
from watchkeeper.models.onnx_file import refuse_external_data
from watchkeeper.models.register import prepare
from watchkeeper.models.task import Task


def tensor(*, external: bool) -> TensorProto:
    made = helper.make_tensor("w", TensorProto.FLOAT, [1], [1.0])
    if external:
        made.ClearField("float_data")
        made.raw_data = b"\0\0\0\0"
        set_external_data(made, "../../etc/passwd", offset=0, length=4)
        made.ClearField("raw_data")
    return made


def model(graph_of: str, *, external: bool) -> bytes:
    """A model that holds the tensor as an initializer, in a node's attribute, or in a graph inside a node."""
    held = tensor(external=external)
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
    if graph_of == "initializer":
        graph = helper.make_graph([helper.make_node("Identity", ["w"], ["y"])], "g", [], [output], [held])
    elif graph_of == "attribute":
        graph = helper.make_graph([helper.make_node("Constant", [], ["y"], value=held)], "g", [], [output])
    else:
        inner = helper.make_graph([helper.make_node("Identity", ["w"], ["y"])], "inner", [], [output], [held])
        node = helper.make_node("If", ["c"], ["y"], then_branch=inner, else_branch=inner)
        graph = helper.make_graph([node], "g", [], [output])
    return bytes(helper.make_model(graph).SerializeToString())


@pytest.mark.parametrize("place", ["initializer", "attribute", "inner graph"])
def test_weights_in_another_file_are_refused_wherever_they_hide(place: str) -> None:
    refuse_external_data(model(place, external=False))
    with pytest.raises(BadInput, match="keeps weights in another file"):
        refuse_external_data(model(place, external=True))


def test_a_real_model_passes() -> None:
    refuse_external_data(prepare(pickled(logistic()), table(), NUMBERS, Task.BINARY, trust=True).artifact.data)


def test_nesting_has_a_bound() -> None:
    data = b""
    for _ in range(200):  # graph > node > attribute > graph …
        for number in (6, 5, 1):
            data = bytes([number << 3 | 2]) + length(data) + data
    with pytest.raises(BadInput, match="not a readable ONNX file"):
        refuse_external_data(b"\x3a" + length(data) + data)


def length(data: bytes) -> bytes:
    """The varint of how many bytes there are."""
    value, made = len(data), bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*made, value])


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        refuse_external_data(data)
    except BadInput as error:
        assert error.hint  # noqa: PT017 - either outcome is right, any other exception is not
