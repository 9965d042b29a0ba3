"""The diagram in the docs is the table."""

from __future__ import annotations

import re
from pathlib import Path

from watchkeeper.alerts.advice import NEXT_STEP
from watchkeeper.alerts.diagram import diagram
from watchkeeper.alerts.table import State

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "alerts.md"


def test_the_page_shows_the_table() -> None:
    block = re.search(r"```mermaid\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert block is not None
    assert block[1] == diagram() + "\n"


def test_the_page_names_every_cause() -> None:
    text = PAGE.read_text()
    assert all(f"| {cause.value} |" in text for cause in NEXT_STEP)


def test_every_state_is_drawn() -> None:
    assert all(state.value.replace(" ", "_") in diagram() for state in State)
