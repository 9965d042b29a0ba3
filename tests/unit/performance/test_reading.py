"""Classes in every form, probabilities, numbers; what cannot be read is a fault in words."""

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.events.errors import BadInput
from watchkeeper.performance import reading
from watchkeeper.performance.faults import Faults

ABC = ("a", "b", "c")


@pytest.mark.parametrize(
    ("column", "classes", "expected"),
    [
        (pa.array(["b", "a"]), ABC, [1, 0]),
        (pa.array(["b", "a"]).dictionary_encode(), ABC, [1, 0]),
        (pa.array([2, 0]), ABC, [2, 0]),
        (pa.array([2.0, 0.0]), ABC, [2, 0]),
        (pa.array([2, 1]), ("1", "2"), [1, 0]),
        (pa.array([True, False]), ("0", "1"), [1, 0]),
        (pa.array([True, False]), ("true", "false"), [0, 1]),
        (pa.array([[0, 0, 1], [1, 0, 0]]), ABC, [2, 0]),
        (pa.array([[0.0, 1.0, 0.0]], pa.list_(pa.float64(), 3)), ABC, [1]),
    ],
)
def test_a_class_in_every_form(column: pa.Array, classes: tuple[str, ...], expected: list[int]) -> None:
    faults = Faults(len(column))
    assert reading.class_numbers(column, classes, "label", faults).tolist() == expected
    assert not faults.reasons


@pytest.mark.parametrize(
    ("column", "classes", "reason"),
    [
        (pa.array(["d"]), ABC, "label 'd' is none of the classes a, b, c"),
        (pa.array([3]), ABC, "label 3 is none of"),
        (pa.array([0]), ("1", "2"), "label 0 is none of"),
        (pa.array([0.5]), ("0", "1"), "label 0.5 is none of"),
        (pa.array([float("nan")]), ("0", "1"), "label nan is none of"),
        (pa.array([True]), ABC, "label True is none of"),
        (pa.array([None], pa.string()), ABC, "the label is missing"),
        (pa.array([[1, 0]]), ABC, "the label has 2 entries for 3 classes"),
        (pa.array([[1, 1, 0]]), ABC, "the label is not one-hot"),
        (pa.array([[0.2, 0.8, 0.0]]), ABC, "the label is not one-hot"),
        (pa.array([None], pa.list_(pa.int64())), ABC, "the label is missing"),
        (
            pa.array(["x"]),
            tuple("abcdefghij"),
            r"label 'x' is none of the classes a, b, c, d, e, f, g, h, … \(10 in all\)",
        ),
    ],
)
def test_what_is_no_class_is_a_fault(column: pa.Array, classes: tuple[str, ...], reason: str) -> None:
    faults = Faults(1)
    reading.class_numbers(column, classes, "label", faults)
    with pytest.raises(BadInput, match=f"Row 0: {reason}"):
        faults.check("")


def test_probabilities_are_checked() -> None:
    faults = Faults(4)
    columns = [pa.array([0.2, None, 0.5, 0.5]), pa.array([0.8, 0.5, 1.2, 0.4])]
    found = reading.probabilities(columns, ["p.a", "p.b"], faults)
    reading.check_sums(found, faults)
    assert faults.reasons == {
        1: "p.a is missing or NaN",
        2: "p.b 1.2 is no probability",
        3: "the probabilities sum to 0.9, not to 1",
    }


def test_rounding_is_no_fault() -> None:
    faults = Faults(1)
    found = reading.probabilities([pa.array([-1e-9]), pa.array([1.0000001])], ["p.a", "p.b"], faults)
    reading.check_sums(found, faults)
    assert found.tolist() == [[0.0, 1.0]]
    assert not faults.reasons


def test_numbers_are_finite() -> None:
    faults = Faults(4)
    found = reading.numbers(pa.array(["1.5", "x", None, "inf"]), "label", faults)
    assert found.tolist() == [1.5, 0, 0, 0]
    assert faults.reasons == {1: "label 'x' is no number", 2: "the label is missing", 3: "the label is inf"}


@pytest.mark.parametrize("column", [pa.array([True]), pa.array([[1.0]])])
def test_booleans_and_lists_are_no_numbers(column: pa.Array) -> None:
    with pytest.raises(BadInput, match=r"not numbers\. Is the task right"):
        reading.numbers(column, "label", Faults(1))


def test_mixed_types_are_refused() -> None:
    with pytest.raises(BadInput, match="mixed types"):
        reading.as_array(["a", 1])
    assert reading.as_array(np.array([1, 2]).tolist()).to_pylist() == [1, 2]
