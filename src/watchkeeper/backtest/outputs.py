"""What the model said and what was true, as the live system would hold them: labels as text, scores as probabilities.

The task is told from the data unless it is named. Several scores make a multiclass model, one a binary one. Otherwise
text, booleans and whole numbers of at most 20 different values are classes, and all else is a regression.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.backtest.history import History
from watchkeeper.backtest.plan import Plan
from watchkeeper.events.errors import BadInput
from watchkeeper.events.inference import INPUT, OUTPUT
from watchkeeper.reference.reference import prefixed
from watchkeeper.schema.feature import Feature, FeatureType
from watchkeeper.schema.inference import feature_type_of
from watchkeeper.schema.numbers import as_floats
from watchkeeper.schema.outputs import label_text

MOST_CLASSES = 20
_MARGIN = 1e-6


@dataclass(frozen=True)
class Outputs:
    """The model's answers as columns of its schema (`features`, `table`), under the names of the history.

    `task` is binary, multiclass, regression or none; `classes` their texts in order, the positive one last. `labels`
    (n rows) is the truth, null where it is not known; None without a label.
    """

    task: str
    classes: tuple[str, ...]
    features: tuple[Feature, ...]
    table: pa.Table
    labels: pa.ChunkedArray | None


def read_outputs(history: History, plan: Plan) -> Outputs:
    """The outputs and labels of the history. Raises BadInput where they contradict the task or one another."""
    task = plan.task or _task(history, plan)
    if task == "none":
        return Outputs("none", (), (), pa.table({}), None)
    classed = task != "regression"
    prediction = None if plan.prediction is None else _answers(history, plan, plan.prediction, classed)
    labels = None if plan.label is None else _answers(history, plan, plan.label, classed)
    classes = _classes(task, [column for column in (prediction, labels) if column is not None], plan) if classed else ()
    _check_labels(labels, plan, history.trained)
    columns = {} if prediction is None or plan.prediction is None else {plan.prediction: prediction}
    columns |= {name: _score(history, name) for name in plan.scores}
    features = tuple(_feature(name, name in plan.scores, classes) for name in columns)
    return Outputs(task, classes, features, pa.table(columns), labels)


def named_rows(history: History, outputs: Outputs) -> pa.Table:
    """All rows (n,) of the history, features and outputs named as in a reference's binning."""
    table = prefixed(history.table.select(history.features), INPUT)
    for name in outputs.table.column_names:
        table = table.append_column(OUTPUT + name, outputs.table[name])
    return table


def _task(history: History, plan: Plan) -> str:
    if plan.scores:
        return "binary" if len(plan.scores) == 1 else "multiclass"
    told = plan.label or plan.prediction
    if told is None:
        return "none"
    column = history.table[told]
    kind = feature_type_of(column.type)
    if kind is None:
        raise BadInput(
            f"{told!r} holds {column.type}, which is no label.", hint="Labels are numbers, text or booleans."
        )
    different = len(pc.unique(column).drop_null())
    classes = "binary" if different <= 2 else "multiclass"
    if kind.is_number:
        return classes if different <= MOST_CLASSES and _whole(column) else "regression"
    return classes


def _whole(column: pa.ChunkedArray) -> bool:
    values = as_floats(column)[0]
    known = values[~np.isnan(values)]
    return bool((known == np.rint(known)).all())


def _answers(history: History, plan: Plan, name: str, classed: bool) -> pa.ChunkedArray:
    """Predictions or labels: text for classes, float64 for a regression."""
    column = _plain(history, name, plan)
    if not classed:
        values, _, unreadable = as_floats(column)
        if unreadable is not None and unreadable.any():
            raise BadInput(f"{name!r} is not a number in row {int(unreadable.argmax())}, so this is no regression.")
        return pa.chunked_array([pa.array(values, from_pandas=True)])
    coded = column.combine_chunks()
    coded = coded if pa.types.is_dictionary(coded.type) else coded.dictionary_encode()
    coded = coded.chunk(0) if isinstance(coded, pa.ChunkedArray) else coded
    texts = [None if _is_nothing(value) else label_text(value) for value in coded.dictionary.to_pylist()]
    return pa.chunked_array([pa.array(texts, pa.string()).take(coded.indices)])


def _is_nothing(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _plain(history: History, name: str, plan: Plan) -> pa.ChunkedArray:
    """The column; booleans as 0 and 1 where the other of prediction and label holds numbers."""
    column = history.table[name]
    others = [history.table[other].type for other in (plan.prediction, plan.label) if other and other != name]
    numbers = any(feature_type_of(kind) in (FeatureType.INTEGER, FeatureType.NUMERIC) for kind in others)
    return column.cast(pa.int8()) if pa.types.is_boolean(column.type) and numbers else column


def _classes(task: str, columns: list[pa.ChunkedArray], plan: Plan) -> tuple[str, ...]:
    """Every class in order: numbers by size, text by the alphabet."""
    own = [{text for text in pc.unique(column).to_pylist() if text is not None} for column in columns]
    if len(own) == 2 and not own[0] & own[1]:
        said, true = (", ".join(sorted(names, key=_rank)[:6]) for names in own)
        raise BadInput(
            f"{plan.prediction!r} and {plan.label!r} have no class in common: one holds {said}, the other {true}.",
            hint="Are these the right columns? Both must name classes in the same way.",
        )
    classes = tuple(sorted(set().union(*own), key=_rank))
    if task == "binary" and len(classes) > 2:
        raise BadInput(
            f"A binary model has two classes; there are {len(classes)}: {', '.join(classes[:6])}.",
            hint="Use --task multiclass, or leave all but one score out.",
        )
    if task == "multiclass" and plan.scores and len(plan.scores) != len(classes) and columns:
        raise BadInput(
            f"There are {len(plan.scores)} scores for {len(classes)} classes ({', '.join(classes[:6])}).",
            hint="Give one score for each class, in the order of the classes.",
        )
    return classes


def _rank(text: str) -> tuple[int, float, str]:
    try:
        return 0, float(text), text
    except ValueError:
        return 1, 0.0, text


def _check_labels(labels: pa.ChunkedArray | None, plan: Plan, trained: int) -> None:
    if labels is None:
        return
    known = len(labels) - labels.null_count
    if pc.count_distinct(labels, mode="only_valid").as_py() < 2:
        raise BadInput(
            f"The label {plan.label!r} has one value for all {known:,} rows that have one.",
            hint="Performance needs cases of both kinds: is this the right column?",
        )
    if labels.slice(0, trained).null_count == trained:
        raise BadInput(
            f"No row before reference-until has the label {plan.label!r}.",
            hint="The reference must show what performance is ordinary: choose a later date, or leave the label out.",
        )


def _score(history: History, name: str) -> pa.ChunkedArray:
    values = as_floats(history.table[name])[0]
    known = values[np.isfinite(values)]
    if known.size and (known.min() < -_MARGIN or known.max() > 1 + _MARGIN):
        raise BadInput(
            f"The score {name!r} runs from {known.min():.4g} to {known.max():.4g}: these are not probabilities.",
            hint="Give probabilities (0 to 1), or name a regression's answer with prediction.",
        )
    return pa.chunked_array([pa.array(np.clip(values, 0.0, 1.0), from_pandas=True)])


def _feature(name: str, score: bool, classes: tuple[str, ...]) -> Feature:
    if score:
        return Feature(name=name, type=FeatureType.NUMERIC, minimum=0.0, maximum=1.0)
    if classes:
        return Feature(name=name, type=FeatureType.CATEGORICAL, categories=classes)
    return Feature(name=name, type=FeatureType.NUMERIC)
