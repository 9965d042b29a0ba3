"""A finding about all columns together: what the omnibus says of a window, in words."""

from __future__ import annotations

import msgspec
import numpy as np

from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.detectors.omnibus import EFFECT, FLOOR, LEAST_ROWS
from watchkeeper.detectors.result import Result
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.row_null import RowJudgement

EVERYTHING = "all columns together"
_JOINED = "The p-value joins the tests of all columns with the omnibus's; the effect is the omnibus's."
_OTHERS = "The columns that are named for themselves are left out here."


def together_finding(
    judged: RowJudgement,
    window: int,
    *,
    statement: Statement,
    found: Verdict,
    rows: int,
    reference_rows: int,
    notes: tuple[str, ...] = (),
) -> Finding | None:
    """The omnibus on one window of `rows`; `found` is the verdict where it finds something. None where it is off."""
    if judged.shift is None or judged.p_together is None:
        return None
    few, named = rows < LEAST_ROWS, bool(judged.named[window].any())
    out = bool(judged.together[window]) and not few
    noted = (
        *((f"{rows} rows; {LEAST_ROWS} are needed.",) if few else ()),
        *((_OTHERS,) if named else (_JOINED,) if out else ()),
        *notes,
    )
    verdict = Verdict.NOT_ENOUGH_DATA if few else found if out else Verdict.OK
    sentence = _sentence(judged.shift, window) if out else ""
    finding = shift_finding(
        judged.shift, window, detector="omnibus", effect=EFFECT, floor=FLOOR, statement=statement, verdict=verdict,
        rows=(rows, reference_rows), sentence=sentence, note=" ".join(noted),
    )  # fmt: skip
    return msgspec.structs.replace(finding, p_value=finite(judged.p_together[window]))


def shift_finding(
    shift: Result,
    at: int,
    *,
    detector: str,
    effect: str,
    floor: float,
    statement: Statement,
    verdict: Verdict,
    rows: tuple[int, int],
    sentence: str,
    note: str,
) -> Finding:
    """A finding that belongs to no column, from entry `at` of `shift`; `rows` are the window's and the reference's."""
    return Finding(
        feature=EVERYTHING,
        detector=detector,
        statement=statement,
        verdict=verdict,
        statistic=finite(shift.statistic[at]),
        effect=finite(shift.effect[at]),
        effect_name=effect,
        effect_low=finite(shift.low[at]),
        effect_high=finite(shift.high[at]),
        p_value=finite(shift.p_value[at]),
        smallest_effect=finite(shift.smallest[at]),
        floor=floor,
        n=rows[0],
        n_reference=rows[1],
        sentence=sentence,
        note=note,
    )


def _sentence(shift: Result, window: int) -> str:
    low, high = float(shift.low[window]), float(shift.high[window])
    return (
        f"Many columns moved a little, typically by {float(shift.effect[window]):.2g} standard deviations "
        f"({low:.2g} to {high:.2g}): another mix of rows than the reference's."
    )


def finite(value: float) -> float | None:
    """Nine digits: what comes after them depends on the order in which rows were added up."""
    return float(f"{value:.9g}") if np.isfinite(value) else None
