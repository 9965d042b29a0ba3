"""Columns that cannot be compared value by value: told as findings, never silently left out.

A column that the current table lacks alarms, one that it adds warns; one of a type that cannot be watched, or whose
name stands for several, is "not computable".
"""

from __future__ import annotations

from collections.abc import Collection

from watchkeeper.compare.sides import Shape
from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.inference import INPUT
from watchkeeper.events.verdict import Verdict


def odd_columns(before: Shape, now: Shape, left_out: Collection[str]) -> tuple[Finding, ...]:
    """Findings for the columns that only one side has, or that nobody can watch; `left_out` is not asked about."""
    found = [
        _odd(name, "repeated_column", Verdict.NOT_COMPUTABLE, f"A table has more than one column `{name}`; rename one.")
        for name in dict.fromkeys((*before.repeated, *now.repeated))
    ]
    theirs, mine = {*before.names, *before.repeated}, {*now.names, *now.repeated}
    for name, kind in before.kinds.items():
        if name in left_out or name in now.repeated:
            continue
        if name in before.unwatchable:
            sentence = f"`{name}` holds {kind}, which has no tally."
            found.append(_odd(name, "type", Verdict.NOT_COMPUTABLE, sentence))
        elif name not in mine:
            found.append(_odd(name, "missing_column", Verdict.ALARM, f"The current table has no column `{name}`."))
    for name in now.names:
        if name not in theirs and name not in left_out:
            sentence = f"The reference has no column `{name}`; nothing is known of it."
            found.append(_odd(name, "new_column", Verdict.WARN, sentence))
    return tuple(found)


def _odd(name: str, detector: str, verdict: Verdict, sentence: str) -> Finding:
    return Finding(
        feature=name,
        column=INPUT + name,
        detector=detector,
        statement=Statement.DIFFERENT,
        verdict=verdict,
        sentence=sentence,
        note=sentence if verdict is Verdict.NOT_COMPUTABLE else "",
    )
