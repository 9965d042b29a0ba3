"""Estimates without labels beside NannyML's, on the same rows in the same run: against the truth, and timed.

The rows are NannyML's own synthetic car loans: 50,000 labelled reference rows, and 50,000 more whose labels only say
what was true, in chunks of 5,000. All learn from the reference and estimate six metrics of every chunk, from the rows
in memory on. The weighted form has the reference's rows and the tally of every chunk, both of which are made within the
time. The short form simulates rows and asks no peer.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.environments import CannotInstall, python_of
from bench.measure import Line, Table
from watchkeeper.events.inference import INPUT, OUTPUT
from watchkeeper.performance.estimate import Estimator, estimator
from watchkeeper.performance.feature_cells import FeatureCells
from watchkeeper.performance.layout import Layout, layout_for
from watchkeeper.performance.metric import Metric
from watchkeeper.performance.metrics import metrics
from watchkeeper.performance.pairs import Pairs
from watchkeeper.performance.said_counts import said_counts
from watchkeeper.performance.weighted_estimate import WeightedEstimator
from watchkeeper.reference.compiling import compile_reference
from watchkeeper.reference.reference import prefixed
from watchkeeper.schema.inference import infer_schema
from watchkeeper.schema.schema import Schema

PEER = Path(__file__).parent / "peers" / "nannyml_estimates.py"
METRICS = ("roc_auc", "f1", "precision", "recall", "specificity", "accuracy")
CHUNK, REPEATS, SIMULATED = 5_000, 5, 20_000
OURS, WEIGHTED, THEIRS = "Watchkeeper", "Watchkeeper, weighted", "NannyML"
ANSWERS, SCORE = ("y_pred", "repaid"), "y_pred_proba"
Way = Callable[[Layout, pa.Table, pa.Table], list[dict[str, Metric]]]


def run(*, short: bool, environments: Path) -> list[Table]:
    """The time of both, and how far their estimates lie from the truth."""
    with tempfile.TemporaryDirectory(prefix="bench-estimates-") as name:
        folder = Path(name)
        if short:
            return _tables(ours(*simulated(), repeats=1), None)
        try:
            theirs = asked(folder, environments)
        except CannotInstall as error:
            print(f"NannyML is not to be had: {error}")
            return []
        tables = [pq.read_table(folder / f"{part}.parquet") for part in ("reference", "analysis")]
        return _tables(ours(*tables, repeats=REPEATS), theirs)


def ours(reference: pa.Table, analysis: pa.Table, *, repeats: int) -> dict[str, dict[str, Any]]:
    """What is measured of each of our ways."""
    ways = {OURS: estimated, WEIGHTED: weighted}
    return {name: measured(way, reference, analysis, repeats=repeats) for name, way in ways.items()}


def measured(way: Way, reference: pa.Table, analysis: pa.Table, *, repeats: int) -> dict[str, Any]:
    """CPU and wall seconds of each repeat; estimates, the truth, and the share of intervals that held, by metric."""
    layout, times, cpu = layout_for("binary", ("0", "1")), [], []
    found: list[dict[str, Metric]] = []
    for _ in range(repeats):
        begun, used = time.perf_counter(), time.process_time()
        found = way(layout, reference, analysis)
        times.append(time.perf_counter() - begun)
        cpu.append(time.process_time() - used)
    truth = [metrics(layout, layout.tally(chunk).counts) for chunk in cut(pairs_of(analysis))]
    return {
        "seconds": times,
        "cpu": cpu,
        "estimated": {name: [one[name].value for one in found] for name in METRICS},
        "truth": {name: [one[name].value for one in truth] for name in METRICS},
        "held": {name: _held(found, truth, name) for name in METRICS},
    }


def estimated(layout: Layout, reference: pa.Table, analysis: pa.Table) -> list[dict[str, Metric]]:
    """Learn from the reference in blocks of a chunk's size, estimate every chunk: what is timed."""
    learned = learn(layout, pairs_of(reference))
    return [learned.metrics(said_counts(layout, chunk)) for chunk in cut(pairs_of(analysis))]


def weighted(layout: Layout, reference: pa.Table, analysis: pa.Table) -> list[dict[str, Metric]]:
    """The same, but weighted to rows like each chunk's, by its tally of all features and the score."""
    before, after = (named(table) for table in (reference, analysis))
    features = reference.drop_columns([*ANSWERS, SCORE])
    schema = Schema(features=infer_schema(features).features, outputs=infer_schema(reference.select([SCORE])).features)
    compiled = compile_reference(features, schema, outputs=reference.select([SCORE]), dependence=False)
    binning, past = compiled.binning, pairs_of(reference)
    cells = FeatureCells.of(binning, compiled.whole.counts)
    learned = WeightedEstimator(cells, before, past, learn(layout, past))
    bounds = np.append(np.arange(0, after.num_rows, CHUNK), after.num_rows)
    tallies = binning.tally_groups(after, bounds)
    profiles = [cells.profile_of(tally.counts)[0] for tally in tallies]
    chunks = zip(profiles, cut(pairs_of(analysis)), strict=True)
    return [learned.metrics(profile, said_counts(layout, chunk)) for profile, chunk in chunks]


def named(table: pa.Table) -> pa.Table:
    """Features and score as a reference's binning names them."""
    features = prefixed(table.drop_columns([*ANSWERS, SCORE]), INPUT)
    return features.append_column(OUTPUT + SCORE, table[SCORE])


def learn(layout: Layout, past: Pairs) -> Estimator:
    """What scores mean, from blocks of a chunk's size."""
    bounds = np.append(np.arange(0, len(past), CHUNK), len(past))
    counts = np.stack([tally.counts for tally in layout.tally_groups(past, bounds)])
    learned = estimator(layout, counts, [said_counts(layout, block) for block in cut(past)])
    assert learned is not None
    return learned


def pairs_of(table: pa.Table) -> Pairs:
    """Scores, decisions and labels of rows."""
    outputs = pa.table({"probability": table["y_pred_proba"], "label": table["y_pred"].cast("int64")})
    return Pairs.of("binary", ("0", "1"), outputs, table["repaid"].cast("int64"))


def cut(pairs: Pairs) -> list[Pairs]:
    """Chunks of 5,000 rows."""
    return [pairs.take(slice(first, first + CHUNK)) for first in range(0, len(pairs), CHUNK)]


def holds(guess: Metric, truth: Metric) -> bool:
    """Whether the interval holds the truth."""
    if guess.low is None or guess.high is None or truth.value is None:
        return False
    return guess.low <= truth.value <= guess.high


def _held(found: list[dict[str, Metric]], truth: list[dict[str, Metric]], name: str) -> float:
    """Of the chunks that were estimated."""
    both = zip(found, truth, strict=True)
    return float(np.mean([holds(a[name], b[name]) for a, b in both if a[name].value is not None]))


def simulated() -> tuple[pa.Table, pa.Table]:
    """A calibrated model's rows, and more of them after its input moved."""
    rng = np.random.default_rng(0)
    tables = []
    for shift in (0.0, 0.5):
        seen = rng.normal(shift, 1, SIMULATED)
        score = 1 / (1 + np.exp(-1.5 * seen))
        truth = rng.random(SIMULATED) < score
        tables.append(pa.table({"seen": seen, "y_pred_proba": score, "y_pred": (score > 0.5) * 1, "repaid": truth * 1}))
    return tables[0], tables[1]


def asked(folder: Path, environments: Path) -> dict[str, Any]:
    """NannyML's own run, which leaves the rows in `folder`."""
    answer = folder / "answer.json"
    command = [str(python_of("nannyml", environments)), str(PEER), str(folder), str(REPEATS), str(answer)]
    ours = {"PYTHONPATH", "VIRTUAL_ENV"}
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    subprocess.run(command, check=True, env=environment, cwd=PEER.parent)
    found: dict[str, Any] = json.loads(answer.read_text())
    return found


def _tables(own: Mapping[str, Mapping[str, Any]], theirs: Mapping[str, Any] | None) -> list[Table]:
    sides = {**own} | ({} if theirs is None else {THEIRS: theirs})
    truth = own[OURS]["truth"]
    lines = [
        Line(name=f"{side}, {what}", values=tuple(found[key]))
        for key, what in (("cpu", "CPU"), ("seconds", "wall"))
        for side, found in sides.items()
    ]
    errors = [
        Line(
            name=f"{name}, {side}",
            values=(_error(found, truth, name),),
            note=_note(found, name),
        )
        for name in METRICS
        for side, found in sides.items()
    ]
    rows = "simulated rows" if theirs is None else "50,000 + 50,000 rows, six metrics, ten chunks"
    return [
        Table(title=f"Performance estimated without labels: {rows}", unit="s", lines=tuple(lines)),
        Table(title="How far the estimates lie from the truth", unit="mean absolute error", lines=tuple(errors)),
    ]


def _note(found: Mapping[str, Any], name: str) -> str:
    """The share of intervals that held, and how many chunks were not estimated; of a peer nothing."""
    if "held" not in found:
        return ""
    refused = sum(value is None for value in found["estimated"][name])
    return f"intervals held {found['held'][name]:.0%}" + (f"; {refused} chunks refused" if refused else "")


def _error(found: Mapping[str, Any], truth: Mapping[str, Any], name: str) -> float:
    """Of the chunks that were estimated."""
    off = np.abs(np.array(found["estimated"][name], np.float64) - np.array(truth[name]))
    return float(np.nanmean(off))
