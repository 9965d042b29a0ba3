from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.row_null import RowNull
from watchkeeper.monitors.together import EVERYTHING, together_finding
from watchkeeper.reference.compiling import compile_reference
from watchkeeper.schema.inference import infer_schema


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
