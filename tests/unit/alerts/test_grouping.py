"""One signal for each cause: the gravest sign speaks, and a broken source is one cause."""

from __future__ import annotations

import msgspec

from tests.unit.alerts.findings import broken, harm, moved, unusual
from watchkeeper.alerts.alert import EVERYTHING
from watchkeeper.alerts.cause import Cause
from watchkeeper.alerts.course import Signal
from watchkeeper.alerts.grouping import Sign, group
from watchkeeper.detectors.finding import Finding, Statement

AGE_MISSING = (Cause.MISSING, "input.age")
AGE_MOVED = (Cause.DISTRIBUTION, "input.age")
SOURCE = (Cause.MISSING, EVERYTHING)


def test_what_is_well_and_not_followed_gives_nothing() -> None:
    assert group([broken("age", "."), unusual("age", "w"), moved("age", "w")], {}, 3) == {}


def test_a_move_since_training_is_no_alert() -> None:
    assert group([moved("age", "A")], {}, 3) == {}


def test_the_gravest_sign_on_a_column_speaks() -> None:
    signs = group([unusual("age"), broken("age"), unusual("fare")], {}, 3)
    assert list(signs) == [AGE_MISSING, (Cause.DISTRIBUTION, "input.fare")]


def test_the_loudest_detector_of_a_cause_speaks() -> None:
    sign = group([unusual("age", "."), unusual("age"), unusual("age", "?")], {}, 3)[AGE_MOVED]
    assert sign.signal is Signal.ALARM
    assert len(sign.findings) == 3


def test_a_lesser_sign_holds_the_graver_alert_open() -> None:
    signs = group([broken("age", "."), unusual("age")], {AGE_MISSING: ("input.age",)}, 3)
    assert {key: sign.signal for key, sign in signs.items()} == {AGE_MISSING: Signal.WARN}


def test_a_lesser_alert_that_was_open_before_stays_its_own() -> None:
    signs = group([broken("age"), unusual("age")], {AGE_MOVED: ("input.age",)}, 3)
    assert {key: sign.signal for key, sign in signs.items()} == {AGE_MISSING: Signal.ALARM, AGE_MOVED: Signal.ALARM}


def test_an_open_cause_that_is_well_is_quiet() -> None:
    signs = group([broken("age", "."), unusual("age", ".")], {AGE_MISSING: ("input.age",)}, 3)
    assert signs[AGE_MISSING].signal is Signal.QUIET


def test_many_features_at_once_are_one_source() -> None:
    signs = group([broken(name) for name in "cab"], {}, 3)
    assert list(signs) == [SOURCE]
    assert signs[SOURCE].columns == ("input.a", "input.b", "input.c")


def test_two_features_are_two_causes() -> None:
    assert len(group([broken("a"), broken("b")], {}, 3)) == 2


def test_distributions_are_not_a_source() -> None:
    assert len(group([unusual(name) for name in "abcd"], {}, 3)) == 4


def test_lesser_signs_of_a_broken_source_are_its_own() -> None:
    findings = [broken(name) for name in "abc"] + [unusual(name) for name in "abc"]
    assert list(group(findings, {}, 3)) == [SOURCE]


def test_an_open_source_keeps_its_columns_and_takes_up_new_ones() -> None:
    members = {SOURCE: ("input.a", "input.b", "input.c")}
    signs = group([broken("a"), broken("b", "."), broken("c", "."), broken("d"), broken("e", ".")], members, 3)
    assert list(signs) == [SOURCE]
    assert signs[SOURCE].columns == ("input.a", "input.d")


def test_a_source_is_quiet_when_all_its_columns_are() -> None:
    members = {SOURCE: ("input.a", "input.b", "input.c")}
    assert group([broken(name, ".") for name in "abc"], members, 3)[SOURCE].signal is Signal.QUIET


def test_a_column_with_an_alert_of_its_own_does_not_join_a_source() -> None:
    own = (Cause.MISSING, "input.a")
    assert set(group([broken(name) for name in "abcd"], {own: ("input.a",)}, 3)) == {SOURCE, own}


def test_a_sign_without_alarm_names_all_it_looked_at() -> None:
    assert Sign(signal=Signal.QUIET, findings=(broken("b", "."), broken("a", "."))).columns == ("input.a", "input.b")


def test_an_open_break_that_nobody_speaks_of_is_quiet_where_its_column_was_judged() -> None:
    key = (Cause.MISSING, "input.age")
    assert group((unusual("age", "."),), {key: ("input.age",)}, 3)[key].signal is Signal.QUIET
    assert key not in group((unusual("age", "?"),), {key: ("input.age",)}, 3)
    assert key not in group((unusual("other", "."),), {key: ("input.age",)}, 3)


def test_an_open_source_that_nobody_speaks_of_is_quiet_where_its_columns_were_judged() -> None:
    key = (Cause.MISSING, EVERYTHING)
    columns = ("input.a", "input.b", "input.c")
    findings = tuple(unusual(name, ".") for name in "abc")
    assert group(findings, {key: columns}, 3)[key].signal is Signal.QUIET


def odd_predictions() -> Finding:
    return unusual("prediction late", column="output.late")


def test_a_broken_input_explains_odd_predictions() -> None:
    signs = group([broken("age"), odd_predictions()], {}, 3)
    assert list(signs) == [AGE_MISSING]
    assert signs[AGE_MISSING].consequences == ("prediction late",)


def test_odd_predictions_have_their_own_alert_without_a_broken_input_or_if_they_had_one_before() -> None:
    key = (Cause.PREDICTIONS, "output.late")
    assert key in group([unusual("age"), odd_predictions()], {}, 3)
    assert set(group([broken("age"), odd_predictions()], {key: ("output.late",)}, 3)) == {AGE_MISSING, key}


def test_outputs_are_no_part_of_a_broken_source() -> None:
    missing = msgspec.structs.replace(broken("prediction late"), column="output.late")
    signs = group([*(broken(name) for name in "abc"), missing], {}, 3)
    assert list(signs) == [SOURCE]
    assert signs[SOURCE].columns == ("input.a", "input.b", "input.c")
    assert signs[SOURCE].consequences == ("prediction late",)


def test_harm_that_is_only_estimated_is_a_cause_of_its_own() -> None:
    key = (Cause.HARM_ESTIMATED, "performance.error")
    assert list(group([harm("A", Statement.ESTIMATED)], {}, 3)) == [key]
    assert group([harm("w", Statement.ESTIMATED)], {}, 3) == {}
    assert group([harm(".", Statement.ESTIMATED)], {key: ("performance.error",)}, 3)[key].signal is Signal.QUIET


def test_what_a_broken_input_explains_of_performance_is_named_there_and_only_harm_seen_alerts_too() -> None:
    bias = harm(column="performance.bias", feature="prediction bias")
    signs = group([broken("age"), harm(), bias], {}, 3)
    assert set(signs) == {AGE_MISSING, (Cause.HARM, "performance.error")}
    assert signs[AGE_MISSING].consequences == ("error", "prediction bias")


def test_harm_is_named_on_the_broken_input_and_alerts_too() -> None:
    signs = group([broken("age"), harm()], {}, 3)
    assert signs[AGE_MISSING].consequences == ("error",)
    assert signs[Cause.HARM, "performance.error"].signal is Signal.ALARM


def test_harm_is_no_broken_source() -> None:
    errors = [msgspec.structs.replace(harm(), column=f"performance.{name}") for name in "abc"]
    assert {cause for cause, subject in group(errors, {}, 3) if subject != EVERYTHING} == {Cause.HARM}


def test_open_harm_that_is_well_again_is_quiet() -> None:
    key = (Cause.HARM, "performance.error")
    assert group([harm(".")], {key: ("performance.error",)}, 3)[key].signal is Signal.QUIET
