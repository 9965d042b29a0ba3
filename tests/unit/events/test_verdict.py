"""The order of verdicts: missing evidence is never ok."""

from watchkeeper.events.verdict import Verdict, worst


def test_strings_are_those_of_the_design() -> None:
    assert [str(v) for v in Verdict] == ["ok", "warn", "alarm", "not enough data", "not computable"]


def test_worst_prefers_the_graver() -> None:
    assert worst([Verdict.OK, Verdict.ALARM, Verdict.WARN]) is Verdict.ALARM
    assert worst([Verdict.NOT_COMPUTABLE, Verdict.OK]) is Verdict.OK


def test_silence_is_not_ok() -> None:
    assert worst([]) is Verdict.NOT_ENOUGH_DATA
    assert worst([Verdict.NOT_COMPUTABLE, Verdict.NOT_ENOUGH_DATA]) is Verdict.NOT_ENOUGH_DATA
