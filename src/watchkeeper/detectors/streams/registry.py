"""Every sequential detector by name, at its defaults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from watchkeeper.detectors.streams.adwin import Adwin
from watchkeeper.detectors.streams.betting import Betting
from watchkeeper.detectors.streams.cusum import Cusum
from watchkeeper.detectors.streams.ddm import Ddm
from watchkeeper.detectors.streams.eddm import Eddm
from watchkeeper.detectors.streams.kswin import Kswin
from watchkeeper.detectors.streams.page_hinkley import PageHinkley
from watchkeeper.detectors.streams.signal import Stream
from watchkeeper.detectors.streams.window_shift import WindowShift


class Takes(StrEnum):
    """What the values of a stream are."""

    NUMBERS = "numbers"
    ERRORS = "errors"  # 0 or 1
    LOSSES = "losses"  # from 0 to 1
    Z_SCORES = "z scores"  # deviations from a known mean in known standard deviations


@dataclass(frozen=True, slots=True)
class StreamDetector:
    """`start` makes a state at the default parameters; only those that draw at random use the generator."""

    policy: type[Any]
    start: Callable[[np.random.Generator], Stream]
    takes: Takes
    two_sided: bool


STREAM_DETECTORS: dict[str, StreamDetector] = {
    "adwin": StreamDetector(Adwin, lambda _: Adwin().start(), Takes.NUMBERS, True),
    "page_hinkley": StreamDetector(PageHinkley, lambda _: PageHinkley().start(), Takes.NUMBERS, True),
    "ddm": StreamDetector(Ddm, lambda _: Ddm().start(), Takes.ERRORS, False),
    "eddm": StreamDetector(Eddm, lambda _: Eddm().start(), Takes.ERRORS, False),
    "kswin": StreamDetector(Kswin, lambda rng: Kswin().start(rng), Takes.NUMBERS, True),
    "cusum": StreamDetector(Cusum, lambda _: Cusum().start(), Takes.Z_SCORES, True),
    "betting": StreamDetector(Betting, lambda _: Betting().start(), Takes.LOSSES, False),
    "window_shift": StreamDetector(WindowShift, lambda _: WindowShift().start(), Takes.Z_SCORES, True),
}
