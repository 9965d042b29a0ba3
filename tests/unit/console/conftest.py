from __future__ import annotations

from tests.helpers.seeded import asker, context, empty, store

__all__ = ["asker", "context", "empty", "store"]
