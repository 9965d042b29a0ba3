"""Is this version wrong more often than the one before it was? On labels, block by block, as in harm.py.

A new version has no ordinary blocks of its own for long, and a bad one would make its own faults ordinary. So its
first blocks are held against the last ones of the version that was live before. The weeks differ too: where they got
harder, the new version is worse than the old one was and may still be the better of the two. The finding says that it
compares with another time, and what to do says how to tell the two apart.

A comparison has a name: `performance.error against 3`, `error against 3` for people.
"""

from __future__ import annotations

import msgspec

from watchkeeper.detectors.finding import Finding
from watchkeeper.monitors.harm import BlockLosses, HarmPolicy, judge_series
from watchkeeper.tallies.tally import IntArray

_AGAINST = " against "


def against(name: str, version: str) -> str:
    """The column, or the feature, `name` of a version as it is compared with `version`."""
    return f"{name}{_AGAINST}{version}"


def other_version(name: str) -> str:
    """The version that `name` is compared with, empty where it is compared with none."""
    return name.partition(_AGAINST)[2]


def judge_against(
    losses: BlockLosses, before: BlockLosses, version: str, starts: IntArray | None = None, *, after: int = 0
) -> list[Finding]:
    """A finding for every block of `losses` (T,), oldest first, against the last blocks of `version`, `before` (K,).

    `starts` (T,) and `after` as in `judge_series`.
    """
    own = HarmPolicy()
    policy = HarmPolicy(
        column=against(own.column, version),
        ordinary=f"in the last {len(before.mean)} windows of version {version}",
    )
    judged = judge_series(losses, before, policy, starts, after=after)
    return [msgspec.structs.replace(finding, feature=against(own.feature, version)) for finding in judged]
