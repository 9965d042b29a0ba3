"""Does the model age? Its main loss by time since it was trained.

Blocks of rows (days, say) are laid out by the model's age at their time. The rise per unit of age is the slope of a
least-squares line through block means, weighted by rows; its interval takes the block as the unit of evidence: Newey
and West's errors (1987), since neighbouring blocks resemble each other, and Student's t quantile. A season also moves
with age: a rise over less than a year may be one. Where several versions were retrained, pass the blocks of all of
them with their own ages, and seasons average out.
"""

from __future__ import annotations

import msgspec
import numpy as np
from scipy import special

from watchkeeper.tallies.tally import FloatArray

FEWEST = 8


class AgeBand(msgspec.Struct, frozen=True, kw_only=True):
    """Blocks of similar age: mean loss with interval (None with one block), from `start` to `end` in units of age."""

    start: float
    end: float
    blocks: int
    rows: int
    loss: float
    low: float | None
    high: float | None


class Staleness(msgspec.Struct, frozen=True, kw_only=True):
    """The curve, and the rise of the loss per unit of age with its interval; None and a note where it cannot be told.

    `fresh` is the line's loss at age 0. `crosses` is the age at which the line exceeds `allowed`, None if it does not.
    """

    bands: tuple[AgeBand, ...]
    rise: float | None = None
    low: float | None = None
    high: float | None = None
    fresh: float | None = None
    crosses: float | None = None
    note: str = ""


def staleness(
    age: FloatArray, mean: FloatArray, rows: FloatArray, *, bands: int = 6, allowed: float | None = None
) -> Staleness:
    """The ageing of a model from K blocks: `age` (K,) in any unit, `mean` (K,) and `rows` (K,) as losses() gives them.

    Blocks without rows are left out. Fewer than 8 blocks, or blocks of one age, give the curve only.
    """
    used = np.isfinite(mean) & (rows > 0)
    age, mean, rows = age[used], mean[used], rows[used]
    order = np.argsort(age, kind="stable")
    age, mean, rows = age[order], mean[order], rows[order]
    curve = _bands(age, mean, rows, bands)
    if len(age) < FEWEST or np.ptp(age) == 0:
        return Staleness(bands=curve, note=f"a trend takes {FEWEST} blocks of different age, there are {len(age)}")
    fresh, rise, error = _line(age, mean, rows)
    half = float(special.stdtrit(len(age) - 2, 0.975)) * error
    crosses = None
    if allowed is not None and rise > 0:
        crosses = max(0.0, (allowed - fresh) / rise)
    return Staleness(bands=curve, rise=rise, low=rise - half, high=rise + half, fresh=fresh, crosses=crosses)


def _bands(age: FloatArray, mean: FloatArray, rows: FloatArray, number: int) -> tuple[AgeBand, ...]:
    found = []
    for part in np.array_split(np.arange(len(age)), min(number, len(age)) or 1):
        if not part.size:
            continue
        weight = rows[part] / rows[part].sum()
        loss = float((weight * mean[part]).sum())
        half = None
        if len(part) > 1:
            variance = float((weight**2 * (mean[part] - loss) ** 2).sum()) * len(part) / (len(part) - 1)
            half = float(special.stdtrit(len(part) - 1, 0.975)) * float(np.sqrt(variance))
        found.append(
            AgeBand(
                start=float(age[part[0]]),
                end=float(age[part[-1]]),
                blocks=len(part),
                rows=round(rows[part].sum()),
                loss=loss,
                low=None if half is None else loss - half,
                high=None if half is None else loss + half,
            )
        )
    return tuple(found)


def _line(age: FloatArray, mean: FloatArray, rows: FloatArray) -> tuple[float, float, float]:
    """(value at age 0, slope, its Newey-West standard error) of the weighted least-squares line."""
    weight = rows / rows.sum()
    centre = float((weight * age).sum())
    offset = age - centre
    spread = float((weight * offset**2).sum())
    slope = float((weight * offset * mean).sum()) / spread
    middle = float((weight * mean).sum())
    score = weight * offset * (mean - middle - slope * offset)
    lags = int(np.floor(4 * (len(age) / 100) ** (2 / 9)))
    variance = float((score**2).sum())
    for lag in range(1, min(lags, len(age) - 1) + 1):
        variance += 2 * (1 - lag / (lags + 1)) * float((score[lag:] * score[:-lag]).sum())
    error = np.sqrt(max(variance, 0.0) * len(age) / (len(age) - 2)) / spread
    return middle - slope * centre, slope, float(error)
