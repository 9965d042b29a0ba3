"""All that was ever said of some predictions, from the feedback files, in the order in which it was acknowledged."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from watchkeeper.events.feedback import ORDER, Feedback, complete, feedback_of
from watchkeeper.store.lookup import ID, REQUEST, matching
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
        wanted = {ID: sorted(set(ids)), REQUEST: sorted(set(request_ids))}
        first = "" if request_ids else wanted[ID][0]  # what names a request has no prediction ID
        parts = []
        for file in self._records.files(model, FEEDBACK, ids=(first, wanted[ID][-1])):
            parts += self._read(file, wanted)
        if not parts:
            return []
        table = pa.concat_tables(parts)
        order = table.column(ORDER.name).fill_null(-1)
        table = table.set_column(table.column_names.index(ORDER.name), ORDER, order)
        return feedback_of(table.sort_by([(ORDER.name, "ascending"), ("receive_time", "ascending")]))

    def _read(self, file: RecordFile, wanted: Mapping[str, Sequence[str]]) -> list[pa.Table]:
        try:
            with pq.ParquetFile(self._records.path(file)) as opened:
                names = [field.name for field in opened.schema_arrow]
                keys = [key for key in wanted if key in names and wanted[key]]
                found = [part for key in keys for part in matching(opened, key, wanted[key], names)]
        except (OSError, pa.ArrowException):
            _log.exception("Feedback file %s cannot be read: what it holds counts as never said.", file.path)
            return []
        return [pa.Table.from_batches([complete(batch) for batch in part.to_batches()]) for part in found]
