"""Numbers to findings: one function for each statement that a monitor makes of data."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import numpy as np

from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.detectors.rate import newcombe
from watchkeeper.detectors.registry import DETECTORS
from watchkeeper.detectors.samples import Rates
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.baseline import Baseline
from watchkeeper.monitors.block_null import BlockJudgement
from watchkeeper.monitors.breaks import Broken
from watchkeeper.monitors.column_tests import ColumnTests
from watchkeeper.monitors.columns import feature_name
from watchkeeper.monitors.sentences import level_words, rate_sentence
from watchkeeper.monitors.units import UnitChange
from watchkeeper.tallies.numeric import NumericBins
from watchkeeper.tallies.tally import IntArray


@dataclass(frozen=True)
class Seen:
    """One column of one window: its cells, its rows, and its distance from the reference."""

    baseline: Baseline
    column: str
    window: IntArray
    n: int
    distance: float | None

    @property
    def feature(self) -> str:
        """The name for people."""
        return feature_name(self.column)

    @property
    def cells(self) -> IntArray:
        """The column's own cells of the window."""
        return self.window[self.baseline.reference.binning.slice(self.column)]

    @property
    def reference_cells(self) -> IntArray:
        """The column's own cells of the whole reference."""
        return self.baseline.reference.whole.counts[self.baseline.reference.binning.slice(self.column)]

    @property
    def n_reference(self) -> int:
        """Rows of the column in the reference."""
        return int(self.baseline.reference.binning.columns[self.column].rows(self.reference_cells))

    def blank(self, statement: Statement, detector: str, verdict: Verdict, note: str = "") -> Finding:
        """A finding without numbers."""
        return Finding(
            feature=self.feature,
            column=self.column,
            detector=detector,
            statement=statement,
            verdict=verdict,
            n=self.n,
            n_reference=self.n_reference,
            distance=self.distance,
            note=note,
        )

    def words(self) -> str:
        """`: mean 3 against 2, ...` for numbers, else nothing."""
        bins = self.baseline.reference.binning.columns[self.column]
        return (
            f": {level_words(bins, self.reference_cells, self.cells)} in the reference"
            if isinstance(bins, NumericBins)
            else ""
        )


def block_finding(
    seen: Seen, statement: Statement, judged: BlockJudgement, at: tuple[int, int], *, q: float, blocks: int
) -> Finding:
    """*Unusual* or *moved since training*, from a null of blocks. `at` is (window, column) in `judged`."""
    statistic = int(judged.part[at])
    part = seen.baseline.statistics.parts[statistic]
    effect, p = float(judged.effect[at]), float(judged.p[at])
    out = p <= q and abs(effect) >= seen.baseline.policy.least_effect
    said = Verdict.ALARM if statement is Statement.UNUSUAL else Verdict.WARN
    against = (
        f"the last {blocks} windows" if statement is Statement.UNUSUAL else f"the {blocks} blocks of the reference"
    )
    return msgspec.structs.replace(
        seen.blank(statement, part.detector, said if out else Verdict.OK, _tail_note(blocks, q)),
        effect=effect,
        effect_name=part.effect,
        effect_low=float(judged.low[at]),
        effect_high=float(judged.high[at]),
        p_value=p,
        smallest_effect=float(judged.smallest[at]),
        floor=seen.baseline.policy.least_effect,
        null="blocks",
        blocks=blocks,
        sentence=_block_sentence(seen, part.what, effect, against, alone=bool(judged.alone[at])) if out else "",
    )


def _block_sentence(seen: Seen, what: str, effect: float, against: str, *, alone: bool) -> str:
    unlike = f"which other columns do not explain as they did in {against}" if alone else f"unlike {against}"
    return f"{what[0].upper()}{what[1:]} moved by {effect:+.2g}, {unlike}{seen.words()}."


def _tail_note(blocks: int, q: float) -> str:
    if blocks + 1 >= 1 / q:
        return ""
    return f"Tail extrapolated from {blocks} blocks; {int(np.ceil(1 / q)) - 1} would carry this budget without it."


def row_finding(seen: Seen, tests: ColumnTests, at: tuple[int, int], out: bool, note: str) -> Finding:
    """*Moved since training*, rows taken as exchangeable; `at` is (window, column) in `tests`."""
    name = tests.decisive_part(*at)
    result = tests.parts[name]
    effect = float(result.effect[at])
    sentence = f"`{seen.feature}` is unlike the training data ({DETECTORS[name].effect} {effect:+.2g}){seen.words()}."
    return msgspec.structs.replace(
        seen.blank(Statement.MOVED, name, Verdict.WARN if out else Verdict.OK, note),
        statistic=float(result.statistic[at]),
        effect=effect,
        effect_name=DETECTORS[name].effect,
        effect_low=float(result.low[at]),
        effect_high=float(result.high[at]),
        p_value=float(tests.p[at]),
        smallest_effect=float(result.smallest[at]),
        floor=DETECTORS[name].floor,
        sentence=sentence if out else "",
    )


def break_finding(seen: Seen, broken: Broken, at: tuple[int, int], floor: float) -> Finding:
    """*Broken*: a rate that no block of the reference had; `at` is (window, column) in `broken`."""
    column, ordinary = at[1], broken.ordinary
    rate, before = float(broken.rate[at]), float(ordinary.mean[column])
    low, high = newcombe(Rates(*(np.broadcast_to(a, broken.rate.shape)[at] for a in broken.counts)))
    sentence = rate_sentence(
        seen.feature,
        broken.kind,
        rate=rate,
        ordinary=before,
        worst=float(ordinary.worst[column]),
        blocks=ordinary.blocks,
    )
    return msgspec.structs.replace(
        seen.blank(Statement.BROKEN, broken.kind.value, Verdict.ALARM),
        statistic=rate,
        effect=rate - before,
        effect_name="change of rate",
        effect_low=float(low),
        effect_high=float(high),
        p_value=float(broken.p[at]),
        smallest_effect=floor,
        floor=floor,
        null="blocks" if ordinary.blocks else "rows",
        blocks=ordinary.blocks,
        sentence=sentence,
    )


def unit_finding(seen: Seen, change: UnitChange) -> Finding:
    """*Broken*: the column's unit changed."""
    times = f"{change.factor:.4g} times" + (f" plus {change.offset:.4g}" if change.offset else "")
    return msgspec.structs.replace(
        seen.blank(Statement.BROKEN, "unit_change", Verdict.ALARM),
        effect=change.factor,
        effect_name="factor",
        sentence=f"`{seen.feature}` looks like a change of unit ({change.name}): values are {times} the reference's"
        f"{seen.words()}.",
    )


def too_few(seen: Seen, statement: Statement, detector: str) -> Finding:
    """Nothing can be said of this column: it has fewer rows than the policy asks for."""
    note = f"{seen.n} rows of `{seen.feature}`; {seen.baseline.policy.min_n} are needed."
    return seen.blank(statement, detector, Verdict.NOT_ENOUGH_DATA, note)
