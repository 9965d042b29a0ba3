"""The changelog and the package agree on the version."""

from __future__ import annotations

import re
import tomllib

from tests.docs.pages import ROOT


def test_the_newest_entry_is_the_version_of_the_package() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    entries = re.findall(r"^## \[(\d[^\]]*)\] - \d{4}-\d{2}-\d{2}$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert entries[0] == version
