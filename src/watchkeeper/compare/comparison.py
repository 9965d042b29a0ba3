"""The public face of comparing: `compare` and the `Comparison` that it answers with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from watchkeeper.compare.attribution import Attribution
from watchkeeper.compare.by_blocks import compare_by_blocks
from watchkeeper.compare.by_rows import compare_by_rows
from watchkeeper.compare.document import comparison_document
from watchkeeper.compare.meter import Progress
from watchkeeper.compare.notebook import notebook_html
from watchkeeper.compare.row_tests import row_test_findings, row_test_names
from watchkeeper.compare.segment import Segments
from watchkeeper.compare.tables import two_sides
from watchkeeper.compare.where import where
from watchkeeper.detectors.embedding.registry import Asked
from watchkeeper.detectors.finding import Finding
from watchkeeper.events.verdict import Verdict, worst
from watchkeeper.reference.reference import Reference
from watchkeeper.report.comparison import comparison_html
from watchkeeper.tallies.tally import Tally


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """What differs between two tables. In a notebook it shows itself.

    `findings` has an entry for every detector and column, in the order of the columns; `reference` and `current` are
    the two tables as tallies over the same bins; `rows` counts the current table. `segments` says where columns moved,
    `attribution` which features carried the change of the score, where they were asked for; `notes` what could not be
    told.
    """

    findings: Sequence[Finding]
    reference: Reference
    current: Tally
    rows: int
    segments: tuple[Segments, ...] = ()
    attribution: Attribution | None = None
    notes: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The gravest verdict of all findings."""
        return worst(finding.verdict for finding in self.findings)

    @property
    def alarms(self) -> tuple[Finding, ...]:
        """The findings that alarm."""
        return tuple(finding for finding in self.findings if finding.verdict is Verdict.ALARM)

    def to_json(self) -> str:
        """One JSON object, by the published schema `watchkeeper.compare/1`."""
        return comparison_document(self)

    def to_html(self) -> str:
        """One self-contained page: no network, light and dark, a figure for each column."""
        return comparison_html(self)

    def _repr_html_(self) -> str:
        return notebook_html(self.verdict, self.findings, self.reference.rows, self.rows)

    def __repr__(self) -> str:
        counts = Counter(finding.verdict for finding in self.findings)
        told = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])
        return f"<Comparison: {self.verdict} ({self.rows:,} rows against {self.reference.rows:,}; findings: {told})>"


def compare(
    reference: Any,
    current: Any,
    *,
    time: str | None = None,
    score: str | None = None,
    importance: Mapping[str, float] | None = None,
    segments: Sequence[str] = (),
    rows: Sequence[str] = (),
    embed: Mapping[str, Asked] | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Compare the table `current` with the table `reference`, column by column.

    Both may be anything that Arrow can read (pandas, polars, pyarrow, a DuckDB relation), a mapping of column names to
    values, the path of a .parquet, .csv, .arrow, .feather or .jsonl file of any size, a folder of .parquet files, or a
    `Profile`. `time` names the column that holds each row's time: then the current table is judged by how far the
    reference's own blocks of time move; without it rows are taken as exchangeable, and the findings say so.

    `score` names the column with the model's own score: without `time` it is judged apart, and the change of its mean
    is divided among the features. `importance` weighs features (1 where nothing is said). `segments` are columns by
    whose values to look for where others moved; `rows` are tests on the rows themselves (`mmd`, `energy_distance`, …).
    `embed` says what a column holds that no tally can hold ("text", "image", "embedding"), or gives a function that
    makes vectors of a list of its values: it is watched through a few derived columns, as lists of numbers always are.
    `progress` is called with a stage and the share done. Raises `BadInput` that says what to do.

    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> before, now = {"price": rng.normal(10, 1, 2_000)}, {"price": rng.normal(11, 1, 500)}
    >>> compare(before, now).verdict
    <Verdict.ALARM: 'alarm'>
    """
    tests = row_test_names(rows)
    sides = two_sides(reference, current, time, score=score, importance=importance, embed=embed, progress=progress)
    judged = compare_by_rows(sides) if sides.seconds is None else compare_by_blocks(sides)
    findings = (*sides.odd, *judged, *row_test_findings(sides, tests))
    told = where(sides, findings, segments)
    return Comparison(
        findings=findings,
        reference=sides.reference,
        current=sides.current,
        rows=sides.rows,
        segments=told.segments,
        attribution=told.attribution,
        notes=(*sides.notes, *told.notes),
    )
