"""What waits for its prediction."""

from __future__ import annotations

from tests.helpers.feedback import item
from tests.helpers.watching import START
from watchkeeper.store.parked import Parked, request_target, target_of
from watchkeeper.store.store import Store


def wait(store: Store, *names: str, deadline: float = 100.0) -> None:
    store.parked.add("m", [Parked(name, deadline, item(name, 1.0)) for name in names])


def test_what_waits_for_a_target_comes_back_whole_and_in_order(store: Store) -> None:
    first, second = item("a", 1.0, "reward", source="s", probability=0.5), item("a", "x")
    store.parked.add("m", [Parked("a", 5.0, first), Parked("b", 5.0, second), Parked("a", 6.0, second)])
    found = store.parked.waiting("m", ["c", "a"])
    assert [one.feedback for one in found] == [first, second]
    assert [(one.target, one.deadline, one.model) for one in found] == [("a", 5.0, "m"), ("a", 6.0, "m")]
    assert store.parked.waiting("other", ["a"]) == store.parked.waiting("m", []) == []


def test_what_was_taken_out_waits_no_more(store: Store) -> None:
    wait(store, "a", "b")
    store.parked.remove(store.parked.waiting("m", ["a"]))
    assert store.parked.count("m") == 1


def test_a_deadline_is_the_end(store: Store) -> None:
    wait(store, "a", deadline=5.0)
    wait(store, "b", "c", deadline=7.0)
    assert [one.target for one in store.parked.overdue(6.0)] == ["a"]
    assert [one.target for one in store.parked.overdue(8.0, limit=2)] == ["a", "b"]


def test_a_row_of_a_request_is_no_prediction_id() -> None:
    assert target_of(item("a", 1.0)) == "a"
    assert target_of(item("", 1.0, request_id="a")) == request_target("a", 0) != "a"
    assert target_of(item("", 1.0, request_id="a", row=2)) == request_target("a", 2)


def test_what_one_source_said_is_found_until_it_is_taken_back(store: Store) -> None:
    said = [item("a", 1.0, source="s", at=START + 5.0), item("", 1.0, source="s", request_id="r", row=2)]
    others = [item("a", 1.0, source="t"), item("a", 0.0)]
    store.parked.add("m", [Parked(target_of(one), 9.0, one) for one in [*said, *others]])
    found = store.parked.said_by("m", "s")
    assert [one.feedback for one in found] == said
    assert store.parked.said_by("m", "s", after=found[0].id) == found[1:]
    assert store.parked.said_by("m", "s", since=int((START + 5) * 1e6)) == found[:1]
    assert [one.feedback for one in store.parked.said_by("m", "")] == others[1:]
    store.parked.add("m", [Parked("a", 9.0, item("a", "s", "withdrawal"))])
    assert store.parked.said_by("m", "s") == found[1:]
    later = item("a", 0.0, source="s")
    store.parked.add("m", [Parked("a", 9.0, later)])
    assert [one.feedback for one in store.parked.said_by("m", "s")] == [said[1], later]
