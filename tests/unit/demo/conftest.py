from __future__ import annotations

from tests.helpers.seeded import store

__all__ = ["store"]
