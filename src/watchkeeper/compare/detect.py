"""One detector on two arrays, by name: nothing is chosen, weighed or corrected.

On arrays every distinct value is a bin of its own, so the detectors of tallies are exact here; `wasserstein` and
`cramer_von_mises`, whose p-values take every pair of bins, join neighbouring values where there are more than 500.
Measures of cells (chi-square, PSI, divergences) are taken of numbers on at most 12 cells of equal reference mass, of
text and truth values on their levels. Tests on rows (detectors/rows) take one column or many.
"""

from __future__ import annotations

import inspect
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from watchkeeper.compare.by_rows import compare_by_rows
from watchkeeper.compare.tables import two_sides
from watchkeeper.compare.telling import numbers
from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.detectors.registry import DETECTORS, SHORT_NAMES, Detector, Evidence
from watchkeeper.detectors.result import GATE, Bar
from watchkeeper.detectors.rows.registry import ROW_TESTS
from watchkeeper.detectors.samples import Rates, Samples
from watchkeeper.events.errors import BadInput
from watchkeeper.events.verdict import Verdict
from watchkeeper.schema.numbers import as_floats
from watchkeeper.schema.table import as_table
from watchkeeper.tallies.tally import FloatArray

LEVEL, LEAST = 0.01, 5
MOST_BINS = 500
COLUMN = "value"
_PAIRWISE = frozenset({"wasserstein", "cramer_von_mises"})
_FISHER = "fisher"
_COUNTED = frozenset({Evidence.INFINITE, Evidence.WRONG_TYPE, Evidence.RANGE, Evidence.TAIL, Evidence.UNSEEN})


def detect(
    name: str,
    before: Any,
    now: Any,
    *,
    level: float = LEVEL,
    floor: float | None = None,
    rng: np.random.Generator | None = None,
    **options: Any,
) -> Finding:
    """Hold the values `now` against those `before` with one detector: "ks", "psi", "mmd" or another.

    Both are one-dimensional (lists, NumPy, Arrow, pandas); for the tests `energy_distance`, `mmd`, `lsdd` and
    `classifier` also (rows, columns). Missing values count only for `missing`; tests on rows refuse them. `level` is
    that of an alarm, `floor` the effect that it must surely exceed (by default the detector's own). `options` go to a
    test on rows (`permutations`, `blocks`, `bandwidth`), which draws with `rng` (by default always the same numbers)
    and has no interval. Raises BadInput for an unknown name, or values that it cannot take.

    >>> found = detect("ks", [1, 2, 3, 4, 5] * 20, [3, 4, 5, 6, 7] * 20)
    >>> found.verdict, found.effect_name, round(found.effect, 2)
    (<Verdict.ALARM: 'alarm'>, 'KS distance', 0.4)
    """
    if not 0 < level < 1:
        raise BadInput(f"level lies between 0 and 1, not {level:g}.")
    full = full_name(name)
    if full in ROW_TESTS and full not in DETECTORS:
        return _by_rows(full, (before, now), level, rng or np.random.default_rng(0), options)
    if options:
        raise BadInput(f"{full} has no option {next(iter(options))!r}.", hint="Only tests on rows have options.")
    columns = _column(before), _column(now)
    if full == _FISHER:
        return _told(full, DETECTORS["missing"], _hits(*columns), level, floor)
    detector = DETECTORS[full]
    if detector.on[0] in _COUNTED:
        return _by_tallies(full, *columns)
    if detector.on[0] is Evidence.MISSING:
        return _told(full, detector, _missing(*columns), level, floor)
    return _told(full, detector, _samples(full, detector, *columns), level, floor)


def full_name(name: str) -> str:
    """The detector that a name stands for; raises BadInput for an unknown one."""
    known = SHORT_NAMES.get(name.lower().replace("-", "_").replace(" ", "_"), name)
    if known == "error" or (known != _FISHER and known not in DETECTORS and known not in ROW_TESTS):
        names = dict.fromkeys([*SHORT_NAMES, *DETECTORS, *ROW_TESTS])
        raise BadInput(f"There is no detector {name!r} of two arrays.", hint=f"There are {', '.join(names)}.")
    return known


def _column(values: Any) -> pa.ChunkedArray:
    column = as_table({COLUMN: values})[COLUMN]
    if not len(column):
        raise BadInput("One of the two arrays is empty.")
    return column


def _is_number(column: pa.ChunkedArray) -> bool:
    kind = column.type
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


# ------------------------------------------------------------------------------------------------------- the evidence
def _samples(name: str, detector: Detector, before: pa.ChunkedArray, now: pa.ChunkedArray) -> Samples:
    """Every distinct value a bin; cells for what looks at cells."""
    numeric = _is_number(before)
    if detector.on[0] is Evidence.VALUES and not numeric:
        raise BadInput(f"{name} takes numbers, not {before.type}.", hint="For categories there is chi_square.")
    if numeric and name != "levels":
        return _of_numbers(name, detector, _numbers(before), _numbers(now))
    return _counted(_texts(before), _texts(now))[1]


def _of_numbers(name: str, detector: Detector, before: FloatArray, now: FloatArray) -> Samples:
    distinct, exact = _counted(before, now)
    if detector.on[0] is not Evidence.VALUES:
        return exact.folded()
    if name in _PAIRWISE and len(distinct) > MOST_BINS:
        return _joined(exact, distinct)
    return Samples(exact.reference, exact.window, positions=distinct)


def _counted(before: Any, now: Any) -> tuple[Any, Samples]:
    """The distinct values, ascending, and how often either side has each."""
    distinct, place = np.unique(np.concatenate([before, now]), return_inverse=True)
    counts = [np.bincount(part, minlength=len(distinct)) for part in np.split(place, [len(before)])]
    return distinct, Samples(counts[0].astype(np.float64), counts[1].astype(np.float64))


def _joined(samples: Samples, values: FloatArray) -> Samples:
    """Neighbouring values joined into 500 bins of about equal mass, each at the mean of its values."""
    both = samples.reference + samples.window
    rank = (np.cumsum(both) - both / 2) / both.sum()
    place = np.unique((rank * MOST_BINS).astype(np.int64), return_inverse=True)[1]

    def summed(counts: FloatArray) -> FloatArray:
        return np.bincount(place, counts).astype(np.float64)

    return Samples(summed(samples.reference), summed(samples.window), summed(both * values) / summed(both))


def _numbers(column: pa.ChunkedArray) -> FloatArray:
    values = as_floats(column)[0]
    return values[np.isfinite(values)]


def _texts(column: pa.ChunkedArray) -> Any:
    return np.array([str(value) for value in column.drop_null().to_pylist()], np.str_)


def _missing(before: pa.ChunkedArray, now: pa.ChunkedArray) -> Rates:
    n, m = float(len(now)), float(len(before))
    gone = [float(len(c)) - len(_numbers(c) if _is_number(c) else c.drop_null()) for c in (before, now)]
    return Rates(np.array(gone[1]), np.array(n), np.array(gone[0]), np.array(m))


def _hits(before: pa.ChunkedArray, now: pa.ChunkedArray) -> Rates:
    """Of a column with two levels, how often either side has the higher one."""
    levels, counts = _counted(_texts(before), _texts(now))
    if len(levels) > 2:
        raise BadInput(f"Fisher's test takes two levels, not {len(levels)}.", hint="For more there is chi_square.")
    hits = counts.window[-1], counts.reference[-1]
    return Rates(np.array(hits[0]), counts.window.sum(), np.array(hits[1]), counts.reference.sum())


# --------------------------------------------------------------------------------------------------------- the answer
def _told(name: str, detector: Detector, evidence: Samples | Rates, level: float, floor: float | None) -> Finding:
    floor = detector.floor if floor is None else floor
    rows = (evidence.window, evidence.reference) if isinstance(evidence, Samples) else _trials(evidence)
    n, m = (int(np.sum(side)) for side in rows)
    found = Finding(
        feature=COLUMN,
        detector=name,
        verdict=Verdict.NOT_ENOUGH_DATA,
        n=n,
        n_reference=m,
        floor=floor,
        effect_name=detector.effect,
        note=f"{n} values against {m}; {LEAST} on each side are needed.",
    )
    if min(n, m) < LEAST:
        return found
    result = detector.measure(evidence, Bar(level, floor))
    alarms = float(result.p_value) <= level and float(result.gate) <= GATE
    verdict = Verdict.ALARM if alarms else Verdict.OK
    return msgspec.structs.replace(found, verdict=verdict, note="", **numbers(result, ()))


def _trials(rates: Rates) -> tuple[FloatArray, FloatArray]:
    return np.asarray(rates.trials), np.asarray(rates.reference_trials)


def _by_tallies(name: str, before: pa.ChunkedArray, now: pa.ChunkedArray) -> Finding:
    """What only a reference's bins know: its range, tails, levels and type. The level is that of `compare`."""
    found = compare_by_rows(two_sides({COLUMN: before}, {COLUMN: now}, None))
    own = next((finding for finding in found if finding.detector == name), None)
    if own is None:
        raise BadInput(f"{name} says nothing of a column of {before.type}.")
    return own


def _by_rows(
    name: str, sides: tuple[Any, Any], level: float, rng: np.random.Generator, options: dict[str, Any]
) -> Finding:
    test = ROW_TESTS[name]
    known = [one for one in inspect.signature(test.run).parameters if one not in ("reference", "window", "rng")]
    unknown = [option for option in options if option not in known]
    if unknown:
        raise BadInput(f"{name} has no option {unknown[0]!r}.", hint=f"It has {', '.join(known)}.")
    result = test.run(*sides, rng, **options)
    blind = result.permutations > 0 and 1 / (result.permutations + 1) > level
    few = f"{result.permutations} permutations give no p of {level:g}; ask for more" if blind else ""
    p = result.p_value
    silent = Verdict.NOT_ENOUGH_DATA if blind else Verdict.OK
    return Finding(
        feature=COLUMN,
        detector=name,
        statement=Statement.DIFFERENT,
        verdict=Verdict.NOT_COMPUTABLE if p is None else Verdict.ALARM if p <= level else silent,
        statistic=result.statistic,
        effect=result.statistic,
        effect_name=result.test,
        p_value=p,
        n=result.n,
        n_reference=result.m,
        note="; ".join(part for part in (result.note, few) if part),
    )
