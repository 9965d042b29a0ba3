"""All that was ever said of some predictions, from the feedback files, in the order in which it was acknowledged."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from watchkeeper.events.feedback import ORDER, Feedback, complete, feedback_of
from watchkeeper.store.records import FEEDBACK, RecordFile, Records

_log = logging.getLogger(__name__)


class FeedbackHistory:
    """Feedback by prediction. What was kept before its order was kept with it goes by the time it was received."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def of(self, model: str, ids: Sequence[str], request_ids: Sequence[str]) -> list[Feedback]:
        """Feedback on predictions `ids`, or by the caller's own IDs `request_ids`, in its order.

        A file that cannot be read is logged and left out.
        """
        if not ids:
            return []
        names = ["", *ids] if request_ids else list(ids)
        parts = []
        for file in self._records.files(model, FEEDBACK, ids=(min(names), max(names))):
            parts += self._read(file, pa.array(ids, pa.string()), pa.array(request_ids, pa.string()))
        if not parts:
            return []
        table = pa.concat_tables(parts)
        order = table.column(ORDER.name).fill_null(-1)
        table = table.set_column(table.column_names.index(ORDER.name), ORDER, order)
        return feedback_of(table.sort_by([(ORDER.name, "ascending"), ("receive_time", "ascending")]))

    def _read(self, file: RecordFile, ids: pa.Array, owns: pa.Array) -> list[pa.Table]:
        try:
            table = pq.read_table(self._records.path(file), partitioning=None)
        except (OSError, pa.ArrowException):
            _log.exception("Feedback file %s cannot be read: what it holds counts as never said.", file.path)
            return []
        found = pc.is_in(table.column("prediction_id"), value_set=ids)
        if len(owns) and "request_id" in table.column_names:
            found = pc.or_(found, pc.is_in(table.column("request_id"), value_set=owns))
        batches = [complete(batch) for batch in table.filter(found).combine_chunks().to_batches()]
        return [pa.Table.from_batches(batches)] if batches else []
