"""How long each sequential detector runs before it alarms on a stream in which nothing changes.

`python -m bench.run_length [--streams 100] [--only NAME …]`: seeded, so that the figures in the docstrings can be made
again. Streams of 10,000 independent values; a detector starts anew after each alarm. The run length is the number of
values over the number of alarms, with a 95 % interval from the exact Poisson limits of that number.

A second table says how soon the two e-detectors, whose run length is promised, find a change (200 streams).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy import stats

from watchkeeper.detectors.streams.betting import Betting
from watchkeeper.detectors.streams.cusum import Cusum
from watchkeeper.detectors.streams.registry import STREAM_DETECTORS, Takes
from watchkeeper.detectors.streams.signal import Stream
from watchkeeper.detectors.streams.window_shift import WindowShift
from watchkeeper.tallies.tally import FloatArray

LENGTH = 10_000
SEED = 20_260_101
BEFORE = 2_000

Law = Callable[[np.random.Generator], FloatArray]
Start = Callable[[np.random.Generator], Stream]


def errors(rate: float) -> Law:
    """Errors, 0 or 1, at a rate."""
    return lambda rng: (rng.random(LENGTH) < rate).astype(np.float64)


def gaussian(rng: np.random.Generator) -> FloatArray:
    """Standard normal values."""
    return rng.normal(size=LENGTH)


def uniform(rng: np.random.Generator) -> FloatArray:
    """Values even between 0 and 1."""
    return rng.random(LENGTH)


LAWS: dict[Takes, dict[str, Law]] = {
    Takes.NUMBERS: {"Bernoulli(0.1)": errors(0.1), "gaussian": gaussian, "uniform": uniform},
    Takes.ERRORS: {"Bernoulli(0.1)": errors(0.1)},
    Takes.LOSSES: {"Bernoulli(0.1)": errors(0.1), "Bernoulli(0.11), the boundary": errors(0.11)},
    Takes.Z_SCORES: {"gaussian": gaussian},
}
VARIANTS: dict[str, Start] = {
    "cusum h=4": lambda _: Cusum(h=4).start(),
    "cusum h=4 up": lambda _: Cusum(h=4, direction="up").start(),
    "window_shift floor=.1": lambda _: WindowShift(floor=0.1).start(),
}


@dataclass(frozen=True)
class Tried:
    """Alarms over so many streams."""

    streams: int
    alarms: int
    alarmed: int

    def words(self) -> str:
        values = self.streams * LENGTH
        low = stats.chi2.ppf(0.975, 2 * self.alarms + 2) / 2
        high = stats.chi2.ppf(0.025, 2 * self.alarms) / 2 if self.alarms else 0.0
        length = f"{values / self.alarms:,.0f}" if self.alarms else "none"
        most = f"{values / high:,.0f}" if high else "no limit"
        return f"{length} | {values / low:,.0f} – {most} | {self.alarms} | {self.alarmed} of {self.streams}"


def tried(start: Start, law: Law, streams: int) -> Tried:
    """Run so many streams."""
    counts = [alarms(start, law, np.random.default_rng([SEED, number])) for number in range(streams)]
    return Tried(streams, sum(counts), sum(count > 0 for count in counts))


def alarms(start: Start, law: Law, rng: np.random.Generator) -> int:
    """Alarms on one stream."""
    values = law(rng).tolist()
    state = start(rng)
    return sum(state.update(value).alarm for value in values)


def cases() -> Iterator[tuple[str, Start, str, Law]]:
    """Every detector on every law that it takes."""
    for name, detector in STREAM_DETECTORS.items():
        for law_name, law in LAWS[detector.takes].items():
            yield name, detector.start, law_name, law
    for name, start in VARIANTS.items():
        yield name, start, "gaussian", gaussian


def errors_that_rise(to: float) -> Law:
    """2,000 errors at rate 0.1, then at rate `to`."""
    return lambda rng: (rng.random(LENGTH) < np.where(np.arange(LENGTH) < BEFORE, 0.1, to)).astype(np.float64)


def windows_that_shift(sds: float) -> Law:
    """Rank shifts of windows of 1,000 rows, in sampling errors, against a reference of 10,000 that is itself off."""
    return lambda rng: rng.normal(rng.normal(0, np.sqrt(0.1)) + sds * RANK_SHIFT / ERROR, 1, LENGTH)


ERROR = np.sqrt(1 / 12 / 1000)  # of a mean rank of 1,000 rows
RANK_SHIFT = 0.2821  # of a normal value moved by a small share of its standard deviation: 1 / (2 sqrt(pi))
FEATURES = WindowShift(
    floor=0.01 / ERROR,
    reference_error=np.sqrt(0.1),
    sizes=tuple(size / ERROR for size in (0.01, 0.02, 0.04, 0.08)),
    run_length=720,
    features=100,
)
DELAYS: dict[str, tuple[Start, Law, int]] = {
    **{
        f"betting, errors 10 % to {to:.0%}, run length 100,000": (
            lambda _: Betting().start(),
            errors_that_rise(to),
            BEFORE,
        )
        for to in (0.15, 0.2, 0.3)
    },
    **{
        f"window_shift, {sds} sd, windows of 1,000, 100 features": (
            lambda _: FEATURES.start(),
            windows_that_shift(sds),
            0,
        )
        for sds in (0.05, 0.1, 0.2)
    },
}


def delay(start: Start, law: Law, before: int, rng: np.random.Generator) -> float:
    """Values from the change to the first alarm after it."""
    state = start(rng)
    for value in law(rng).tolist():
        signal = state.update(value)
        if signal.alarm and signal.position > before:
            return signal.position - before
    return np.inf


def delays() -> None:
    """Print the second table."""
    print("\n| change | median delay | nine in ten within |\n|---|---|---|")
    for name, (start, law, before) in DELAYS.items():
        found = [delay(start, law, before, np.random.default_rng([SEED, number])) for number in range(200)]
        print(f"| {name} | {np.median(found):,.0f} | {np.sort(found)[179]:,.0f} |", flush=True)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=100)
    parser.add_argument("--only", nargs="*", default=[])
    asked = parser.parse_args()
    print("| detector | values | mean run length | 95 % | alarms | streams that alarmed |\n|---|---|---|---|---|---|")
    for name, start, law_name, law in cases():
        if not asked.only or name.split()[0] in asked.only:
            print(f"| {name} | {law_name} | {tried(start, law, asked.streams).words()} |", flush=True)
    if not asked.only:
        delays()


if __name__ == "__main__":
    main()
