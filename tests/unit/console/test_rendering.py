from __future__ import annotations

import pytest

from watchkeeper.alerts.table import State
from watchkeeper.console.rendering import environment, query, segment, shown, size, stamp, tone
from watchkeeper.events.verdict import Verdict


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "missing"),
        (True, "true"),
        (770.0, "770"),
        (18, "18"),
        (1013.51, "1,013.51"),
        (0.0836229, "0.0836229"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (1e300, "1e+300"),
        ("<b>\u202e", "<b>\\u202e"),
        ([1], "[1]"),
    ],
)
def test_a_recorded_value_as_text(value: object, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(None, "–"), (0, "0 B"), (1023, "1023 B"), (2048, "2 KiB"), (91 << 20, "91 MiB"), (5 << 50, "5.12e+03 TiB")],
)
def test_sizes(number: float | None, text: str) -> None:
    assert size(number) == text


def test_addresses_are_built_from_escaped_parts() -> None:
    assert segment("../a b:0") == "..%2Fa%20b%3A0"
    assert query(a=None, b="", c="x&y", d=0) == "?c=x%26y&d=0"
    assert query(a=None) == ""


def test_states_and_verdicts_have_tones() -> None:
    assert [tone(state) for state in (State.FIRING, State.RESOLVED, State.NO_DATA)] == ["alarm", "ok", "silent"]
    assert tone(Verdict.WARN) == "warn"


def test_times_leave_out_what_every_page_says() -> None:
    assert stamp(0) == "1970-01-01 00:00"
    assert stamp(None) == "–"


def test_templates_escape() -> None:
    assert environment().from_string("{{ x|said }}").render(x="`<b>` <i>") == "<code>&lt;b&gt;</code> &lt;i&gt;"
    names = environment().list_templates()
    assert {"layout.html", "parts.html", "model.html"} <= set(names)
    for name in names:
        source, _, _ = environment().loader.get_source(environment(), name)  # type: ignore[union-attr]
        assert "|safe" not in source
        assert " onclick" not in source
