"""What a test on rows answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RowResult:
    """One test of `n` window rows against `m` reference rows.

    `p_value` is against *both are draws of one law*; None, with the reason in `note`, where the test cannot be
    computed: that is never the same as nothing found. `permutations` is how many the p-value rests on, 0 where it comes
    from theory; it can then not be below 1 / (permutations + 1). `note` holds what must be known to read it right.
    """

    test: str
    statistic: float | None
    p_value: float | None
    n: int
    m: int
    permutations: int = 0
    note: str = ""

    @property
    def computable(self) -> bool:
        """Whether there is an answer at all."""
        return self.p_value is not None
