"""A gateway in a process of its own: `python -m tests.helpers.gateway_process FOLDER MODE`. Prints its port."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.helpers.serving import MIXED, PEPPER, catalogue, served
from watchkeeper.gateway.asgi import Gateway
from watchkeeper.gateway.infer import CaptureMode
from watchkeeper.gateway.proxy import ConsoleProxy
from watchkeeper.gateway.serve import Address, bind, run
from watchkeeper.journal.sqlite import SqliteJournal


def main(folder: Path, mode: str) -> None:
    """Serve `m` and `mixed` until a signal comes; the journal is in `folder`."""
    console = ConsoleProxy(folder / "console.sock")
    journal = SqliteJournal(folder / "journal.db")
    gateway = Gateway(journal, pepper=PEPPER, mode=CaptureMode(mode), console=console)
    gateway.publish(catalogue(served(), served("mixed", features=MIXED)))
    listener = bind(Address(port=0))
    print(listener.getsockname()[1], flush=True)  # noqa: T201 - the parent reads it
    run(gateway, listener, on_close=[console.close])
    journal.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
