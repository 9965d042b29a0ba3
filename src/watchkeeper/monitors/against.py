"""The name of a comparison with another version: `performance.error against 3`, `error against 3` for people."""

from __future__ import annotations

_AGAINST = " against "


def against(name: str, version: str) -> str:
    """The column, or the feature, `name` of a version as it is compared with `version`."""
    return f"{name}{_AGAINST}{version}"


def other_version(name: str) -> str:
    """The version that `name` is compared with, empty where it is compared with none."""
    return name.partition(_AGAINST)[2]
