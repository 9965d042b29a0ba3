"""What holds for every test."""

from __future__ import annotations

import os

from hypothesis import settings

# A busy machine is no failure, so examples have no deadline. In CI the same examples are tried each time: a commit that
# changes nothing must not turn red. At a desk they are drawn anew, and a failing one is remembered.
settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")
