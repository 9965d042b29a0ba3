"""References on the same bins added into one: exact, in any order."""

from __future__ import annotations

from collections.abc import Sequence

from watchkeeper.events.errors import BadInput
from watchkeeper.reference.reference import Reference
from watchkeeper.tallies.tally import Tally, add_up


def merged(parts: Sequence[Reference]) -> Reference:
    """The reference of all rows of all `parts`.

    Where their buckets are of different widths, the widest is kept, for it holds the others. How columns move together
    is what the first part with that knowledge learned. Raises BadInput where bins differ, or only some have time.
    """
    first = parts[0]
    if any(part.binning.digest != first.binning.digest for part in parts):
        raise BadInput(
            "Profiles on different bins cannot be merged.",
            hint="Build the others with `watchkeeper profile build --like` of the first.",
        )
    timed = [part.block_width is not None for part in parts]
    if any(timed) and not all(timed):
        raise BadInput("Some of these profiles have time and others have none.", hint="Build all with `--time`.")
    width, blocks = _blocks(parts) if timed[0] else (None, {})
    size, extremes = first.binning.size, first.binning.extremes
    return Reference(
        schema=first.schema,
        binning=first.binning,
        whole=add_up((part.whole for part in parts), size, extremes),
        rows=sum(part.rows for part in parts),
        task=first.task,
        classes=first.classes,
        block_width=width,
        block_starts=tuple(blocks),
        blocks=tuple(blocks.values()),
        dependence=next((part.dependence for part in parts if part.dependence is not None), None),
    )


def _blocks(parts: Sequence[Reference]) -> tuple[int, dict[int, Tally]]:
    """The bucket width, and the tally of each bucket by its start, ascending."""
    width = max(part.block_width or 0 for part in parts)
    if any(width % (part.block_width or width) for part in parts):
        raise BadInput("The buckets of time of these profiles do not fit into each other.", hint="Build them alike.")
    found: dict[int, Tally] = {}
    for part in parts:
        for start, block in zip(part.block_starts, part.blocks, strict=True):
            key = start // width * width
            found[key] = found[key] + block if key in found else block
    return width, dict(sorted(found.items()))
