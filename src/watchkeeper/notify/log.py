"""Writes a notice as one line of JSON: the sender that needs nothing."""

from __future__ import annotations

from collections.abc import Callable

from watchkeeper.notify.sender import DeliveryError, Parcel


class LogLine:
    """A sender. `write` takes one line without its end (`logging.info`, `print`, a list's append)."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write

    def __call__(self, parcel: Parcel) -> None:
        try:
            self._write(parcel.body.replace("\n", " "))
        except (OSError, ValueError) as error:
            raise DeliveryError(f"The log cannot be written ({type(error).__name__}).") from error
