"""The self-contained HTML report of a comparison: one file, no network, readable by a person who opens it cold.

Columns are a list of `<details>`, the most changed first. The page opens at once however many there are: figures are
plain SVG in the page's own colours, and all but the first 50 columns are text until somebody scrolls, searches or asks
for them. The page carries its own Content-Security-Policy: only the scripts whose hashes it names may run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from watchkeeper.detectors.finding import Finding
from watchkeeper.events.verdict import Verdict
from watchkeeper.reference.reference import Reference
from watchkeeper.report import advice, words
from watchkeeper.report.compared import Attributed, Compared
from watchkeeper.report.distribution import Distribution, distribution_of
from watchkeeper.report.distribution_svg import distribution_svg
from watchkeeper.report.page import self_contained
from watchkeeper.report.sparkline import histogram

STEPS = 5
CONTRIBUTIONS = 10
AT_ONCE = 50
"""How many columns are drawn when the page opens, and how many are added each time more are wanted."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing to do. `feature` is empty for advice that is about no column; `anchor` is its place on the page."""

    feature: str
    anchor: str
    text: str


@dataclass(frozen=True, kw_only=True)
class FindingRow:
    """A finding as texts."""

    detector: str
    verdict: str
    tone: str
    effect: str
    p: str
    smallest: str
    n: str
    n_reference: str
    note: str


@dataclass(frozen=True, kw_only=True)
class ColumnSection:
    """One column of the report."""

    name: str
    shown: str
    anchor: str
    kind: str
    verdict: str
    tone: str
    effect: str
    advice: str
    picture: Markup
    figure: Markup
    findings: tuple[FindingRow, ...]


@dataclass(frozen=True, kw_only=True)
class ScoreSection:
    """Who carried the change of the model's score: a sentence, a note, and (feature, amount, interval, share) each."""

    sentence: str
    note: str
    rows: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True, kw_only=True)
class ReportPage:
    """The whole report as texts."""

    title: str
    verdict: str
    tone: str
    headline: str
    steps: tuple[Step, ...]
    facts: tuple[tuple[str, str, str], ...]
    note: str
    where: tuple[str, ...]
    score: ScoreSection | None
    columns: tuple[ColumnSection, ...]
    at_once: int
    verdicts: tuple[str, ...]
    footer: str


def comparison_html(comparison: Compared, *, title: str = "Current data against the reference") -> str:
    """The report as one HTML document."""
    return self_contained(
        "comparison.html",
        report_page(comparison, title),
        css=("base.css", "report.css"),
        scripts=("report",),
        plotly=False,
    )


def report_page(comparison: Compared, title: str) -> ReportPage:
    """Everything on the page, worked out; the template only places it."""
    columns = advice.ranked(comparison.findings)
    known = _common_note(comparison.findings)
    sections = tuple(_section(comparison, i, key, own, known) for i, (key, own) in enumerate(columns))
    return ReportPage(
        title=words.visible(title),
        verdict=comparison.verdict.value,
        tone=advice.tone(comparison.verdict),
        headline=_headline(comparison.verdict, columns),
        steps=_steps(comparison, columns),
        facts=_facts(comparison, columns),
        note=known,
        where=tuple(found.sentence for found in comparison.segments) + comparison.notes,
        score=None if comparison.attribution is None else _score(comparison.attribution),
        columns=sections,
        at_once=AT_ONCE,
        verdicts=tuple(v.value for v in reversed(Verdict) if any(s.verdict == v.value for s in sections)),
        footer="Made by Watchkeeper. Every number comes from the tallies of both tables; no row is in this file.",
    )


Columns = list[tuple[str, list[Finding]]]


def _headline(verdict: Verdict, columns: Columns) -> str:
    names = [words.short(own[0].feature, 40) for _, own in columns if own[0].verdict is verdict]
    total = advice.column_count(columns)
    if verdict in (Verdict.ALARM, Verdict.WARN):
        listed = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        several = sum(bool(own[0].column) and own[0].verdict is verdict for _, own in columns)
        return f"{several} of {total} columns {'differ clearly' if verdict is Verdict.ALARM else 'moved'}: {listed}."
    if verdict is Verdict.OK:
        return f"No column of {total} differs by more than its floor."
    return "There is not enough data to say whether these tables differ."


def _steps(comparison: Compared, columns: Columns) -> tuple[Step, ...]:
    urgent = [(i, own[0]) for i, (_, own) in enumerate(columns) if own[0].verdict in (Verdict.ALARM, Verdict.WARN)]
    steps = [Step(feature=words.short(f.feature, 40), anchor=f"c{i}", text=_after_name(f)) for i, f in urgent[:STEPS]]
    if len(urgent) > STEPS:
        more = f"{len(urgent) - STEPS} more columns changed; start with the ones above, as one cause often moves many."
        steps.append(Step(feature="", anchor="", text=more))
    return tuple(steps) or (Step(feature="", anchor="", text=_when_calm(comparison, columns)),)


def _when_calm(comparison: Compared, columns: Columns) -> str:
    """What to do where nothing moved: nothing only as far as something could have been seen."""
    silent = sum(own[0].verdict not in (Verdict.OK, Verdict.WARN, Verdict.ALARM) for _, own in columns)
    if comparison.verdict is Verdict.OK:
        calm = "Nothing. The smallest effects that could have been seen are below."
        return calm if not silent else f"{calm} Of {silent} of {len(columns)} columns nothing can be said: see why."
    if any(finding.null == "blocks" for finding in comparison.findings):
        return "Give a reference with more blocks of time: the notes below say why these cannot tell a change."
    return "Compare more rows: the columns below say how few there were."


def _after_name(finding: Finding) -> str:
    """What is said of a finding, to stand after its name: a sentence that begins with the name goes on from it."""
    for name in (f"`{finding.feature}` ", f"{finding.feature} "):
        if finding.sentence.startswith(name):
            return f" {_said(finding).removeprefix(name)}"
    return f": {_said(finding)}"


def _said(finding: Finding) -> str:
    sentence = finding.sentence
    return f"{sentence} {advice.next_step(finding)}" if sentence else advice.next_step(finding)


def _facts(comparison: Compared, columns: Columns) -> tuple[tuple[str, str, str], ...]:
    reference = comparison.reference
    blocks = len(reference.blocks)
    ordinary = f"{blocks} blocks of {words.duration(reference.block_width)}" if blocks else "no time column"
    return (
        ("Rows now", words.count(comparison.rows), ""),
        ("Reference rows", words.count(reference.rows), ""),
        ("Columns", words.count(advice.column_count(columns)), ""),
        ("Ordinary movement", "known" if blocks else "not known", ordinary),
    )


def _common_note(findings: Sequence[Finding]) -> str:
    """The note that most findings share, to be said once; empty if there is none."""
    (note, times), *_ = Counter(finding.note for finding in findings).most_common(1) or [("", 0)]
    return note if times * 2 > len(findings) else ""


def _score(told: Attributed) -> ScoreSection:
    return ScoreSection(
        sentence=told.sentence,
        note=told.note,
        rows=tuple(
            (
                words.short(one.feature, 40),
                words.number(one.amount),
                f"{words.number(one.low, 2)} to {words.number(one.high, 2)}",
                words.NOTHING if one.share is None else words.percent(one.share),
            )
            for one in told.contributions[:CONTRIBUTIONS]
        ),
    )


def _section(comparison: Compared, place: int, key: str, own: list[Finding], known: str) -> ColumnSection:
    distribution = _distribution(comparison, key)
    first = own[0]
    shown = words.visible(first.feature)
    return ColumnSection(
        name=first.feature,
        shown=shown,
        anchor=f"c{place}",
        kind=_kind(comparison.reference, key),
        verdict=first.verdict.value,
        tone=advice.tone(first.verdict),
        effect=effect_text(first),
        advice=_said(first),
        picture=_picture(distribution),
        figure=_figure(distribution, f"Distribution of {shown}: now against the reference. {effect_text(first)}."),
        findings=tuple(finding_row(finding, known) for finding in own),
    )


def _distribution(comparison: Compared, key: str) -> Distribution | None:
    binning = comparison.reference.binning
    if key not in binning.columns:
        return None
    return distribution_of(
        binning.columns[key], binning.part(comparison.reference.whole, key), binning.part(comparison.current, key)
    )


def _figure(distribution: Distribution | None, label: str) -> Markup:
    return Markup("") if distribution is None else distribution_svg(distribution, label)


def _picture(distribution: Distribution | None) -> Markup:
    """The small histogram beside a name: SVG of numbers only."""
    return Markup("" if distribution is None else histogram(distribution.reference, distribution.current))  # noqa: S704


def _kind(reference: Reference, key: str) -> str:
    prefix, _, name = key.partition(".")
    columns = reference.schema.outputs if prefix == "output" else reference.schema.features
    found = next((column for column in columns if column.name == name), None)
    if found is None:
        return ""
    return f"{found.type}, {words.short(found.unit, 16)}" if found.unit else found.type.value


def effect_text(finding: Finding) -> str:
    """The size of a finding in words: its name, value and interval."""
    if finding.effect is None:
        return words.visible(finding.note) or finding.verdict.value
    size = words.sized(finding.effect, finding.effect_low, finding.effect_high)
    return f"{words.visible(finding.effect_name)} {size}"


def finding_row(finding: Finding, known: str = "") -> FindingRow:
    """A finding as a row of texts; a note that is already `known` to the reader is not repeated."""
    return FindingRow(
        detector=words.visible(finding.detector).replace("_", " "),
        verdict=finding.verdict.value,
        tone=advice.tone(finding.verdict),
        effect=effect_text(finding),
        p=words.probability(finding.p_value),
        smallest=words.number(finding.smallest_effect),
        n=words.count(finding.n),
        n_reference=words.count(finding.n_reference),
        note="" if finding.note == known else words.visible(finding.note),
    )
