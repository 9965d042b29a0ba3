"""Moments of a sum of squares: what the null of "did anything move, over many scores at once" needs of the rows.

Let x be one row's d scores, centred and scaled, and D the difference of two samples' mean scores over the root of 1/n +
1/m. Then T = D'D is to first order a weighted sum of chi-squares whose weights are the eigenvalues of S = cov(x), and
its cumulants need only traces of powers of S. At small n rare levels make T's tail heavier. The next terms, of order
1/n, are sums over the partitions of {a,a}, {b,b}, {c,c} that connect them (McCullagh 1987):

    k1(T) = tr S
    k2(T) = 2 tr S^2 + f4 K4                               K4 = sum k(a,a,b,b)
    k3(T) = 8 tr S^3 + 12 f4 Q + f3 A                      Q  = sum S(a,b) k(a,b,c,c)
                                                           A  = 4 sum k(a,b,c)^2 + 6 sum_b (sum_a k(a,a,b))^2
    f4 = (n^-3 + m^-3) / (1/n + 1/m)^2,   f3 = (n^-2 - m^-2)^2 / (1/n + 1/m)^3

For the scores of Pearson's X2 these are Haldane's (1937). The largest eigenvalue is kept too, for the far tail. The
traces and sums are estimated without bias from sums over distinct rows,
so that many scores on few rows do not widen them.

McCullagh, *Tensor methods in statistics* (1987); Haldane, *The exact value of the moments of the distribution of chi
square*, Biometrika 29 (1937).
"""

from __future__ import annotations

import msgspec
import numpy as np

from watchkeeper.tallies.tally import FloatArray

_PAIRED = 1_000
_DIGITS = 7
_ITERATIONS = 60


class SquareMoments(msgspec.Struct, frozen=True):
    """The sums above, rounded to 7 digits so that a file does not depend on the order in which a machine adds."""

    trace: float
    trace_of_square: float
    trace_of_cube: float
    fourth: float
    fourth_along: float
    third_squared: float
    largest: float

    @classmethod
    def of(cls, rows: FloatArray) -> SquareMoments:
        """From `rows` (N, d), N at least 3: centred scores. Work grows with N d^2, and takes no d^3."""
        n = len(rows)
        length = np.einsum("ij,ij->i", rows, rows)
        covariance = rows.T @ rows / n
        along = rows @ covariance
        spread = np.einsum("ij,ij->i", rows, along)
        pairs, triples = n * (n - 1), n * (n - 1) * (n - 2)
        fourth, sixth = float((length**2).sum()), float((length**3).sum())
        trace = float(length.mean())
        square = max(n * float(spread.sum()) - fourth, 0.0) / pairs
        cube = n**2 * float(np.vdot(along, along)) - 3 * n * float(length @ spread) + 2 * sixth
        cube = min(max(cube / triples, square**2 / max(trace, 1e-300)), square**1.5)
        mean_fourth = (n * float(length @ spread) - sixth) / pairs
        lean = (float(np.square(length @ rows).sum()) - sixth) / pairs
        moments = (
            trace,
            square,
            cube,
            max(fourth / n - trace**2 - 2 * square, 0.0),
            max(mean_fourth - trace * square - 2 * cube, 0.0),
            max(4 * _mean_cube(rows) + 6 * lean, 0.0),
            min(_largest_eigenvalue(covariance), float(np.cbrt(cube))),
        )
        return cls(*(float(f"{value:.{_DIGITS}g}") for value in moments))

    def cumulants(self, n: FloatArray, m: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The second and third cumulant of T (...) for samples of `n` and `m` rows (...)."""
        spread = 1 / n + 1 / m
        f4 = (n**-3.0 + m**-3.0) / spread**2
        f3 = (n**-2.0 - m**-2.0) ** 2 / spread**3
        second = 2 * self.trace_of_square + f4 * self.fourth
        return second, 8 * self.trace_of_cube + 12 * f4 * self.fourth_along + f3 * self.third_squared


def _mean_cube(rows: FloatArray) -> float:
    """Mean of (x.y)^3 over pairs of at most 1,000 rows, evenly spaced."""
    some = rows[np.arange(min(_PAIRED, len(rows))) * len(rows) // min(_PAIRED, len(rows))]
    products = some @ some.T
    np.fill_diagonal(products, 0.0)
    return float(np.vdot(products * products, products)) / (len(some) * (len(some) - 1))


def _largest_eigenvalue(covariance: FloatArray) -> float:
    """By power iteration, from a start that favours no score."""
    direction, length = np.ones(len(covariance)), 0.0
    for _ in range(_ITERATIONS):
        direction = covariance @ (direction / max(float(np.linalg.norm(direction)), 1e-300))
        length = float(np.linalg.norm(direction))
    return length
