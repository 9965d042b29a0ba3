from __future__ import annotations

from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.harm_words import Sight, Told, note, relative, sentence
from watchkeeper.monitors.onset import Kind, Onset
from watchkeeper.monitors.visibility import Visible

TOLD = Told(mean=0.3, ordinary=0.2, error=0.01, blocks=4)
ABRUPT = Onset(6, 5, 7, Kind.ABRUPT, 6)
SLOW = Onset(6, None, None, Kind.RAMP, 6)


def test_sentences_say_how_much_and_since_when() -> None:
    said = sentence("error", TOLD, ABRUPT, Verdict.ALARM)
    assert said == "The error rose: 0.3 against 0.2 ordinarily (+50 %), in the last 4 windows."
    assert "gradually, and for 4 windows at least" in sentence("error", TOLD, SLOW, Verdict.ALARM)
    assert "fell" in sentence("error", TOLD, ABRUPT, Verdict.OK)
    assert "odd for one window" in sentence("error", TOLD, None, Verdict.WARN)
    assert sentence("error", TOLD, None, Verdict.OK) == ""


def test_notes_say_what_more_labels_would_buy() -> None:
    now, then = Visible(0.4, 0.1, 5), Visible(0.3, 0.06, 5)
    assert "With 150 random labels a window instead of 40, a lasting +30 %" in note(TOLD, Sight(40, now, 150, then))
    assert "little more" in note(TOLD, Sight(200, now, 150, then))


def test_without_ordinary_loss_a_rise_is_no_percentage() -> None:
    assert relative(0.03, 0.0) == "+0.03"
