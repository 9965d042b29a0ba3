"""Predictions with the labels that came for them, normalised: what every performance tally is counted from.

task        outputs (columns, with or without `output.` before them)            labels
binary      `label`, `probability` of the second class, or both                  a class
multiclass  `label`, `probability.<class>` (or `probability`, a list), or both   a class
regression  `prediction`                                                         a number
ranking     `scores`: a list for each query, higher first                        relevances: lists of numbers >= 0
reward      anything                                                             a number

A class may be its name, its number, a boolean or a one-hot list (see reading.py). Where a classifier's outputs lack
`label`, or a row has none, the decision is the second class where its probability exceeds 0.5, or the most probable
class, the first of equal ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from watchkeeper.events.errors import BadInput
from watchkeeper.events.inference import OUTPUT
from watchkeeper.performance import reading
from watchkeeper.performance.faults import Faults
from watchkeeper.performance.weights import units_of
from watchkeeper.schema.numbers import BoolArray, Column
from watchkeeper.schema.outputs import LABEL, PREDICTION, PROBABILITY
from watchkeeper.tallies.tally import FloatArray, IntArray

BINARY, MULTICLASS, REGRESSION, RANKING, REWARD = "binary", "multiclass", "regression", "ranking", "reward"
TASKS = (BINARY, MULTICLASS, REGRESSION, RANKING, REWARD)
SCORES = "scores"
_HINT = "Correct these rows, or leave them out; is the task right?"


@dataclass(frozen=True, eq=False)
class Pairs:
    """n predictions with their labels.

    `truth` (n,): class numbers, or numbers of a regression or reward; None for a ranking. `predicted` (n,): class
    numbers or numbers; None for rankings and rewards. `scores`: (n,) probability of the second class, (n, K)
    probabilities, or None. `relevance` (n,): for a ranking, each query's relevances in the order in which the model
    ranked its items. `weight` (n,) is in units of 1/256 row (see weights.py).
    """

    task: str
    classes: tuple[str, ...]
    weight: IntArray
    truth: IntArray | FloatArray | None = None
    predicted: IntArray | FloatArray | None = None
    scores: FloatArray | None = None
    relevance: tuple[FloatArray, ...] = ()

    def __len__(self) -> int:
        return len(self.weight)

    def take(self, rows: slice | BoolArray) -> Pairs:
        """Only some rows."""
        if not self.relevance:
            relevance: tuple[FloatArray, ...] = ()
        elif isinstance(rows, slice):
            relevance = self.relevance[rows]
        else:
            relevance = tuple(self.relevance[row] for row in np.flatnonzero(rows))
        return Pairs(
            task=self.task, classes=self.classes, weight=self.weight[rows], relevance=relevance,
            truth=None if self.truth is None else self.truth[rows],
            predicted=None if self.predicted is None else self.predicted[rows],
            scores=None if self.scores is None else self.scores[rows],
        )  # fmt: skip

    @classmethod
    def of(
        cls,
        task: str,
        classes: Sequence[str],
        outputs: pa.Table | pa.RecordBatch,
        labels: Column | Sequence[object],
        weights: Column | Sequence[float] | None = None,
    ) -> Pairs:
        """The pairs of `outputs` (n rows) with `labels` (n,). Raises BadInput that names the first bad row and why.

        `weights` (n,) say how many predictions each row stands for: 1 over the chance with which it was picked for
        labelling. Without them each row stands for itself.
        """
        pairs, faults = _read(task, tuple(classes), outputs, labels, weights)
        faults.check(_HINT)
        return pairs

    @classmethod
    def sift(
        cls,
        task: str,
        classes: Sequence[str],
        outputs: pa.Table | pa.RecordBatch,
        labels: Column | Sequence[object],
        weights: Column | Sequence[float] | None = None,
    ) -> tuple[Pairs, BoolArray, Mapping[int, str]]:
        """(good pairs, which rows (n,) they are, the reason of each bad row). BadInput if none can be read."""
        pairs, faults = _read(task, tuple(classes), outputs, labels, weights)
        good = ~faults.bad
        return (pairs.take(good) if faults.bad.any() else pairs), good, faults.reasons

    @classmethod
    def answers(cls, task: str, classes: Sequence[str], outputs: pa.Table | pa.RecordBatch) -> tuple[Pairs, BoolArray]:
        """Outputs that no label came for: (good rows, which of the n rows they are). Their `truth` means nothing.

        Raises BadInput if none can be read.
        """
        placeholder = pa.array([classes[0] if classes else 0.0])
        labels = pa.DictionaryArray.from_arrays(pa.array(np.zeros(outputs.num_rows, np.int32)), placeholder)
        pairs, faults = _read(task, tuple(classes), outputs, labels, None)
        good = ~faults.bad
        return (pairs.take(good) if faults.bad.any() else pairs), good


def _read(
    task: str,
    classes: tuple[str, ...],
    outputs: pa.Table | pa.RecordBatch,
    labels: Column | Sequence[object],
    weights: Column | Sequence[float] | None,
) -> tuple[Pairs, Faults]:
    columns = {name.removeprefix(OUTPUT): outputs.column(name) for name in outputs.column_names}
    truth = reading.as_array(labels)
    if columns and outputs.num_rows != len(truth):
        raise BadInput(f"There are {len(truth):,} labels for {outputs.num_rows:,} predictions.")
    _check_task(task, classes)
    faults = Faults(len(truth))
    weight = units_of(weights, len(truth), faults)
    if task in (BINARY, MULTICLASS):
        return _classification(task, classes, columns, truth, weight=weight, faults=faults), faults
    if task == RANKING:
        return Pairs(RANKING, (), weight, relevance=_ranked(columns, truth, faults)), faults
    predicted = _numbers_of(columns, PREDICTION, faults) if task == REGRESSION else None
    return Pairs(task, (), weight, truth=reading.numbers(truth, "label", faults), predicted=predicted), faults


def _check_task(task: str, classes: tuple[str, ...]) -> None:
    if task not in TASKS:
        raise BadInput(f"There is no task {task!r}.", hint=f"Tasks are {', '.join(TASKS)}.")
    if task == BINARY and len(classes) != 2:
        raise BadInput(f"A binary model has two classes, not {len(classes)}.", hint="Give them with the positive last.")
    if task == MULTICLASS and len(classes) < 2:
        raise BadInput(f"A multiclass model has at least two classes, not {len(classes)}.")


def _classification(
    task: str,
    classes: tuple[str, ...],
    columns: Mapping[str, Column],
    labels: pa.Array,
    *,
    weight: IntArray,
    faults: Faults,
) -> Pairs:
    scores = _positive(columns, faults) if task == BINARY else _matrix(columns, classes, faults)
    by_score = None if scores is None else _most_probable(scores)
    if LABEL in columns:
        predicted = _decisions(reading.as_array(columns[LABEL]), classes, by_score, faults)
    elif by_score is None:
        raise _lacking(task, f"`{LABEL}`, `{PROBABILITY}`, or both", columns)
    else:
        predicted = by_score
    truth = reading.class_numbers(labels, classes, "label", faults)
    return Pairs(task, classes, weight, truth=truth, predicted=predicted, scores=scores)


def _most_probable(scores: FloatArray) -> IntArray:
    """(n,) what `scores` alone decide."""
    decided: IntArray = (scores > 0.5).astype(np.int64) if scores.ndim == 1 else scores.argmax(1)
    return decided


def _decisions(given: pa.Array, classes: tuple[str, ...], by_score: IntArray | None, faults: Faults) -> IntArray:
    """(n,) what the model decided, and `by_score` where it did not say."""
    what = "predicted label"
    if by_score is None or not given.null_count:
        return reading.class_numbers(given, classes, what, faults)
    said: BoolArray = given.is_valid().to_numpy(zero_copy_only=False)
    decided, own = by_score.copy(), Faults(int(said.sum()))
    decided[said] = reading.class_numbers(given.filter(pa.array(said)), classes, what, own)
    faults.take_over(said, own)
    return decided


def _positive(columns: Mapping[str, Column], faults: Faults) -> FloatArray | None:
    """(n,) the probability of the second class, from a number or from a list of two."""
    if PROBABILITY not in columns:
        return None
    column = reading.as_array(columns[PROBABILITY])
    if reading.is_list(column):
        pair = reading.list_matrix(column, 2, PROBABILITY, faults)
        pair = reading.checked_probabilities(pair, (PROBABILITY, PROBABILITY), faults)
        reading.check_sums(pair, faults)
        return pair[:, 1]
    return reading.probabilities([column], [PROBABILITY], faults)[:, 0]


def _matrix(columns: Mapping[str, Column], classes: tuple[str, ...], faults: Faults) -> FloatArray | None:
    """(n, K) the probability of each class, or None where the model gives none."""
    names = [f"{PROBABILITY}.{name}" for name in classes]
    if PROBABILITY in columns:
        column = reading.as_array(columns[PROBABILITY])
        if not reading.is_list(column):
            raise BadInput("One probability does not say which of many classes it is for.", hint="Is the task right?")
        scores = reading.list_matrix(column, len(classes), PROBABILITY, faults)
        scores = reading.checked_probabilities(scores, names, faults)
    elif any(name in columns for name in names):
        lacking = [name for name in names if name not in columns]
        if lacking:
            raise BadInput(f"The outputs lack {lacking[0]!r} and {len(lacking) - 1} more of {len(classes)} classes.")
        scores = reading.probabilities([reading.as_array(columns[name]) for name in names], names, faults)
    else:
        return None
    reading.check_sums(scores, faults)
    return scores


def _numbers_of(columns: Mapping[str, Column], name: str, faults: Faults) -> FloatArray:
    if name not in columns:
        raise _lacking(REGRESSION, f"`{name}`", columns)
    return reading.numbers(reading.as_array(columns[name]), name, faults)


def _ranked(columns: Mapping[str, Column], labels: pa.Array, faults: Faults) -> tuple[FloatArray, ...]:
    """For each query its relevances, best score first; of equal scores the one given first."""
    if SCORES not in columns:
        raise _lacking(RANKING, f"`{SCORES}`", columns)
    scores = reading.as_array(columns[SCORES])
    if not (reading.is_list(scores) and reading.is_list(labels)):
        raise BadInput("A ranking takes a list of scores and a list of relevances for each query.")
    ranked = []
    for row, (score, relevance) in enumerate(zip(scores.to_pylist(), labels.to_pylist(), strict=True)):
        fault = _ranking_fault(score, relevance)
        ranked.append(_in_order(score, relevance) if not fault else np.zeros(0))
        if fault:
            faults.add(np.arange(len(labels)) == row, fault)
    return tuple(ranked)


def _ranking_fault(scores: list[float | None] | None, relevance: list[float | None] | None) -> str:
    if not scores or not relevance:
        return "the query has no items"
    if len(scores) != len(relevance):
        return f"{len(relevance)} relevances for {len(scores)} scores"
    if not all(value is not None and np.isfinite(value) for value in scores):
        return "a score is missing, NaN or infinite"
    if not all(value is not None and 0 <= value < np.inf for value in relevance):
        return "a relevance is missing, negative, NaN or infinite"
    return ""


def _in_order(scores: list[float | None], relevance: list[float | None]) -> FloatArray:
    order = np.argsort(-np.asarray(scores, np.float64), kind="stable")
    return np.asarray(relevance, np.float64)[order]


def _lacking(task: str, wanted: str, columns: Mapping[str, Column]) -> BadInput:
    found = ", ".join(sorted(columns)[:8]) or "none"
    return BadInput(f"A {task} model's outputs hold {wanted}; these hold {found}.", hint="Is the task right?")
