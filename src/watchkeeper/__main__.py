"""`python -m watchkeeper` is the command `watchkeeper`."""

from __future__ import annotations

from watchkeeper.cli.main import main

if __name__ == "__main__":
    main(prog_name="watchkeeper")
