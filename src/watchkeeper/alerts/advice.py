"""What to do next, for each cause: one column, or several that broke together."""

from __future__ import annotations

from watchkeeper.alerts.alert import EVERYTHING
from watchkeeper.alerts.cause import Cause
from watchkeeper.monitors.against import other_version
from watchkeeper.monitors.against_reference import REFERENCE

NEXT_STEP: dict[Cause, str] = {
    Cause.ERRORS: (
        "Open a failed record and read its error. If it began with a release, go back to the last version; "
        "if the inputs changed, tell the team that sends them."
    ),
    Cause.WRONG_TYPE: (
        "Compare a flagged record with the schema, and tell the team that sends this feature. "
        "A changed type is nearly always a changed producer."
    ),
    Cause.MISSING: (
        "Look at the flagged records: which sender, since when? Restore the source of this feature. Until then treat "
        "predictions that lean on it with care."
    ),
    Cause.NOT_FINITE: (
        "Find the division, logarithm or parse that makes this feature NaN or infinite upstream; the records show it."
    ),
    Cause.UNSEEN: (
        "Read the new categories in the records. A spelling or code change is mapped back upstream; a real new "
        "category needs labels, and then a retrained version."
    ),
    Cause.UNIT: (
        "Ask the sender which unit this feature has now, convert it back at the source, and correct the unit in the "
        "schema if the change is to stay."
    ),
    Cause.OUT_OF_RANGE: (
        "Compare the present distribution with the reference. A constant factor means a changed unit; single wild "
        "values mean a broken sensor or a wrong join."
    ),
    Cause.BROKEN: "Compare flagged records with the reference on the feature's page, and tell the team that sends it.",
    Cause.HARM: (
        "Look at what changed at the onset: a release, a broken or moved feature, a segment. If it began with a "
        "release, go back to the last version. If the relation between inputs and labels changed, retrain on labels "
        "from after the onset."
    ),
    Cause.SEGMENT_HARM: (
        "Open the segment on the performance page and see since when it is worse and how many rows it has. Look for a "
        "source, a feature or a rule that only these rows go through. If nothing broke, get more labels for this "
        "segment and retrain with them."
    ),
    Cause.HARM_ESTIMATED: (
        "Get labels for a random sample of this period before anything else: an estimate without labels can be wrong. "
        "Meanwhile see which features moved at the onset, for they are what moved the estimate."
    ),
    Cause.BIAS: (
        "See whether the base rate of the labels moved or the predictions did: compare both with the weeks before the "
        "onset. If the labels did, a new threshold or a new calibration on recent labels may be enough; if the "
        "predictions did, look at the last release and at the features that moved."
    ),
    Cause.DISTRIBUTION: (
        "Look at the distribution now against the reference. If the source broke, repair it. If the world changed, get "
        "labels for this period and see whether the predictions got worse before you retrain."
    ),
    Cause.PREDICTIONS: (
        "See which features moved at the same time: they are the likely cause. If none did, look at the last release. "
        "Then get labels for this period."
    ),
    Cause.LATENCY: (
        "Compare with the rate of requests and the process's CPU. If neither grew, look at the model's last release."
    ),
    Cause.TRAFFIC: "Ask the callers whether the change is planned; see whether one of them stopped or started.",
    Cause.NO_SIGN_OF_LIFE: (
        "Read the log of this process. `watchkeeper up` starts it again by itself; where it runs alone, start it. If "
        "it runs and does not beat, it hangs: stop it and report its log."
    ),
    Cause.RESOURCES: (
        "See on the health page what runs out. Disk: register models again with a shorter --retention-records, or move "
        "the data directory to a larger disk. Memory or CPU: see whether the rows, or the models served, grew; if not, "
        "restart the process and report its log."
    ),
}

SOURCE_STEP = (
    "Several features broke in the same way at once, so look at what they have in common first: the table, join or "
    "service they come from. Repair it there, not feature by feature."
)

VERSION_STEP = (
    "Go back to version {version}, which did better, or show first that the weeks got harder: the performance page "
    "sets both versions side by side. Then find out what differs between them: data, features, training."
)
REFERENCE_STEP = (
    "See first whether the labelled reference is like live traffic: the same kind of rows, labelled the same way. If "
    "so, the version was never as good live: look for features that are computed in another way than in training, and "
    "retrain on live labels."
)


def next_step(cause: Cause, subject: str) -> str:
    """The advice for an alert."""
    if subject == EVERYTHING:
        return SOURCE_STEP
    other = other_version(subject) if cause is Cause.HARM else ""
    if other == REFERENCE:
        return REFERENCE_STEP
    return VERSION_STEP.format(version=other) if other else NEXT_STEP[cause]
