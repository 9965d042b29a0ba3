"""Does asking for a few labels find harm? Recall and precision of harmed blocks on real streams, two-stage and plain.

A model is trained on the past of each stream; calibration blocks say what its ordinary loss is; of every later block 20
random labels are taken, and more where the suspicion of harm leaves doubt, by the rules of `monitors/asking.py`. A
block is harmed where its whole error, of which only the sample is seen, is at least 1.2 times the ordinary mean and
beyond the mean plus 2 standard deviations. It is called harmed where the suspicion is 0.5 or more.

    python -m bench.label_asking --data DIR [--short]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.detection.harm import CALIBRATE, MONITOR, TRAIN, _matrix, errors
from bench.detection.setting import generator
from bench.detection.streams import Stream, load_stream, names
from watchkeeper.monitors.asking import AskPolicy, further_ask, worth_having
from watchkeeper.monitors.harm import BlockLosses
from watchkeeper.monitors.suspicion import Suspicion
from watchkeeper.tallies.tally import FloatArray

CALLED = 0.5
POLICIES = {
    "20, no more": AskPolicy(first=20, more=0),
    "20, then 80 in doubt": AskPolicy(first=20, more=80, most=100),
    "20, then labels_needed in doubt": AskPolicy(first=20, more=80, most=300),
    "100 always": AskPolicy(first=100, more=0),
}


@dataclass
class Tallied:
    """Blocks by what was true and what was said, and the labels that were spent."""

    right: int = 0
    missed: int = 0
    wrong: int = 0
    quiet: int = 0
    labels: int = 0

    @property
    def line(self) -> str:
        """Recall, precision, false alarms, and labels a block."""
        blocks = self.right + self.missed + self.wrong + self.quiet
        recall, precision = self.right / max(self.right + self.missed, 1), self.right / max(self.right + self.wrong, 1)
        vain = self.wrong / max(self.wrong + self.quiet, 1)
        return f"{recall:.2f} | {precision:.2f} | {vain:.3f} | {self.labels / max(blocks, 1):.0f} | {blocks}"


def episodes(stream: Stream, most: int) -> Iterator[list[FloatArray]]:
    """Errors of each row, block by block: calibration first, then what is monitored. At most `most` episodes."""
    if stream.label is None:
        return
    known = ~np.isnan(stream.label)
    features, label = _matrix(stream.features)[known], stream.label[known]
    block = np.unique(stream.times[known] // stream.block, return_inverse=True)[1]
    starts = range(TRAIN, int(block.max()) + 1 - CALIBRATE - 5, MONITOR)
    for start in list(starts)[:most]:
        error, own = errors(features, label, block < start), block[block >= start] - start
        inside = own < CALIBRATE + MONITOR
        cuts = np.flatnonzero(np.diff(own[inside])) + 1
        yield np.split(error[inside], cuts)


def judge(blocks: list[FloatArray], policy: AskPolicy, rng: np.random.Generator, into: Tallied) -> None:
    """Sample every monitored block as the product would, and count what was said of it."""
    before = blocks[:CALIBRATE]
    mean, rows = np.array([b.mean() for b in before]), np.array([float(len(b)) for b in before])
    level = float(mean.mean())
    suspicion = Suspicion(BlockLosses(mean, rows, level * (1 - level)))
    believed, needed = suspicion.start(), worth_having(suspicion)
    for error in blocks[CALIBRATE:]:
        order = rng.permutation(error)
        size = min(policy.first, len(order))
        after, doubt = suspicion.update(believed, float(order[:size].mean()), size, len(order))
        ask = further_ask(policy, doubt, asked=size, rows=len(order), needed=needed)
        if ask is not None:
            size = ask.size
            after, doubt = suspicion.update(believed, float(order[:size].mean()), size, len(order))
        believed = after
        into.labels += size
        harmed, called = bool(error.mean() >= suspicion.line), doubt >= CALLED
        into.right += harmed and called
        into.missed += harmed and not called
        into.wrong += called and not harmed
        into.quiet += not called and not harmed


def measure(data: Path | None, *, short: bool) -> tuple[dict[str, Tallied], dict[str, Tallied]]:
    """By policy over all streams, and of the two-stage policy by stream."""
    whole = {name: Tallied() for name in POLICIES}
    by_stream: dict[str, Tallied] = {}
    for name in names(data)[: 2 if short else None]:
        for place, blocks in enumerate(episodes(load_stream(name, data), 1 if short else 4)):
            for label, policy in POLICIES.items():
                for draw in range(1 if short else 3):
                    rng = generator(f"label asking {name}", 100 * place + draw)
                    judge(blocks, policy, rng, whole[label])
                    if label == "20, then 80 in doubt":
                        judge(
                            blocks,
                            policy,
                            generator(f"again {name}", 100 * place + draw),
                            by_stream.setdefault(name, Tallied()),
                        )
    return whole, by_stream


def main() -> None:
    parser = argparse.ArgumentParser(description="Does asking for a few labels find harm?")
    parser.add_argument("--data", type=Path, help="folder of streams that are not ours to ship")
    parser.add_argument("--short", action="store_true", help="two streams, one episode each")
    given = parser.parse_args()
    whole, by_stream = measure(given.data, short=given.short)
    print("| labels | recall | precision | false alarms | labels a block | blocks |\n|---|---|---|---|---|---|")
    for name, found in {**whole, **{f"two-stage: {name}": one for name, one in by_stream.items()}}.items():
        print(f"| {name} | {found.line} |")


if __name__ == "__main__":
    main()
