from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.judge import Judge, judge_window
from watchkeeper.monitors.row_null import NO_DEPENDENCE, UNLUCKY, RowNull
from watchkeeper.monitors.together import EVERYTHING, together_finding
from watchkeeper.reference.compiling import compile_reference
from watchkeeper.schema.inference import infer_schema
from watchkeeper.schema.schema import Schema


def table(rng: np.random.Generator, n: int, shift: float = 0.0) -> pa.Table:
    return pa.table({f"x{i}": rng.normal(shift, 1, n) for i in range(10)})


def told(n: int, shift: float, reference_rows: int = 3_000) -> Finding | None:
    rng = np.random.default_rng(1)
    before = table(rng, reference_rows)
    reference = compile_reference(before, infer_schema(before))
    now = table(rng, n, shift)
    counts = reference.binning.tally(now.rename_columns([f"input.{name}" for name in now.column_names])).counts[None]
    judged = RowNull.fit(reference).judge(counts, 1 / 720)
    return together_finding(
        judged, 0, statement=Statement.MOVED, found=Verdict.WARN, rows=n, reference_rows=reference_rows, notes=("so",)
    )


def test_a_shift_everywhere_is_told_with_its_size() -> None:
    finding = told(400, 0.16)
    assert finding is not None
    assert (finding.feature, finding.column, finding.detector) == (EVERYTHING, "", "omnibus")
    assert finding.verdict is Verdict.WARN
    assert finding.effect_low is not None
    assert finding.effect is not None
    assert finding.effect_high is not None
    assert 0 < finding.effect_low < finding.effect < finding.effect_high
    assert finding.floor == 0.02
    assert "standard deviations" in finding.sentence


def test_a_silence_says_what_it_could_have_seen() -> None:
    finding = told(400, 0.0)
    assert finding is not None
    assert (finding.verdict, finding.sentence, finding.note) == (Verdict.OK, "", "so")
    assert finding.smallest_effect == pytest.approx(0.1, abs=0.06)


def test_few_rows_are_not_enough_and_a_small_reference_has_no_finding() -> None:
    few = told(30, 0.5)
    assert few is not None
    assert few.verdict is Verdict.NOT_ENOUGH_DATA
    assert told(400, 0.0, reference_rows=500) is None


def test_a_monitor_without_reference_blocks_tells_it_of_every_window_as_a_warning_at_most() -> None:
    rng = np.random.default_rng(2)
    before = table(rng, 3_000)
    reference = compile_reference(before, infer_schema(before))
    windows = [table(rng, 400, 0.0), table(rng, 400, 0.11), table(rng, 4_000, 0.0)]
    counts = [reference.binning.tally(w.rename_columns([f"input.{n}" for n in w.column_names])).counts for w in windows]
    told = [
        next(f for f in verdict.findings if f.feature == EVERYTHING)
        for verdict in judge_window(reference, np.stack(counts))
    ]
    assert [finding.verdict for finding in told] == [Verdict.OK, Verdict.WARN, Verdict.OK]
    assert all(finding.statement is Statement.MOVED for finding in told)
    assert all(NO_DEPENDENCE in finding.note for finding in told)
    assert [UNLUCKY in finding.note for finding in told] == [False, False, True]


def test_a_models_outputs_are_judged_at_a_level_of_their_own() -> None:
    rng = np.random.default_rng(3)
    inputs, outputs = table(rng, 3_000), pa.table({"p": rng.random(3_000)})
    schema = Schema(features=infer_schema(inputs).features, outputs=infer_schema(outputs).features)
    reference = compile_reference(inputs, schema, outputs=outputs)
    null = Judge(reference).row_null
    assert null is not None
    assert null.score == ("output.p",)
    assert null.columns[-1] == "output.p"
    assert null.shares.score == 0.2
