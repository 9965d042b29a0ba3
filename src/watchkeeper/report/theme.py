"""Colours. Every figure is built with one theme; the browser swaps the colours of `LIGHT` for those of `DARK`.

Rules: every colour of a theme is unique in it, so that the swap is a plain dictionary; text and status colours keep a
contrast of at least 4.5 to 1 on both backgrounds (WCAG 2.2, 1.4.3); a status is never told by colour alone.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from watchkeeper.events.verdict import Verdict


@dataclass(frozen=True, kw_only=True)
class Theme:
    """Hex colours by role.

    `canvas` is the page, `surface` a panel on it, `ink` text, `muted` secondary text, `line` rules and grids, `edge`
    the border of controls (3 to 1 against both backgrounds: WCAG 2.2, 1.4.11).
    """

    canvas: str
    surface: str
    ink: str
    muted: str
    line: str
    edge: str
    accent: str
    reference: str
    current: str
    band: str
    ok: str
    warn: str
    alarm: str
    silent: str
    second: str
    third: str

    def verdict(self, verdict: Verdict) -> str:
        """The colour of a verdict; the two silent verdicts share one."""
        named = {Verdict.OK: self.ok, Verdict.WARN: self.warn, Verdict.ALARM: self.alarm}
        return named.get(verdict, self.silent)


LIGHT = Theme(
    canvas="#f5f7fa",
    surface="#ffffff",
    ink="#16202c",
    muted="#566474",
    line="#dde3ea",
    edge="#7f8c9b",
    accent="#0b5fa5",
    reference="#94a3b4",
    current="#1f6fb8",
    band="#d3e5f5",
    ok="#1b7a4b",
    warn="#8f5b00",
    alarm="#b3261e",
    silent="#5e6d81",
    second="#7a4fa3",
    third="#0f7d80",
)

DARK = Theme(
    canvas="#0e151d",
    surface="#16202b",
    ink="#e7edf4",
    muted="#9fb0c1",
    line="#2b3948",
    edge="#61758a",
    accent="#76b7f2",
    reference="#66788b",
    current="#62aef0",
    band="#21405e",
    ok="#52c48d",
    warn="#e8ab45",
    alarm="#ff8578",
    silent="#8d9db0",
    second="#bb95e6",
    third="#4cc4c4",
)


def swap() -> dict[str, str]:
    """Each light colour with the dark one of the same role."""
    return {getattr(LIGHT, field.name): getattr(DARK, field.name) for field in fields(Theme)}
