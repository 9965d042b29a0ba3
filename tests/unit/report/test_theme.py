from __future__ import annotations

from dataclasses import astuple

import pytest

from watchkeeper.events.verdict import Verdict
from watchkeeper.report.theme import DARK, LIGHT, Theme, swap

TEXTS = ("ink", "muted", "accent", "ok", "warn", "alarm", "silent")


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, two: str) -> float:
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("role", TEXTS)
def test_text_and_status_can_be_read_on_both_backgrounds(theme: Theme, role: str) -> None:
    for background in (theme.canvas, theme.surface):
        assert contrast(getattr(theme, role), background) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_controls_have_a_border_that_can_be_seen(theme: Theme) -> None:
    assert min(contrast(theme.edge, theme.canvas), contrast(theme.edge, theme.surface)) >= 3


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_no_colour_has_two_roles(theme: Theme) -> None:
    assert len(set(astuple(theme))) == len(astuple(theme))


def test_swap_maps_every_light_colour() -> None:
    assert swap()[LIGHT.alarm] == DARK.alarm
    assert set(swap()) == set(astuple(LIGHT))


def test_silent_verdicts_share_a_colour() -> None:
    assert LIGHT.verdict(Verdict.NOT_COMPUTABLE) == LIGHT.verdict(Verdict.NOT_ENOUGH_DATA) == LIGHT.silent
    assert LIGHT.verdict(Verdict.ALARM) == LIGHT.alarm
