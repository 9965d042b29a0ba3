"""What a detector says of one column of one window, with everything needed to believe it or to check it.

Statements are never mixed, for each answers a question of its own:

    unusual               unlike the last windows (rolling reference); may alarm
    moved since training  unlike the training reference, with its size; at most a warning
    harm seen             the model is wrong more often, or by more, than its ordinary blocks: on labels; alarms
    harm estimated        the same without labels, which nobody can do reliably; at most a warning
    broken                data quality no reference block had (missing, unseen, wrong type, new unit); alarms at once
    different             two tables compared by hand (`watchkeeper compare`); may alarm
    service               latency, errors, throughput, machine; may alarm
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from watchkeeper.events.verdict import Verdict


class Statement(StrEnum):
    """Which question a finding answers."""

    UNUSUAL = "unusual"
    MOVED = "moved since training"
    BROKEN = "broken"
    DIFFERENT = "different"
    SERVICE = "service"
    HARM = "harm seen"
    ESTIMATED = "harm estimated"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One detector's answer for one column of one window.

    `feature` is the name for people (`distance`, `prediction late`), `column` the tally's key (`input.distance`).
    `effect` is in the unit `effect_name`, with its 95 % interval (None where the method gives none). `p_value` is
    against *no change*: a monitor's is corrected for the parts of the column (and, where `null` is "blocks", for all
    columns); that of a single detector, as in a comparison of two tables, is its own, and the verdict is what corrects.
    `n` and `n_reference` are the rows on either side. `smallest_effect` is the smallest true effect that would have
    alarmed here four times in five: what a silence is worth. `null` says what the unit of evidence was: "rows" (taken
    as exchangeable) or "blocks" (ordinary movement of `blocks` blocks of time). `distance` (0 to 1) is the
    Jensen-Shannon distance from the reference: one scale for every type of column, so that columns can be ranked.
    `onset` is the start (Unix seconds) of the window in which the change began, `onset_low` and `onset_high` those of
    the windows it surely began between; a `gradual` change has no such interval, and began at `onset` or before it.
    `sentence` says it in plain words; `note` holds what must be known to read it right.
    """

    feature: str
    detector: str
    verdict: Verdict
    statement: Statement = Statement.DIFFERENT
    column: str = ""
    statistic: float | None = None
    effect: float | None = None
    effect_name: str = ""
    effect_low: float | None = None
    effect_high: float | None = None
    p_value: float | None = None
    n: int = 0
    n_reference: int = 0
    smallest_effect: float | None = None
    floor: float | None = None
    null: str = "rows"
    blocks: int = 0
    distance: float | None = None
    onset: int | None = None
    onset_low: int | None = None
    onset_high: int | None = None
    gradual: bool = False
    sentence: str = ""
    note: str = ""
