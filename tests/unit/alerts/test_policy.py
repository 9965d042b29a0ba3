"""The policy is frozen, and fires hard breaks at once by default."""

from __future__ import annotations

import pytest

from watchkeeper.alerts.policy import AlertPolicy


def test_defaults() -> None:
    policy = AlertPolicy()
    assert (policy.hard_for, policy.soft_for) == (1, 2)
    assert policy.memory > policy.keep_firing + policy.soft_for


def test_frozen() -> None:
    with pytest.raises(AttributeError):
        AlertPolicy().hard_for = 3  # type: ignore[misc]
