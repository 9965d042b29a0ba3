"""What an alert says in words: a title for a list and a summary for a person who was just woken."""

from __future__ import annotations

from watchkeeper.alerts.alert import EVERYTHING
from watchkeeper.alerts.cause import CAUSES, OF_SERVICE, Cause
from watchkeeper.detectors.finding import Finding

_SHOWN = 5


def name_features(features: tuple[str, ...]) -> str:
    """`a, b, c, d, e and 3 more`."""
    if len(features) <= _SHOWN:
        return ", ".join(features)
    return f"{', '.join(features[:_SHOWN])} and {len(features) - _SHOWN} more"


def title(model: str, version: str, cause: Cause, subject: str, features: tuple[str, ...]) -> str:
    """One short line: whose, what, which feature."""
    who = f"{model} {version}"
    if subject == EVERYTHING:
        return f"{who}: {len(features)} features {CAUSES[cause].verb} at once"
    if features and all(feature.startswith(cause.value) for feature in features):
        return f"{who}: {name_features(features)} {CAUSES[cause].verb}"
    if cause in OF_SERVICE or cause is Cause.SEGMENT_HARM:
        return f"{who}: {cause.value} ({name_features(features)})"
    return f"{who}: {cause.value} in {name_features(features)}"


def summary(
    cause: Cause,
    subject: str,
    features: tuple[str, ...],
    strongest: Finding,
    consequences: tuple[str, ...] = (),
) -> str:
    """A sentence or three: the strongest finding's own words, the columns if there are several, and what followed."""
    said = strongest.sentence or _plain(strongest)
    if subject == EVERYTHING:
        said = f"{name_features(features)} {CAUSES[cause].verb} in the same window. {said}"
    return f"{said} With it changed: {name_features(consequences)}." if consequences else said


def _plain(finding: Finding) -> str:
    size = "" if finding.effect is None else f": {finding.effect:.3g} {finding.effect_name}".rstrip()
    return f"{finding.feature} is {finding.statement.value} by {finding.detector}{size}, on {finding.n} rows."
