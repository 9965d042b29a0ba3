"""Alembic migrations of the state database, run by `store.migrate`."""
