"""Every outcome has its policy in words."""

from watchkeeper.events.outcomes import POLICY, Outcome


def test_every_outcome_has_a_policy() -> None:
    assert set(POLICY) == set(Outcome)
    assert all(words.endswith(".") for words in POLICY.values())
