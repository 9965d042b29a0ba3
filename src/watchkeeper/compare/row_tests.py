"""Tests on the rows themselves (detectors/rows), for those who ask: they see what no column shows alone.

They run on the fixed samples of both tables, on the columns of numbers that both have; rows with a missing value are
left out. A test of many columns gives one finding; a test of one column is asked of each, and speaks for the one whose
p is smallest, corrected for all of them (Bonferroni). Rows count as exchangeable, so where the tables have time none
of them says more than a warning.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from watchkeeper.compare.tables import Sides
from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.detectors.rows.registry import ROW_TESTS
from watchkeeper.detectors.rows.result import RowResult
from watchkeeper.events.errors import BadInput
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.columns import feature_name
from watchkeeper.monitors.together import EVERYTHING
from watchkeeper.schema.numbers import as_floats
from watchkeeper.tallies.numeric import NumericBins
from watchkeeper.tallies.tally import FloatArray

Q = 1 / 720
WARN_FACTOR = 10.0
PERMUTATIONS = 999
ROWS, ROWS_OF_ONE = 1_000, 5_000
LEAST_ROWS, MOST_MISSING = 20, 0.5
_NO_ROWS = "A profile keeps no rows, so tests on rows cannot be run."
_STREAM = "Rows count as exchangeable here, which rows in time order are not: this test pages nobody."


def row_test_names(asked: Sequence[str]) -> tuple[str, ...]:
    """The full names of the tests asked for; the beginning of a name will do. Raises BadInput for an unknown one."""
    return tuple(_full_name(name) for name in dict.fromkeys(asked))


def _full_name(name: str) -> str:
    found = [known for known in ROW_TESTS if known.startswith(name)] if name else []
    if name not in ROW_TESTS and len(found) != 1:
        raise BadInput(f"There is no test on rows called {name!r}.", hint=f"There are {', '.join(ROW_TESTS)}.")
    return name if name in ROW_TESTS else found[0]


def row_test_findings(sides: Sides, names: Sequence[str]) -> tuple[Finding, ...]:
    """One finding for each of the tests `names` (full names)."""
    before, now = sides.samples
    if before is None or now is None:
        return tuple(_silent(name, _NO_ROWS, Verdict.NOT_COMPUTABLE) for name in names)
    columns = [
        name
        for name in sides.common
        if isinstance(sides.reference.binning.columns[name], NumericBins) and not _length(sides, name)
    ]
    matrices = _matrix(before, columns), _matrix(now, columns)
    kept = [i for i in range(len(columns)) if all(np.isnan(m[:, i]).mean() <= MOST_MISSING for m in matrices)]
    if not kept:
        return tuple(_silent(name, "No column of numbers has enough values.", Verdict.NOT_COMPUTABLE) for name in names)
    columns, matrices = [columns[i] for i in kept], (matrices[0][:, kept], matrices[1][:, kept])
    capped = sides.seconds is not None
    return tuple(
        _of_all(name, *matrices, capped) if ROW_TESTS[name].many else _of_each(name, columns, *matrices, capped)
        for name in names
    )


def _length(sides: Sides, name: str) -> bool:
    bins = sides.reference.binning.columns[name]
    return isinstance(bins, NumericBins) and bins.length


def _matrix(rows: pa.Table, columns: Sequence[str]) -> FloatArray:
    """(n, columns) the numbers; NaN where there is none."""
    values = [np.array(as_floats(rows.column(name))[0]) for name in columns]
    matrix = np.column_stack(values) if values else np.zeros((rows.num_rows, 0))
    matrix[~np.isfinite(matrix)] = np.nan
    return matrix


def _complete(matrix: FloatArray, most: int) -> FloatArray:
    """At most `most` rows without a gap, evenly spaced."""
    rows = matrix[~np.isnan(matrix).any(1)]
    return rows if len(rows) <= most else rows[np.arange(most) * len(rows) // most]


def _of_all(name: str, before: FloatArray, now: FloatArray, capped: bool) -> Finding:
    left, right = _complete(before, ROWS), _complete(now, ROWS)
    if min(len(left), len(right)) < LEAST_ROWS:
        note = f"{len(right)} rows without a gap against {len(left)}; {LEAST_ROWS} on each side are needed."
        return _silent(name, note, Verdict.NOT_ENOUGH_DATA)
    return _told(name, "", _run(name, left, right), 1, capped)


def _of_each(name: str, columns: Sequence[str], before: FloatArray, now: FloatArray, capped: bool) -> Finding:
    results: dict[str, RowResult] = {}
    for i, column in enumerate(columns):
        left, right = (_complete(side[:, [i]], ROWS_OF_ONE) for side in (before, now))
        if min(len(left), len(right)) >= LEAST_ROWS:
            results[column] = _run(name, left[:, 0], right[:, 0])
    computed = {column: result for column, result in results.items() if result.p_value is not None}
    if not computed:
        return _silent(name, f"No column has {LEAST_ROWS} values on each side.", Verdict.NOT_ENOUGH_DATA)
    column = min(computed, key=lambda one: computed[one].p_value or 0.0)
    return _told(name, column, computed[column], len(computed), capped)


def _run(name: str, left: FloatArray, right: FloatArray) -> RowResult:
    rng = np.random.default_rng(0)  # the same tables, the same answer
    result = ROW_TESTS[name].run(left, right, rng, permutations=PERMUTATIONS)
    if result.statistic is None or math.isfinite(result.statistic):
        return result
    return replace(result, statistic=None, p_value=None, note="Values are too large to compute with.")


def _told(name: str, column: str, result: RowResult, tests: int, capped: bool) -> Finding:
    feature = feature_name(column) if column else EVERYTHING
    p = None if result.p_value is None else min(1.0, result.p_value * tests)
    blind = result.permutations > 0 and tests / (result.permutations + 1) > Q * WARN_FACTOR
    verdict = _verdict(p, blind, capped)
    corrected = f"smallest p of {tests} columns, corrected for all" if tests > 1 else ""
    few = f"with {result.permutations} permutations no p can be small enough to warn" if blind else ""
    note = "; ".join(part for part in (result.note, corrected, few, _STREAM if capped else "") if part)
    differs = verdict in (Verdict.WARN, Verdict.ALARM)
    what = "The rows differ" if not column else f"`{feature}` differs"
    return Finding(
        feature=feature,
        column=column,
        detector=name,
        statement=Statement.DIFFERENT,
        verdict=verdict,
        statistic=result.statistic,
        effect=result.statistic,
        effect_name=result.test,
        p_value=p,
        n=result.n,
        n_reference=result.m,
        sentence=f"{what} by the test {result.test} (p {p:.2g})." if differs and p is not None else "",
        note=note,
    )


def _verdict(p: float | None, blind: bool, capped: bool) -> Verdict:
    if p is None:
        return Verdict.NOT_COMPUTABLE
    if p <= Q:
        return Verdict.WARN if capped else Verdict.ALARM
    if p <= Q * WARN_FACTOR:
        return Verdict.WARN
    return Verdict.NOT_ENOUGH_DATA if blind else Verdict.OK


def _silent(name: str, note: str, verdict: Verdict) -> Finding:
    return Finding(feature=EVERYTHING, detector=name, statement=Statement.DIFFERENT, verdict=verdict, note=note)
