"""What labels say of each window, from its mature blocks: the same whenever it is asked.

Windows are judged in eras of 40, counted from the epoch. A window's ordinary blocks are the first 20 mature ones since
two eras before its own began, and the sums of its judges run from there; so what is said of it depends on the labels of
the windows before it and on its own, never on when a pass ran or in which order windows matured.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from watchkeeper.detectors.finding import Finding
from watchkeeper.monitors.against import judge_against
from watchkeeper.monitors.against_reference import WINDOWS, against_reference
from watchkeeper.monitors.bias import judge_bias
from watchkeeper.monitors.harm import BlockLosses, judge_series
from watchkeeper.performance.losses import losses
from watchkeeper.performance.reference_performance import ReferencePerformance
from watchkeeper.watch.label_blocks import LabelBlocks, block_losses

ERA, BACK, ORDINARY = 40, 2, 20
Found = Iterator[tuple[int, Finding]]
"""A window's start, Unix seconds, and what is said of it."""


def era_of(start: int, width: int) -> int:
    """The start of the era that the window at `start` is in, Unix seconds."""
    return start // (ERA * width) * (ERA * width)


def harm_in(blocks: LabelBlocks, width: int, base: int) -> Found:
    """Harm seen, and bias, of every window from the era at `base` on, against ordinary ones of the same version."""
    for part, first in _eras(blocks, width, base):
        ordinary, later = part.first(ORDINARY), part.after(ORDINARY)
        after = int((later.starts < first).sum())
        if not len(later) - after:
            continue
        usual = block_losses(ordinary.losses)
        yield from _by_window(
            later, after, judge_series(block_losses(later.losses), usual, starts=later.starts, after=after)
        )
        if later.biases is not None and ordinary.biases is not None:
            said = judge_bias(block_losses(later.biases), block_losses(ordinary.biases), later.starts, after=after)
            yield from _by_window(later, after, said)


def ordinary_of(blocks: LabelBlocks, start: int, width: int) -> LabelBlocks:
    """The blocks that are ordinary for the window at `start`."""
    return blocks.since(era_of(start, width) - BACK * ERA * width).first(ORDINARY)


def harm_against(blocks: LabelBlocks, before: LabelBlocks, version: str, width: int, base: int) -> Found:
    """Harm against the last windows of `version`, `before`, of every window from the era at `base` on."""
    for part, first in _eras(blocks, width, base):
        after = int((part.starts < first).sum())
        said = judge_against(block_losses(part.losses), block_losses(before.losses), version, part.starts, after=after)
        yield from _by_window(part, after, said)


def harm_against_reference(blocks: LabelBlocks, known: ReferencePerformance, base: int) -> Found:
    """The level of every window from `base` on and the 19 before it, against that of the labelled reference."""
    reference = BlockLosses.of(*losses(known.layout, known.counts))
    for place in range(int(np.searchsorted(blocks.starts, base)), len(blocks)):
        recent = block_losses(blocks.losses[max(0, place + 1 - WINDOWS) : place + 1])
        finding = against_reference(recent, reference, in_sample=known.in_sample, timed=known.width is not None)
        if finding is not None:
            yield int(blocks.starts[place]), finding


def _eras(blocks: LabelBlocks, width: int, base: int) -> Iterator[tuple[LabelBlocks, int]]:
    """Of each era: its windows and those of the two before it, and when it begins."""
    length = ERA * width
    newest = int(blocks.starts[-1]) if len(blocks) else base - 1
    for first in range(base, newest + 1, length):
        yield blocks.since(first - BACK * length, first + length), first


def _by_window(blocks: LabelBlocks, after: int, findings: Sequence[Finding]) -> Found:
    yield from zip(blocks.starts[after:].tolist(), findings, strict=True)
