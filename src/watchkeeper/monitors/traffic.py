"""Silence: a live stream in which nothing came.

The alert policy asks for two such alarms in a row, so with the first empty window a warning, silence is told after
three. How much came, against what is usual, is the throughput of `service`.
"""

from __future__ import annotations

from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.verdict import Verdict

TRAFFIC = "service.traffic"
"""The column of findings on how much came."""


def judge_silence(rows: int, quiet: int) -> Finding:
    """Whether anything came; `quiet` is which empty window in a row this is, from 1."""
    verdict = Verdict.OK if rows else Verdict.ALARM if quiet > 1 else Verdict.WARN
    words = f"{rows:,} requests." if rows else f"No request in {quiet} window{'s' if quiet > 1 else ''} in a row."
    return Finding(
        feature="traffic",
        column=TRAFFIC,
        detector="traffic",
        statement=Statement.SERVICE,
        verdict=verdict,
        effect=float(0 if rows else quiet),
        effect_name="empty windows in a row",
        n=rows,
        sentence=words,
    )
