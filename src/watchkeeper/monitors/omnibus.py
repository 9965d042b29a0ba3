"""All columns together, told as a finding: a small move everywhere that no column shows alone (block_null.py)."""

from __future__ import annotations

import math

from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.block_null import BlockJudgement
from watchkeeper.monitors.together import EVERYTHING

DETECTOR = "omnibus"
EFFECT = "ordinary moves"


def block_omnibus(
    statement: Statement, judged: BlockJudgement, w: int, *, q: float, rows: tuple[int, int], blocks: int
) -> Finding | None:
    """What all columns of window `w` say together, those aside that alarm themselves; None where too few are left.

    `rows` are the window's and the reference's.
    """
    p = float(judged.p_together[w])
    if math.isnan(p):
        return None
    said = Verdict.ALARM if statement is Statement.UNUSUAL else Verdict.WARN
    against = "the last windows" if statement is Statement.UNUSUAL else "the blocks of the reference"
    score = float(judged.together[w])
    sentence = f"Many columns moved a little at once, unlike {against}: {score:.2g} times an ordinary move."
    return Finding(
        feature=EVERYTHING,
        detector=DETECTOR,
        verdict=said if p <= q else Verdict.OK,
        statement=statement,
        statistic=score,
        effect=score,
        effect_name=EFFECT,
        p_value=p,
        n=rows[0],
        n_reference=rows[1],
        smallest_effect=float(judged.critical[w]),
        null="blocks",
        blocks=blocks,
        sentence=sentence if p <= q else "",
    )
