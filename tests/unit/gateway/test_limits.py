from __future__ import annotations

import msgspec

from watchkeeper.gateway.limits import Limits


def test_every_limit_is_positive_and_the_body_is_10_mib() -> None:
    assert all(value > 0 for value in msgspec.structs.asdict(Limits()).values())
    assert Limits().body_bytes == 10 * 1024 * 1024
