"""From the findings of one window to one signal for each cause.

1. On a column, the gravest sign speaks. Where an alert on a graver cause of the same column is open, or opens in this
   window, a lesser sign opens nothing of its own: it holds the graver alert open until it is gone as well.
2. The same hard break on several columns at once is one broken source, not several faults: one alert lists them all,
   and takes up columns that join it later. A column that already had an alert of its own keeps it.
3. A move since training is a notice, shown with its size, and no part of any alert: it is the seasons more often than
   a fault, and it would hold an alert open long after its cause is gone.
4. A broken input explains odd predictions: while one is followed, signs on the outputs open nothing of their own and
   are named on its alert as its consequences. They get their own alert if they outlast it. Harm seen on labels has
   an alert of its own all the same: it is what the others are feared for. Where it is weighed together with the data,
   as in a back-test, it is named there too; live its labels come later, and a pass of their own weighs them.
5. Monitors speak of a break only where there is one. So an open alert on a break is quiet, not silent, in a window that
   judged its column and found none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import msgspec

from watchkeeper.alerts.alert import EVERYTHING
from watchkeeper.alerts.cause import BREAKS, CAUSES, GRAVITY, OF_LABELS, Cause, cause_of
from watchkeeper.alerts.course import Signal
from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.inference import OUTPUT
from watchkeeper.events.verdict import Verdict

Key = tuple[Cause, str]
"""A cause and its subject: a column, or EVERYTHING."""


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """What a window says of one cause; `findings` are those that speak of it, the strongest first."""

    signal: Signal
    findings: tuple[Finding, ...] = ()
    consequences: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that alarm, in order of name; where none does, all that were looked at."""
        alarming = {finding.column for finding in self.findings if finding.verdict is Verdict.ALARM}
        return tuple(sorted(alarming or {finding.column for finding in self.findings}))


_SIGNALS = {
    Verdict.ALARM: Signal.ALARM,
    Verdict.WARN: Signal.WARN,
    Verdict.OK: Signal.QUIET,
    Verdict.NOT_ENOUGH_DATA: Signal.SILENT,
    Verdict.NOT_COMPUTABLE: Signal.SILENT,
}
_LOUDNESS = {Signal.ALARM: 3, Signal.WARN: 2, Signal.QUIET: 1, Signal.SILENT: 0}


def group(findings: Iterable[Finding], open_: Mapping[Key, Collection[str]], group_at: int) -> dict[Key, Sign]:
    """One sign for each cause that alarms in this window or is open. `open_` maps open causes to their columns."""
    signs = _signs(tuple(findings), open_)
    sources = _sources(signs, open_, group_at)
    followed = {(cause, EVERYTHING): _merge(signs[cause, column] for column in sources[cause]) for cause in sources}
    leaders = {column: (cause, EVERYTHING) for cause, columns in sources.items() for column in columns}
    for key, sign in signs.items():
        if leaders.get(key[1]) != (key[0], EVERYTHING):
            _follow(key, sign, followed, leaders, is_open=key in open_)
    return _with_consequences(followed, open_)


def _with_consequences(followed: dict[Key, Sign], open_: Mapping[Key, Collection[str]]) -> dict[Key, Sign]:
    """Rule 4: signs on outputs that are not followed yet, folded into the broken inputs that explain them."""
    explained = {key: sign for key, sign in followed.items() if _may_follow_from_a_break(key) and key not in open_}
    broken = [key for key in followed if _is_break(key[0]) and not key[1].startswith(OUTPUT)]
    if not explained or not broken:
        return followed
    names = tuple(sorted({finding.feature for sign in explained.values() for finding in sign.findings}))
    kept = {key: sign for key, sign in followed.items() if key not in explained or key[0] is Cause.HARM}
    return kept | {key: msgspec.structs.replace(kept[key], consequences=names) for key in broken}


def _signs(findings: Collection[Finding], open_: Mapping[Key, Collection[str]]) -> dict[Key, Sign]:
    """The signs of single columns, gravest cause first."""
    heard: dict[Key, list[Finding]] = {}
    for finding in findings:
        if finding.statement is Statement.MOVED:
            continue
        heard.setdefault((cause_of(finding), finding.column), []).append(finding)
    signs = {key: _sign(found) for key, found in heard.items()}
    judged = {finding.column for finding in findings if _signal(finding) is not Signal.SILENT}
    mended = {
        (cause, column): Sign(signal=Signal.QUIET)
        for (cause, _), columns in open_.items()
        for column in columns
        if _is_break(cause) and column in judged
    }
    signs = mended | signs
    return {key: signs[key] for key in sorted(signs, key=lambda key: (GRAVITY[key[0]], key[1]))}


def _is_break(cause: Cause) -> bool:
    """Whether the cause is a break of data (rule 5), not an error of the service."""
    return cause in BREAKS


def _may_follow_from_a_break(key: Key) -> bool:
    return key[0] in OF_LABELS or key[1].startswith(OUTPUT)


def _sign(findings: Iterable[Finding]) -> Sign:
    ordered = sorted(findings, key=lambda finding: (-_LOUDNESS[_signal(finding)], -(finding.distance or 0.0)))
    return Sign(signal=_signal(ordered[0]) if ordered else Signal.SILENT, findings=tuple(ordered))


def _signal(finding: Finding) -> Signal:
    return _SIGNALS[finding.verdict]


def _merge(signs: Iterable[Sign]) -> Sign:
    given = tuple(signs)
    loudest = max((sign.signal for sign in given), key=_LOUDNESS.__getitem__)
    return msgspec.structs.replace(_sign(finding for sign in given for finding in sign.findings), signal=loudest)


def _sources(signs: Mapping[Key, Sign], open_: Mapping[Key, Collection[str]], group_at: int) -> dict[Cause, list[str]]:
    """The columns of each cause that belong to one broken source."""
    sources: dict[Cause, list[str]] = {}
    for cause in [cause for cause, kind in CAUSES.items() if kind.hard and cause is not Cause.HARM]:
        members = open_.get((cause, EVERYTHING), ())
        free = [
            column
            for other, column in signs
            if other is cause and (cause, column) not in open_ and not column.startswith(OUTPUT)
        ]
        alarming = [column for column in free if signs[cause, column].signal is Signal.ALARM]
        if members or len(alarming) >= group_at:
            sources[cause] = [column for column in free if column in members or column in alarming]
    return {cause: columns for cause, columns in sources.items() if columns}


def _follow(key: Key, sign: Sign, followed: dict[Key, Sign], leaders: dict[str, Key], *, is_open: bool) -> None:
    """Give the sign of one column an alert of its own, or fold it into the graver one that leads the column."""
    leader = leaders.get(key[1])
    if is_open or (leader is None and sign.signal is Signal.ALARM):
        followed[key] = sign
        leaders.setdefault(key[1], key)
    elif leader is not None and sign.signal in (Signal.ALARM, Signal.WARN):
        followed[leader] = _held(followed[leader])


def _held(sign: Sign) -> Sign:
    """A cause that would clear, held open by a lesser sign on its column."""
    return sign if sign.signal is Signal.ALARM else msgspec.structs.replace(sign, signal=Signal.WARN)
