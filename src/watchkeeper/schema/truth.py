"""A label as its model's task reads it: one of the classes, or a finite number.

A class may be given by its name as it is recorded (`1`, `true`, `AA`), as a boolean where there are two classes, or by
its place where no class is called by a number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from watchkeeper.events.errors import BadInput
from watchkeeper.schema.outputs import label_text

REGRESSION = "regression"
_BOOLEANS = ("false", "true")
_SHOWN = 8


class Truth(NamedTuple):
    """What labels a model takes; `classes` is empty where they are not known, or make no sense."""

    task: str
    classes: tuple[str, ...]


def truth_of(task: str, classes: Sequence[str], number: float | None, text: str | None) -> float | str:
    """The label `number` or `text` for a model of `task`: a class of `classes` (any where none is known), or a number.

    Raises BadInput saying what the task takes.
    """
    if task == REGRESSION:
        return _number(number, text)
    name = class_of(number, text, classes)
    if name is None:
        shown = ", ".join(classes[:_SHOWN]) + (f", … ({len(classes)} in all)" if len(classes) > _SHOWN else "")
        given = label_text(number) if text is None else text
        raise BadInput(f"label {given[:80]!r} is none of the model's classes ({shown})", hint="Send one of them.")
    return name


def class_of(number: float | None, text: str | None, classes: Sequence[str]) -> str | None:
    """The name of the class that is meant, None if it is none of `classes`. Without classes any text is one."""
    name = text if number is None else label_text(number)
    if name is None or name in classes:
        return name
    if not classes:
        return name
    if len(classes) == len(_BOOLEANS) and name in _BOOLEANS:
        return classes[_BOOLEANS.index(name)]
    numbered = any(known.lstrip("-").isdigit() for known in classes)
    if number is not None and not numbered and name.isdigit() and int(name) < len(classes):
        return classes[int(name)]
    return None


def _number(number: float | None, text: str | None) -> float:
    if number is None:
        raise BadInput(f"the model predicts a number, and label {str(text)[:80]!r} is none", hint="Send a number.")
    if not math.isfinite(number):
        raise BadInput("the label is not finite", hint="Send a finite number, or leave the row out.")
    return number
