"""Did the loss rise in one segment, beyond what the other rows show? On labels, block by block (L3).

A mean over all rows hides harm to a twentieth of them. Here every level of every feature is a segment, and the recent
blocks are held against ordinary ones of the same version (segment_evidence.py).

Corrected for the search by Holm (1979) over all segments that have support: the chance of any alarm where nothing rose
is at most `level` at a look, as far as blocks move as the ordinary ones did. Segments overlap (an airline has its
airports), so once one is found its rows are left out, and the others asked again. Within a found segment, levels of the
other features are looked at for one that explains all of it (Meinshausen 2008: below what was rejected the level may
be spent again); it is told in words only.

Two windows in a row that alarm make an alert, which speaks of its segment until it is well again.

Measured on real streams (bench/detection/segment_harm.py, models trained on the past, 8 windows against 32): see
docs/explanation/harm.md. Not seen: harm to segments of few labels, harm to pairs of levels that hardly shows in either,
and a rise that the ordinary blocks had already; after 32 windows what was a rise is ordinary.

Holm, *A simple sequentially rejective multiple test procedure*, Scand. J. Statist. 6 (1979); Meinshausen, *Hierarchical
testing of variable importance*, Biometrika 95 (2008).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import msgspec
import numpy as np
from scipy import special

from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.detectors.result import Z_POWER
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.harm_words import relative
from watchkeeper.monitors.segment_evidence import Evidence, SegmentPolicy, evidence
from watchkeeper.monitors.segment_words import Rise, named, note, sentence
from watchkeeper.performance.segment_blocks import LossRows, Segment, Sums
from watchkeeper.tallies.tally import IntArray

DETECTOR = "segment excess"
_CALM = 0.05


def column_of(segment: Segment) -> str:
    """`performance.error[carrier=UA]`: what alerts on a segment are known by."""
    return f"performance.error[{segment[0]}={segment[1]}]"


@dataclass(frozen=True)
class _Told:
    """Segment number `place`: what is told of it, and the evidence that says so."""

    place: int
    verdict: Verdict
    evidence: Evidence


class SegmentJudge:
    """Judges runs of blocks of `rows`. `hidden` says of features how their values were made unreadable (`hashed`)."""

    def __init__(
        self, rows: LossRows, policy: SegmentPolicy | None = None, *, hidden: Mapping[str, str] | None = None
    ) -> None:
        self.policy, self._rows, self._hidden = policy or SegmentPolicy(), rows, hidden or {}
        self._segments = rows.segments()
        self._sums, self._whole = Sums.of(rows), Sums.whole(rows)

    def judge(self, ordinary: IntArray, recent: IntArray, follow: Collection[str] = ()) -> tuple[Finding, ...]:
        """Findings on segments that rose in the blocks `recent` against `ordinary`, the surest first.

        Columns to `follow`, those of open alerts, are spoken of whether they rose or not.
        """
        first = evidence(self._sums, self._whole - self._sums, ordinary, recent, self.policy)
        told = self._search(first, ordinary, recent, follow)
        spoken = {one.place for one in told}
        for place in sorted(self._places(follow) - spoken):
            told.append(_Told(place, _calm(first, place), first))
        tests = int(first.support.sum())
        return tuple(self._finding(one, tests, ordinary, recent) for one in told)

    def _places(self, columns: Collection[str]) -> set[int]:
        return {place for place, segment in enumerate(self._segments) if column_of(segment) in columns}

    def _search(self, found: Evidence, ordinary: IntArray, recent: IntArray, follow: Collection[str]) -> list[_Told]:
        """Alarms by Holm's steps, each without the rows of those before; then, at most, one warning."""
        told: list[_Told] = []
        tests, followed = int(found.support.sum()), self._places(follow)
        outside = np.ones(len(self._rows.loss), bool)
        while len(told) < self.policy.found and len(told) < tests:
            p = np.where(np.isfinite(found.p_value), found.p_value, 1.0) * (tests - len(told))
            p[[one.place for one in told]] = 1.0
            place = int(np.argmin(p))
            if p[place] > self.policy.level:
                return told + ([_Told(place, Verdict.WARN, found)] if p[place] <= self.policy.warn_level else [])
            place = min((one for one in followed if p[one] <= self.policy.level), key=lambda one: p[one], default=place)
            told.append(_Told(place, Verdict.ALARM, found))
            outside &= ~self._rows.inside(self._segments[place])
            left = self._rows.only(outside)
            sums = Sums.of(left)
            found = evidence(sums, Sums.whole(left) - sums, ordinary, recent, self.policy)
        return told

    def _finer(self, place: int, ordinary: IntArray, recent: IntArray) -> str:
        """The level of another feature that all of a segment's rise is in, in words; empty where there is none."""
        inside = self._rows.inside(self._segments[place])
        within = self._rows.only(inside)
        sums = Sums.of(within)
        found = evidence(sums, Sums.whole(within) - sums, ordinary, recent, self.policy)
        if not found.support.any() or np.nanmin(found.p_value) * found.support.sum() > self.policy.level:
            return ""
        best = self._segments[int(np.nanargmin(found.p_value))]
        rest = Sums.whole(self._rows.only(inside & ~self._rows.inside(best)))
        others = Sums.whole(self._rows.only(~inside))
        (p,) = evidence(rest, others, ordinary, recent, self.policy).p_value.tolist()
        return named(best, self._hidden) if p > _CALM else ""

    def _finding(self, one: _Told, tests: int, ordinary: IntArray, recent: IntArray) -> Finding:
        segment, found, k = self._segments[one.place], one.evidence, one.place
        where = named(segment, self._hidden)
        blank = Finding(
            feature=where, column=column_of(segment), detector=DETECTOR, statement=Statement.HARM,
            verdict=one.verdict, n=int(found.rows[k]), n_reference=int(found.ordinary_rows[k]), null="blocks",
            blocks=len(ordinary),
        )  # fmt: skip
        if not found.support[k]:
            return msgspec.structs.replace(blank, note="Too few labels in this segment.")
        loud = one.verdict in (Verdict.ALARM, Verdict.WARN)
        half = float(special.stdtrit(found.df[k], 0.975)) * float(found.error[k])
        smallest, rise = self._smallest(found, k, tests), float(found.rise[k])
        share = float(found.rows[k]) / max(float(self._whole.at(recent).total().rows[0, 0]), 1.0)
        means = found.before, found.now, found.others_before, found.others_now, found.others_error
        of_rows = Rise(*(float(of_all[k]) for of_all in means))
        finer = self._finer(k, ordinary, recent) if one.verdict is Verdict.ALARM else ""
        return msgspec.structs.replace(
            blank,
            statistic=rise / float(found.error[k]),
            effect=rise,
            effect_name=f"rise of the {self.policy.feature} beyond that of the other rows",
            effect_low=rise - half,
            effect_high=rise + half,
            p_value=min(1.0, float(found.p_value[k]) * tests),
            smallest_effect=smallest,
            floor=self.policy.tolerance * abs(of_rows.before),
            sentence=sentence(self.policy.feature, where, of_rows, self.policy.tolerance, finer) if loud else "",
            note=note(share, tests, (len(ordinary), len(recent)), relative(smallest, of_rows.before)),
        )

    def _smallest(self, found: Evidence, place: int, tests: int) -> float:
        """The rise that alarms four times in five."""
        line = -float(special.stdtrit(found.df[place], self.policy.level / max(tests, 1)))
        slack = self.policy.tolerance * abs(float(found.before[place]))
        return slack + (line + Z_POWER) * float(found.error[place])


def _calm(found: Evidence, place: int) -> Verdict:
    """What a segment says that does not stand out; one that might have risen keeps an alert open."""
    if not found.support[place]:
        return Verdict.NOT_ENOUGH_DATA
    return Verdict.OK if found.p_value[place] > _CALM else Verdict.WARN
