"""Names are ids and never paths: one pattern for models, versions and segments."""

from __future__ import annotations

import re

from watchkeeper.events.errors import BadInput

ITSELF = "watchkeeper"
"""The name under which alerts on Watchkeeper's own processes are kept, the process as the version. No model has it."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}", re.ASCII)


def check_name(kind: str, name: str) -> str:
    """Return `name`, or raise BadInput saying which characters a name of this `kind` may have."""
    if not _NAME.fullmatch(name) or ".." in name:
        raise BadInput(
            f"{kind} name {name[:80]!r} is not allowed.",
            hint="Use 1 to 64 of a-z, 0-9, '.', '_' and '-', starting with a letter or digit, and no '..'.",
        )
    return name


def check_new_model(name: str) -> str:
    """Return `name`, or raise BadInput where no model may be called so."""
    if check_name("Model", name) == ITSELF:
        raise BadInput(f"Model name {name!r} is kept for alerts on Watchkeeper itself.", hint="Choose another name.")
    return name
