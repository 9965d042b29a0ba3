"""The store: one noun a field, one transaction for all of them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import sqlalchemy as sa

from watchkeeper.events.ids import PredictionIdMinter
from watchkeeper.store.alerts import Alerts
from watchkeeper.store.blobs import Blobs
from watchkeeper.store.database import Database
from watchkeeper.store.dead_letters import DeadLetters
from watchkeeper.store.estimates import Estimates
from watchkeeper.store.feedback_history import FeedbackHistory
from watchkeeper.store.feedback_ids import FeedbackIds
from watchkeeper.store.files import make_private
from watchkeeper.store.heartbeats import Heartbeats
from watchkeeper.store.keys import Keys
from watchkeeper.store.label_requests import LabelRequests
from watchkeeper.store.labelled_rows import LabelledRows
from watchkeeper.store.labels import Labels
from watchkeeper.store.lookup import Lookup
from watchkeeper.store.losses import Losses
from watchkeeper.store.migrate import migrate
from watchkeeper.store.outbox import Outbox
from watchkeeper.store.outcomes import Outcomes
from watchkeeper.store.parked import ParkedFeedback
from watchkeeper.store.performance import Performance
from watchkeeper.store.position import Positions
from watchkeeper.store.query import RecordQueries
from watchkeeper.store.records import Records
from watchkeeper.store.tallies import Tallies
from watchkeeper.store.verdicts import Verdicts
from watchkeeper.store.versions import Versions
from watchkeeper.store.windows import Windows


class Store:
    """Everything that is kept in one data directory. `with store.begin():` makes several writes one transaction."""

    def __init__(self, database: Database, data_dir: Path, mint: Callable[[], str]) -> None:
        self.data_dir = data_dir
        self._database = database
        self.blobs = Blobs(data_dir / "blobs" / "sha256")
        self.versions = Versions(database)
        self.tallies = Tallies(database)
        self.windows = Windows(database)
        self.records = Records(database, data_dir, mint)
        self.queries = RecordQueries(self.records)
        self.lookup = Lookup(self.records)
        self.feedback_history = FeedbackHistory(self.records)
        self.keys = Keys(self.records)
        self.feedback_ids = FeedbackIds(database)
        self.labels = Labels(database)
        self.label_requests = LabelRequests(database, self.records)
        self.labelled_rows = LabelledRows(database, self.records)
        self.parked = ParkedFeedback(database)
        self.outcomes = Outcomes(database)
        self.performance = Performance(database)
        self.estimates = Estimates(database)
        self.verdicts = Verdicts(database)
        self.alerts = Alerts(database)
        self.outbox = Outbox(database)
        self.losses = Losses(database)
        self.dead_letters = DeadLetters(database)
        self.heartbeats = Heartbeats(database)
        self.positions = Positions(database)

    def begin(self) -> AbstractContextManager[sa.Connection]:
        """One transaction for every noun used inside it, in this thread: all of it is kept, or nothing."""
        return self._database.begin()

    def afterwards(self, done: Callable[[], None]) -> None:
        """Call `done` once the open transaction has committed."""
        self._database.afterwards(done, lambda: None)

    def read(self) -> AbstractContextManager[sa.Connection]:
        """A connection that sees one snapshot, for a query that no noun has."""
        return self._database.read()

    def close(self) -> None:
        """Release the files."""
        self.queries.close()
        self.keys.close()
        self._database.close()


def open_store(data_dir: Path) -> Store:
    """The store in `data_dir`, made or brought to this version's schema first.

    Raises Conflict if a newer version wrote it, Unavailable if it is damaged or cannot be written.
    """
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    data_dir = data_dir.resolve()
    make_private(data_dir / "state.db")
    database = Database(data_dir / "state.db")
    migrate(database)
    minter = PredictionIdMinter(os.urandom)
    return Store(database, data_dir, lambda: minter.mint(int(time.time() * 1000)))
