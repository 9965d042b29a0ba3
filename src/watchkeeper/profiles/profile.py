"""A profile: what a table looks like, as tallies in one small file.

It holds the schema, the bins and the exact counts of every column, in all and for each stretch of time if there is a
time column; no rows. Profiles on the same bins add: those of the parts of a table, built `like` one profile on any
machines and merged in any order, are the profile of the whole, bit for bit. A profile stands for its table in
`compare`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from watchkeeper.compare.comparison import Comparison, compare
from watchkeeper.compare.meter import Progress
from watchkeeper.compare.profiling import counted_like, profiled
from watchkeeper.compare.sides import opened
from watchkeeper.events.errors import BadInput
from watchkeeper.profiles.merging import merged
from watchkeeper.reference.profile_file import SUFFIX, to_file
from watchkeeper.reference.reference import Reference


@dataclass(frozen=True, eq=False, repr=False)
class Profile:
    """A table as tallies. `rows` is how many it holds, `columns` their names.

    >>> first = Profile.build({"price": [9.5, 10.0, 11.2] * 50})
    >>> second = Profile.build({"price": [9.9, 10.4] * 50}, like=first)
    >>> first.merge(second)
    <Profile: 250 rows, 1 columns>
    """

    reference: Reference

    @classmethod
    def build(
        cls, data: Any, *, time: str | None = None, like: Profile | None = None, progress: Progress | None = None
    ) -> Profile:
        """Profile `data`: anything that `compare` takes, of any size.

        `time` names the column with each row's time; `like` is a profile whose bins are to be used, so that both can be
        merged and compared. Raises BadInput.
        """
        if like is None:
            return cls(profiled(data, time, progress))
        return cls(counted_like(like.reference, data, time, progress))

    def add(self, data: Any, *, time: str | None = None, progress: Progress | None = None) -> Profile:
        """The profile of these rows and those of `data`, on the same bins."""
        return self.merge(Profile.build(data, time=time, like=self, progress=progress))

    def merge(self, *others: Profile) -> Profile:
        """The profile of all rows of this and the `others`. Raises BadInput where their bins differ."""
        return Profile(merged([self.reference, *(other.reference for other in others)]))

    def diff(self, current: Any, *, time: str | None = None) -> Comparison:
        """What differs between this profile and `current`, a profile on its bins or a table."""
        return compare(self, current, time=time)

    def save(self, path: str | Path) -> None:
        """Write the file; the same bytes for the same profile. Raises BadInput where that is not possible."""
        target = Path(path)
        if target.suffix.lower() != SUFFIX:
            raise BadInput(f"A profile's file ends in {SUFFIX}, which {target} does not.", hint="Rename it.")
        try:
            target.write_bytes(to_file(self.reference))
        except OSError as error:
            raise BadInput(f"The profile {target} cannot be written: {error.strerror}.", hint="Check it.") from error

    @classmethod
    def load(cls, path: str | Path) -> Profile:
        """The profile in a file. Raises BadInput for one that is damaged, truncated or of another version."""
        source = Path(path)
        if source.suffix.lower() != SUFFIX:
            raise BadInput(f"A profile's file ends in {SUFFIX}, which {source} does not.", hint="Check the path.")
        held = opened(source)
        if not isinstance(held, Reference):
            raise BadInput(f"{source} holds no profile.")
        return cls(held)

    @property
    def rows(self) -> int:
        """How many rows were counted."""
        return self.reference.rows

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        return self.reference.schema.feature_names

    def __repr__(self) -> str:
        return f"<Profile: {self.rows:,} rows, {len(self.columns):,} columns>"
