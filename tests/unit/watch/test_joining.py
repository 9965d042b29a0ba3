"""Feedback meets its predictions, whenever either comes; every case has its policy and its count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.helpers.feedback import item, sent
from tests.helpers.watching import DAY, SCHEMA, START, FakeClock, batch, entry, watched_store
from watchkeeper.events.feedback import Feedback
from watchkeeper.events.ids import PredictionIdMinter
from watchkeeper.events.outcomes import Outcome
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.journal.protocol import Entry
from watchkeeper.performance.binary import BinaryLayout
from watchkeeper.performance.delays import EDGES, DelayLayout
from watchkeeper.performance.pairs import Pairs
from watchkeeper.schema.feature import Feature, FeatureType
from watchkeeper.store.label_requests import Asked, LabelRequest
from watchkeeper.store.performance import Scored
from watchkeeper.store.store import Store
from watchkeeper.watch.sorting import ROWS_AN_ENTRY
from watchkeeper.watch.worker import Worker

LAYOUT = BinaryLayout(("0", "1"))


class Joining:
    """A worker over a store, and what is known of its labels."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.store: Store = watched_store(folder)
        self.journal = MemoryJournal(clock=self.clock)
        self.worker = Worker(self.store, self.journal, clock=self.clock)

    def take(self, *entries: Entry, steps: bool = False) -> None:
        """Append `entries`, and take them in: each in a step of its own, or all in one."""
        for lot in [[one] for one in entries] if steps else [list(entries)]:
            self.journal.append(lot)
            while self.worker.step().entries:
                pass

    def outcomes(self) -> dict[str, int]:
        found: Counter[str] = Counter()
        for line in self.store.outcomes.totals("flights"):
            found[line.outcome.value] += line.number
        return dict(found)

    def scored(self) -> Scored | None:
        found = self.store.performance.series("flights", "1", 0, 1 << 40, 1 << 41)
        return found[0] if found else None

    def counts(self, *, before: bool = False) -> list[int]:
        found = self.scored()
        assert found is not None
        counts = found.before if before else found.counts
        assert counts is not None
        return counts.tolist()

    def close(self) -> None:
        self.worker.close()
        self.store.close()


@pytest.fixture
def joining(tmp_path: Path) -> Iterator[Joining]:
    made = Joining(tmp_path)
    yield made
    made.close()


def pairs_of(rows: pa.RecordBatch, labels: dict[str, str]) -> Pairs:
    """The pairs of those rows that have a label, in one pass."""
    ids = rows.column("prediction_id").to_pylist()
    places = [place for place, name in enumerate(ids) if name in labels]
    table = pa.Table.from_batches([rows]).select(["output.probability"]).take(pa.array(places, pa.int64()))
    return Pairs.of("binary", ("0", "1"), table, [labels[ids[place]] for place in places])


def rows_of_a_day(seed: int = 1, n: int = 40) -> pa.RecordBatch:
    return batch(START + np.sort(np.random.default_rng(seed).uniform(0, DAY, n)), seed=seed)


@pytest.mark.parametrize("steps", [False, True])
@pytest.mark.parametrize("labels_first", [False, True])
def test_labels_meet_their_predictions_in_either_order(joining: Joining, steps: bool, labels_first: bool) -> None:
    rows = rows_of_a_day()
    ids = rows.column("prediction_id").to_pylist()
    labels = {name: str(place % 2) for place, name in enumerate(ids[:30])}
    entries = [entry(rows), sent(*(item(name, float(value)) for name, value in labels.items()))]
    joining.take(*(entries[::-1] if labels_first else entries), steps=steps)
    found = joining.scored()
    assert found is not None
    assert joining.counts() == LAYOUT.tally(pairs_of(rows, labels)).counts.tolist()
    assert (found.rows, found.corrected, joining.outcomes()["joined"]) == (30, 0, 30)
    assert joining.store.parked.count("flights") == 0
    assert joining.outcomes().get("parked", 0) == (30 if steps and labels_first else 0)


def test_a_label_counts_in_the_bucket_of_its_prediction(joining: Joining) -> None:
    rows = batch([START + 100, START + 7200, START + 7300])
    joining.take(
        entry(rows), sent(*(item(name, 1.0, at=START + 9 * DAY) for name in rows.column("prediction_id").to_pylist()))
    )
    buckets = list(joining.store.performance.buckets("flights", "1", 0, 1 << 40))
    assert [(bucket.start, bucket.width, bucket.rows) for bucket in buckets] == [
        (START, 3600, 1),
        (START + 7200, 3600, 2),
    ]


def test_a_correction_revises_exactly_and_keeps_what_was_before(joining: Joining) -> None:
    rows = rows_of_a_day()
    ids = rows.column("prediction_id").to_pylist()
    joining.take(entry(rows), sent(*(item(name, 0.0) for name in ids)))
    before = joining.counts()
    joining.take(sent(*(item(name, 1.0, "correction") for name in ids[:10])))
    after = joining.scored()
    assert after is not None
    truth = {name: "1" if place < 10 else "0" for place, name in enumerate(ids)}
    assert joining.counts() == LAYOUT.tally(pairs_of(rows, truth)).counts.tolist()
    assert joining.counts(before=True) == before
    assert (after.rows, after.corrected) == (40, 10)
    label = joining.store.labels.get("flights", ids[:1])[ids[0], "label"]
    assert (label.text, label.revision) == ("1", 2)
    joining.take(sent(*(item(name, 0.0, "correction") for name in ids[:10])))
    assert joining.counts() == before


def test_what_says_the_same_or_the_opposite_again_changes_nothing(joining: Joining) -> None:
    rows = batch([START])
    (name,) = rows.column("prediction_id").to_pylist()
    joining.take(entry(rows), sent(item(name, 1.0)), sent(item(name, "true")), sent(item(name, 0.0)))
    assert joining.outcomes() == {"joined": 1, "repeated": 1, "conflicting": 1}
    assert joining.store.labels.get("flights", [name])[name, "label"].text == "1"


def test_a_value_that_the_model_cannot_have_is_in_no_metric(joining: Joining) -> None:
    rows = batch([START])
    (name,) = rows.column("prediction_id").to_pylist()
    joining.take(entry(rows), sent(item(name, "tuesday"), item(name, 7.0)))
    assert joining.outcomes() == {"wrong_value": 2}
    found = joining.scored()
    assert found is None or (found.rows, found.counts) == (0, None)


def test_a_failed_prediction_takes_a_label_that_counts_in_no_metric(joining: Joining) -> None:
    rows = batch([START, START + 1], failed=[0])
    bad, good = rows.column("prediction_id").to_pylist()
    joining.take(entry(rows), sent(item(bad, 1.0), item(good, 1.0)))
    assert joining.outcomes() == {"joined": 1, "not_scored": 1}
    joining.take(sent(item(bad, 0.0, "correction")))
    found = joining.scored()
    assert found is not None
    assert (found.rows, found.corrected) == (1, 0)


def test_rewards_and_decisions_are_kept_beside_labels(joining: Joining) -> None:
    rows = batch([START])
    (name,) = rows.column("prediction_id").to_pylist()
    joining.take(entry(rows), sent(item(name, 0.25, "reward"), item(name, "approve", "decision"), item(name, 1.0)))
    kept = joining.store.labels.get("flights", [name])
    assert {kind: label.value for (_, kind), label in kept.items()} == {
        "reward": 0.25,
        "decision": "approve",
        "label": "1",
    }
    found = joining.scored()
    assert found is not None
    assert (found.rows, found.reward_rows, found.reward_micros) == (1, 1, 250_000)


def test_an_unknown_prediction_waits_and_an_expired_one_does_not(joining: Joining) -> None:
    mint = PredictionIdMinter(np.random.default_rng(0).bytes).mint
    old, young = mint((START - 31 * DAY) * 1000), mint((START - DAY) * 1000)
    joining.take(sent(item(old, 1.0), item(young, 1.0)))
    assert joining.outcomes() == {"expired": 1, "parked": 1}
    (waits,) = joining.store.parked.overdue(START + 8 * DAY)
    assert (waits.target, waits.deadline) == (young, START + 7 * DAY)


def test_what_finds_no_room_to_wait_in_is_given_up(joining: Joining, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchkeeper.watch.joining.MOST_PARKED", 2)
    joining.take(*(sent(item(name, 1.0)) for name in "abc"), steps=True)
    assert joining.outcomes() == {"parked": 2, "unmatched": 1}
    assert joining.store.parked.count("flights") == 2


def test_feedback_that_makes_the_join_raise_costs_no_prediction(
    joining: Joining, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = batch([START])
    (name,) = rows.column("prediction_id").to_pylist()
    joining.take(sent(item(name, 1.0)))

    def broken(*_: object) -> None:
        raise ArithmeticError

    with monkeypatch.context() as patch:
        patch.setattr("watchkeeper.watch.joining.settle", broken)
        joining.take(entry(rows), sent(item("other", 1.0)))
    assert joining.store.records.count("flights") == 1
    assert [letter.kind for letter in joining.store.dead_letters.find()] == ["feedback"]
    assert joining.store.parked.count("flights") == 1


def own(rows: pa.RecordBatch, names: Sequence[str | None], ids: Sequence[str]) -> pa.RecordBatch:
    """`rows` under the callers' own IDs `names` and prediction IDs `ids`."""
    for column, values in (("request_id", names), ("prediction_id", ids)):
        place = rows.schema.get_field_index(column)
        rows = rows.set_column(place, rows.schema.field(place), pa.array(values, pa.string()))
    return rows


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_the_callers_own_id_and_row_name_a_prediction(joining: Joining, order: list[int]) -> None:
    rows = own(batch([START] * 4), ["order-7"] * 3 + ["order-8"], ["a:0", "a:1", "a:2", "b"])
    entries = [
        entry(rows),
        sent(item("", 1.0, request_id="order-7", row=1), item("", 0.0, request_id="order-8")),
    ]
    joining.take(*(entries[place] for place in order), steps=True)
    assert {key[0] for key in joining.store.labels.get("flights", ["a:0", "a:1", "a:2", "b"])} == {"a:1", "b"}


def test_an_own_id_of_several_requests_is_ambiguous(joining: Joining) -> None:
    joining.take(entry(own(batch([START] * 2), ["twice", "twice"], ["a", "b"])))
    joining.take(sent(item("", 1.0, request_id="twice")))
    assert joining.outcomes() == {"ambiguous": 1}


@pytest.mark.parametrize("steps", [False, True])
def test_rows_far_down_a_large_entry_came_before_the_feedback_behind_it(joining: Joining, steps: bool) -> None:
    n = ROWS_AN_ENTRY + 1000
    rows = own(batch([START] * n), ["twice", *(f"r{k}" for k in range(n - 2)), "twice"], [f"p{k}" for k in range(n)])
    joining.take(entry(rows), sent(item("", 1.0, request_id="twice")), steps=steps)
    assert joining.outcomes() == {"ambiguous": 1}


def test_a_weight_follows_from_the_chance_of_being_chosen(joining: Joining) -> None:
    rows = batch([START])
    (name,) = rows.column("prediction_id").to_pylist()
    joining.take(entry(rows), sent(item(name, 1.0, probability=0.25)))
    assert float(LAYOUT.cells.weight(np.array(joining.counts()))) == 4.0


def test_delays_are_told_by_the_clock_or_in_a_replay_by_the_events(joining: Joining) -> None:
    live = batch([START], seed=1)
    replayed = batch([START], seed=2, receive=START + 400.0 * DAY)
    names = [rows.column("prediction_id").to_pylist()[0] for rows in (live, replayed)]
    later = START + 400 * DAY
    joining.take(entry(live), entry(replayed), sent(item(names[0], 1.0, at=START + 3600.0)))
    joining.take(sent(item(names[1], 1.0, at=later, event_time=int((START + 60) * 1e6))))
    found = joining.scored()
    assert found is not None
    assert found.delays is not None
    delays = DelayLayout(("0", "1")).delays(found.delays)
    upper = EDGES[np.flatnonzero(delays[1]) + 1]
    assert delays.sum() == 2
    assert 60 < upper[0] < 100
    assert 3600 < upper[1] < 4600


def said(name: str, value: str, kind: str) -> Feedback:
    """Each value is said by a source of the same name, so that a withdrawal may meet it or not."""
    return item(name, value, kind, source=value)


LABELS = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from(["0", "1"]), st.sampled_from(["label", "correction", "withdrawal"])),
    max_size=14,
)


@pytest.mark.parametrize("steps", [False, True])
def test_what_a_source_said_is_taken_back_exactly(tmp_path: Path, steps: bool) -> None:
    rows = rows_of_a_day()
    ids = rows.column("prediction_id").to_pylist()
    good = [item(name, place % 2, source="good", at=START + DAY) for place, name in enumerate(ids[:20])]
    good += [item(name, 0.25, "reward", source="good") for name in ids[:5]]
    bad = [item(name, (place + 1) % 2, source="bad", at=START + 2.0 * DAY) for place, name in enumerate(ids[20:])]
    bad += [item(name, -3.5, "reward", source="bad", at=START + DAY) for name in ids[20:30]]
    back = [item(name, "bad", "withdrawal", source="clean-up", at=START + 3.0 * DAY) for name in ids]
    clean, spoilt = Joining(tmp_path / "clean"), Joining(tmp_path / "spoilt")
    clean.take(entry(rows), sent(*good))
    spoilt.take(sent(*bad), entry(rows), sent(*good), sent(*back[:25]), sent(*back[25:]), steps=steps)
    one, other = clean.scored(), spoilt.scored()
    assert one is not None
    assert one.delays is not None
    assert other is not None
    assert other.delays is not None
    assert clean.counts() == spoilt.counts()
    assert one.delays.tolist() == other.delays.tolist()
    assert (one.rows, one.reward_rows, one.reward_micros) == (other.rows, other.reward_rows, other.reward_micros)
    both = {name: str((place + (place >= 20)) % 2) for place, name in enumerate(ids)}
    assert spoilt.counts(before=True) == LAYOUT.tally(pairs_of(rows, both)).counts.tolist()
    assert clean.store.labels.get("flights", ids).keys() == spoilt.store.labels.get("flights", ids).keys()
    assert (spoilt.outcomes()["withdrawn"], spoilt.outcomes()["conflicting"]) == (20, 20)
    clean.close()
    spoilt.close()


@settings(max_examples=5, deadline=None)
@given(labels=LABELS, place=st.integers(0, 14), cuts=st.sets(st.integers(0, 15)))
def test_how_the_stream_is_cut_into_steps_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, labels: list[tuple[int, str, str]], place: int, cuts: set[int]
) -> None:
    rows = batch(START + np.arange(6) * 5000.0)
    ids = rows.column("prediction_id").to_pylist()
    stream: list[Entry] = [sent(said(ids[row], value, kind)) for row, value, kind in labels]
    stream.insert(min(place, len(stream)), entry(rows))
    results = []
    for split in (set(), cuts):
        joining = Joining(tmp_path_factory.mktemp("cut"))
        lots: list[list[Entry]] = [[]]
        for number, one in enumerate(stream):
            lots[-1].append(one)
            if number in split:
                lots.append([])
        for lot in lots:
            joining.take(*lot)
        results.append(
            (
                Counter(joining.outcomes()) - Counter({"parked": joining.outcomes().get("parked", 0)}),
                {key: (label.text, label.revision) for key, label in joining.store.labels.get("flights", ids).items()},
                [
                    (b.start, b.counts.tolist(), b.rows, b.corrected, None if b.before is None else b.before.tolist())
                    for b in joining.store.performance.buckets("flights", "1", 0, 1 << 40)
                    if b.counts is not None
                ],
            )
        )
        joining.close()
    assert results[0] == results[1]


WORDS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(["0", "1"]),
        st.sampled_from(["label", "correction", "reward"]),
        st.sampled_from(["bad", "good", "fair"]),
    ),
    max_size=16,
)


def state(joining: Joining, ids: Sequence[str]) -> tuple[object, ...]:
    """All that metrics are made of."""
    found = joining.scored() or Scored(0, 1)
    return (
        {
            key: (one.value, one.revision, one.source, one.arrived_at)
            for key, one in joining.store.labels.get("flights", ids).items()
        },
        None if found.counts is None or not found.counts.any() else found.counts.tolist(),
        None if found.delays is None or not found.delays.any() else found.delays.tolist(),
        (found.rows, found.reward_rows, found.reward_micros),
    )


@settings(max_examples=5, deadline=None, phases=[Phase.generate])
@given(words=WORDS, place=st.integers(0, 16), cuts=st.sets(st.integers(0, 16)))
def test_after_a_withdrawal_it_is_as_if_the_source_had_been_silent(
    tmp_path_factory: pytest.TempPathFactory, words: list[tuple[int, str, str, str]], place: int, cuts: set[int]
) -> None:
    rows = own(batch(START + np.arange(4) * 5000.0), [None, None, "o", "o"], ["a", "b", "c:0", "c:1"])
    ids = ["a", "b", "c:0", "c:1"]
    items = [
        item(
            ids[row] if row < 2 or number % 2 else "",
            float(value) if kind == "reward" else value,
            kind,
            source=source,
            at=START + 60.0 * number,
            **({} if row < 2 or number % 2 else {"request_id": "o", "row": row - 2}),
        )
        for number, (row, value, kind, source) in enumerate(words)
    ]
    results = []
    for silent in (False, True):
        joining = Joining(tmp_path_factory.mktemp("silence"))
        stream = [sent(one) for one in items if not (silent and one.source == "bad")]
        stream.insert(min(place, len(stream)), entry(rows))
        if not silent:
            stream.append(sent(*(item(name, "bad", "withdrawal", at=START + DAY) for name in ids)))
        lots = [[one] for one in stream] if not cuts else [stream[: min(cuts)], stream[min(cuts) :]]
        for lot in lots:
            joining.take(*lot)
        results.append(state(joining, ids))
        joining.close()
    assert results[0] == results[1]


@settings(max_examples=5, deadline=None, phases=[Phase.generate])
@given(
    stream=st.lists(st.sampled_from(["p", "q", "1", "0", "correction"]), min_size=2, max_size=8),
    cuts=st.sets(st.integers(0, 8)),
)
def test_which_prediction_an_own_id_means_does_not_depend_on_the_cut(
    tmp_path_factory: pytest.TempPathFactory, stream: list[str], cuts: set[int]
) -> None:
    entries: list[Entry] = []
    ids: list[str] = []
    for number, what in enumerate(stream):
        if what in "pq":
            rows = own(batch([START + 5000.0 * (9 - number)], seed=number), ["twice"], [f"{what}{number}"])
            ids.append(f"{what}{number}")
            entries.append(entry(rows))
        else:
            kind, value = ("label", what) if what in "01" else ("correction", "1")
            entries.append(sent(item("", value, kind, request_id="twice", at=START + 60.0 * number)))
    results = []
    for split in (set(range(8)), cuts):
        joining = Joining(tmp_path_factory.mktemp("own"))
        lots: list[list[Entry]] = [[]]
        for number, one in enumerate(entries):
            lots[-1].append(one)
            if number in split:
                lots.append([])
        for lot in lots:
            joining.take(*lot)
        outcomes = joining.outcomes()
        outcomes.pop("parked", 0)
        results.append((state(joining, ids), outcomes))
        joining.close()
    assert results[0] == results[1]


def test_what_waits_is_taken_back_before_its_prediction_comes(joining: Joining) -> None:
    rows = batch([START])
    (name,) = rows.column("prediction_id").to_pylist()
    joining.take(sent(item(name, 1.0, source="bad")), sent(item(name, 0.0, source="good")), steps=True)
    (waits,) = joining.store.parked.said_by("flights", "bad")
    joining.take(sent(item(waits.feedback.prediction_id, "bad", "withdrawal")), entry(rows), steps=True)
    assert joining.store.labels.get("flights", [name])[name, "label"].text == "0"
    assert joining.store.parked.count("flights") == 0


def test_a_withdrawal_opens_the_request_that_the_label_had_answered(joining: Joining) -> None:
    rows = batch([START])
    (name,) = rows.column("prediction_id").to_pylist()
    asked = LabelRequest(
        prediction_id=name, version="1", window_start=START, window_end=START + DAY, rows=1, probability=1.0,
        reason="sample", why="", asked_at=float(START), deadline=START + 9.0 * DAY, changed_at=float(START),
    )  # fmt: skip
    joining.store.label_requests.add("flights", [asked])
    joining.take(entry(rows), sent(item(name, 1.0, source="bad")))
    joining.store.label_requests.settle("flights", float(START))
    assert joining.store.label_requests.counts("flights") == {Asked.ANSWERED: 1}
    joining.take(sent(item(name, "bad", "withdrawal")))
    assert joining.store.label_requests.counts("flights") == {Asked.OPEN: 1}


def test_every_piece_of_feedback_has_one_outcome(joining: Joining) -> None:
    """Stored feedback = what became of it in the end + what still waits."""
    rng = np.random.default_rng(4)
    rows = rows_of_a_day()
    ids = [*rows.column("prediction_id").to_pylist(), "nobody-1", "nobody-2"]
    some: list[Feedback] = [
        item(str(rng.choice(ids)), float(rng.integers(0, 3)), str(rng.choice(["label", "correction", "reward"])))
        for _ in range(200)
    ]
    joining.take(sent(*some[:100]), entry(rows), sent(*some[100:]), steps=True)
    ended = Counter(joining.outcomes())
    ended.pop(Outcome.PARKED.value, None)
    stored = {line.kind: line.stored for line in joining.store.losses.intake()}
    assert stored["feedback"] == sum(ended.values()) + joining.store.parked.count("flights") == 200


def partly(values: Sequence[tuple[str | None, float | None]], first: int) -> pa.RecordBatch:
    """Rows with these decisions and probabilities, two minutes apart; the first is number `first`."""
    rows = batch(START + 120.0 * (first + np.arange(len(values))), version="2", seed=first)
    place = rows.schema.get_field_index("output.probability")
    scores = pa.array([score for _, score in values], pa.float64())
    rows = rows.set_column(place, rows.schema.field(place), scores)
    return rows.append_column("output.label", pa.array([label for label, _ in values], pa.string()))


OUTPUTS = st.tuples(st.sampled_from([None, "0", "1", "z"]), st.sampled_from([None, 0.1, 0.8]))


@settings(max_examples=6, deadline=None, phases=[Phase.generate])
@given(
    values=st.lists(OUTPUTS, min_size=12, max_size=12),
    cuts=st.lists(st.integers(1, 8), max_size=4, unique=True).map(sorted),
)
def test_whether_a_row_is_scored_does_not_depend_on_its_neighbours(
    tmp_path_factory: pytest.TempPathFactory, values: list[tuple[str | None, float | None]], cuts: list[int]
) -> None:
    values = [(None, None), ("1", None), (None, 0.8), *values]
    batches = [partly(values[first : first + 3], first) for first in range(0, len(values), 3)]
    ids = [name for rows in batches for name in rows.column("prediction_id").to_pylist()]
    entries = [*map(entry, batches), *(sent(*(item(name, 1.0) for name in ids[k::3])) for k in range(3))]
    found = {str(ends): outcome(tmp_path_factory.mktemp("cut"), entries, ends) for ends in ([], cuts, [*range(1, 8)])}
    assert len({str(one) for one in found.values()}) == 1
    counts, said, rows = found["[]"]
    scored = [(label, score) for label, score in values if score is not None and label != "z"]
    assert rows == sum(said) == len(scored)
    decided = sum(label == "1" or (label is None and score == 0.8) for label, score in scored)
    assert LAYOUT.decisions(np.array(counts)).tolist() == [[0, 0], [len(scored) - decided, decided]]


def outcome(folder: Path, entries: list[Entry], cuts: Sequence[int]) -> tuple[list[int], list[int], int]:
    """(counts of labels, what was said, labelled rows) once `entries` came in steps that end after `cuts`."""
    joining = Joining(folder)
    both = (Feature(name="label", type=FeatureType.CATEGORICAL, categories=("0", "1")), *SCHEMA.outputs)
    first = joining.store.versions.version("flights", "1")
    schema = msgspec.structs.replace(SCHEMA, outputs=both)
    joining.store.versions.register(msgspec.structs.replace(first, version="2", schema=schema))
    for begin, end in zip([0, *cuts], [*cuts, len(entries)], strict=True):
        joining.take(*entries[begin:end])
    (scored,) = joining.store.performance.series("flights", "2", 0, 1 << 40, 1 << 41, said=True)
    assert scored.counts is not None
    assert scored.said is not None
    joining.close()
    return scored.counts.tolist(), scored.said.ravel().tolist(), scored.rows
