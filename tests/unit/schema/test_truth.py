"""Which label is meant, and which the model cannot have."""

from __future__ import annotations

import pytest

from watchkeeper.events.errors import BadInput
from watchkeeper.schema.truth import class_of, truth_of


@pytest.mark.parametrize(
    ("number", "text", "classes", "name"),
    [
        (1.0, None, ("0", "1"), "1"),
        (None, "1", ("0", "1"), "1"),
        (None, "true", ("0", "1"), "1"),
        (None, "false", ("no", "yes"), "no"),
        (1.0, None, ("no", "yes"), "yes"),
        (2.0, None, ("no", "yes"), None),
        (2.0, None, ("2", "3"), "2"),
        (0.0, None, ("2", "3"), None),
        (0.5, None, ("no", "yes"), None),
        (None, "true", ("a", "b", "c"), None),
        (None, "maybe", ("no", "yes"), None),
        (None, "anything", (), "anything"),
    ],
)
def test_a_class_by_name_boolean_or_place(
    number: float | None, text: str | None, classes: tuple[str, ...], name: str | None
) -> None:
    assert class_of(number, text, classes) == name


def test_a_regression_takes_finite_numbers() -> None:
    assert truth_of("regression", (), 2.5, None) == 2.5
    for number, text in ((None, "2.5"), (float("nan"), None), (float("inf"), None)):
        with pytest.raises(BadInput):
            truth_of("regression", (), number, text)


def test_a_class_that_is_none_is_said_with_those_there_are() -> None:
    with pytest.raises(BadInput, match=r"'maybe' is none of the model's classes \(no, yes\)"):
        truth_of("binary", ("no", "yes"), None, "maybe")
