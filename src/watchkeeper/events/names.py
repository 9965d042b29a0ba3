"""Names are ids and never paths: one pattern for models, versions and segments."""

from __future__ import annotations

import re

from watchkeeper.events.errors import BadInput

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}", re.ASCII)


def check_name(kind: str, name: str) -> str:
    """Return `name`, or raise BadInput saying which characters a name of this `kind` may have."""
    if not _NAME.fullmatch(name) or ".." in name:
        raise BadInput(
            f"{kind} name {name[:80]!r} is not allowed.",
            hint="Use 1 to 64 of a-z, 0-9, '.', '_' and '-', starting with a letter or digit, and no '..'.",
        )
    return name
