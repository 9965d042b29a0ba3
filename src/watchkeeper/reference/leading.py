"""The directions along which a reference's rows differ most: where a change of mix shows first.

When the mix of rows changes (more of one kind of customer), means move along the directions that tell the kinds apart,
and those are as a rule directions of large variance. With S the scores' correlation, D'SD weighs each principal
direction of a shift D by its variance; the few leading ones carry nearly all of it. Moments as in square_moments.py,
for the rows projected on them. Found by orthogonal iteration (Golub, Van Loan, *Matrix Computations*, 8.2.4), whose
work grows with d^2; from a fixed start, so that a file does not depend on the machine.
"""

from __future__ import annotations

import msgspec
import numpy as np

from watchkeeper.reference.square_moments import SquareMoments
from watchkeeper.tallies.tally import FloatArray

_KEPT, _SPARE, _ITERATIONS, _DIGITS = 12, 6, 40, 7


class Leading(msgspec.Struct, frozen=True):
    """`directions` (k, d), each of the length of its standard deviation; `moments` of |directions @ row|^2."""

    directions: tuple[tuple[float, ...], ...]
    moments: SquareMoments

    @classmethod
    def of(cls, rows: FloatArray) -> Leading | None:
        """From standardised `rows` (N, d); None where there are too few scores for a direction to lead."""
        if rows.shape[1] < 2:
            return None
        directions = _rounded(_directions(rows.T @ rows / len(rows)))
        projected = rows @ directions.T
        return cls(tuple(tuple(map(float, line)) for line in directions), SquareMoments.of(projected))


def _directions(covariance: FloatArray) -> FloatArray:
    """(k, d) leading eigenvectors times the root of their eigenvalues, the widest first."""
    d = len(covariance)
    block = np.linalg.qr(covariance @ np.cos(np.outer(np.arange(1, d + 1), np.arange(1, min(d, _KEPT + _SPARE) + 1))))[
        0
    ]
    for _ in range(_ITERATIONS):
        block = np.linalg.qr(covariance @ block)[0]
    lengths, turned = np.linalg.eigh(block.T @ covariance @ block)
    vectors = (block @ turned)[:, ::-1][:, :_KEPT].T
    signs = np.sign(vectors[np.arange(len(vectors)), np.abs(vectors).argmax(1)])
    found: FloatArray = vectors * signs[:, None] * np.sqrt(np.maximum(lengths[::-1][:_KEPT], 0.0))[:, None]
    return found


def _rounded(directions: FloatArray) -> FloatArray:
    """To 7 digits after the point: what comes after depends on the order in which a machine adds."""
    return np.round(directions, _DIGITS) + 0.0
