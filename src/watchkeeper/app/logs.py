"""Logs are lines of JSON on standard error: `at`, `level`, `process`, `logger`, `message`; `error`, a traceback.

A notice of an alert is in `notice`, as its receivers get it. Bodies, features and labels are never logged; whoever logs
passes names and numbers.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TextIO

NOTICE = "notice"
"""Field of a record (and of its line) that holds a notice of an alert."""


class JsonLines(logging.Formatter):
    """One record, one line: what a record holds of line ends and control characters is escaped by JSON."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": self._process,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if hasattr(record, NOTICE):
            line[NOTICE] = getattr(record, NOTICE)
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line)


def set_up_logs(process: str, level: str, stream: TextIO | None = None) -> None:
    """Send every log record of this process, of `level` or graver, to `stream` (standard error)."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines(process))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    # Libraries tell each request and each start at INFO, URLs included: a webhook's address may be a secret.
    for noisy in ("httpx", "httpcore", "uvicorn", "alembic", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
