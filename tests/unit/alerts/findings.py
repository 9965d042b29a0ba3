"""Findings for the tests of alerts, in few words."""

from __future__ import annotations

from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.verdict import Verdict

VERDICTS = {"A": Verdict.ALARM, "w": Verdict.WARN, ".": Verdict.OK, "?": Verdict.NOT_ENOUGH_DATA}


def broken(feature: str, verdict: str = "A", detector: str = "missing rate", effect: float = 0.3) -> Finding:
    """A finding about the quality of a feature's values."""
    return _finding(feature, f"input.{feature}", detector, Statement.BROKEN, verdict, effect)


def unusual(feature: str, verdict: str = "A", column: str = "") -> Finding:
    """A finding about the distribution of a feature."""
    return _finding(feature, column or f"input.{feature}", "kolmogorov-smirnov", Statement.UNUSUAL, verdict, 0.4)


def moved(feature: str, verdict: str = "w") -> Finding:
    """A finding about a feature that moved since training."""
    return _finding(feature, f"input.{feature}", "location", Statement.MOVED, verdict, 0.1)


def harm(
    verdict: str = "A", statement: Statement = Statement.HARM, column: str = "performance.error", feature: str = "error"
) -> Finding:
    """A finding about the model's errors."""
    return _finding(feature, column, "cusum", statement, verdict, 0.1)


def service(column: str, verdict: str = "A") -> Finding:
    """A finding about the service."""
    return _finding(column, f"service.{column}", "rate", Statement.SERVICE, verdict, 0.1)


def _finding(  # noqa: PLR0917 (a row of a table)
    feature: str, column: str, detector: str, statement: Statement, verdict: str, effect: float
) -> Finding:
    return Finding(
        feature=feature,
        column=column,
        detector=detector,
        statement=statement,
        verdict=VERDICTS[verdict],
        effect=effect,
        effect_name="share",
        n=1000,
        n_reference=9000,
        sentence=f"{feature} went wrong.",
    )
