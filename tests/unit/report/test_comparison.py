from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser

import msgspec
import numpy as np
import pyarrow as pa

from watchkeeper.compare.attribution import Attribution
from watchkeeper.compare.comparison import compare
from watchkeeper.compare.segment import Segments
from watchkeeper.detectors.finding import Finding
from watchkeeper.events.verdict import Verdict
from watchkeeper.reference.reference import Reference
from watchkeeper.report.comparison import comparison_html, effect_text, finding_row, report_page
from watchkeeper.schema.feature import Feature, FeatureType
from watchkeeper.schema.schema import Schema
from watchkeeper.tallies.binning import Binning
from watchkeeper.tallies.categorical import CategoricalBins
from watchkeeper.tallies.numeric import NumericBins
from watchkeeper.tallies.tally import Tally

HOSTILE = '</script><img src=x onerror="alert(1)">'


@dataclass(frozen=True)
class Comparison:
    verdict: Verdict
    findings: tuple[Finding, ...]
    reference: Reference
    current: Tally
    rows: int = 300
    segments: tuple[Segments, ...] = ()
    attribution: Attribution | None = None
    notes: tuple[str, ...] = ()


def comparison(verdict: Verdict = Verdict.ALARM, name: str = "distance") -> Comparison:
    rng = np.random.default_rng(0)
    old = pa.table({f"input.{name}": rng.normal(size=300), "input.carrier": rng.choice(["AA", HOSTILE], 300)})
    binning = Binning(
        {f"input.{name}": NumericBins.fit(old[0]), "input.carrier": CategoricalBins.fit(old[1].combine_chunks())}
    )
    schema = Schema(
        features=(
            Feature(name=name, type=FeatureType.NUMERIC, unit="miles"),
            Feature(name="carrier", type=FeatureType.CATEGORICAL),
        )
    )
    whole = binning.tally(old)
    reference = Reference(schema=schema, binning=binning, whole=whole, rows=300)
    moved = Finding(
        feature=name, column=f"input.{name}", detector="wasserstein", verdict=verdict, effect=0.4, effect_low=0.3,
        effect_high=0.5, effect_name="shift", p_value=0.0001, n=300, n_reference=300, smallest_effect=0.1,
        distance=0.4, sentence=f"{name} rose by 0.4.",
    )  # fmt: skip
    calm = Finding(feature="carrier", column="input.carrier", detector="chi-square", verdict=Verdict.OK, distance=0.0)
    return Comparison(verdict, (calm, moved), reference, whole)


class Scripts(HTMLParser):
    """Collects what runs, and what is only data."""

    def __init__(self) -> None:
        super().__init__()
        self.running: list[str] = []
        self.tags: list[str] = []
        self._runs = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not any(name.startswith("on") or (name in ("src", "href") and "//" in (v or "")) for name, v in attrs)
        self._runs = tag == "script" and dict(attrs).get("type") is None

    def handle_data(self, data: str) -> None:
        if self._runs:
            self.running.append(data)
            self._runs = False


def test_the_column_that_moved_comes_first_and_says_what_to_do() -> None:
    page = report_page(comparison(), "A comparison")
    assert [column.name for column in page.columns] == ["distance", "carrier"]
    assert page.headline == "1 of 2 columns differ clearly: distance."
    assert page.steps[0].text.startswith(" rose by 0.4. Look at the two distributions")
    assert page.columns[0].kind == "numeric, miles"
    assert page.columns[0].figure.startswith("<svg")
    assert page.columns[0].picture.startswith("<svg")


def test_calm_and_silent_comparisons_say_so() -> None:
    calm = report_page(comparison(Verdict.OK), "t")
    assert calm.headline == "No column of 2 differs by more than its floor."
    assert calm.steps[0].text.startswith("Nothing.")
    silent = report_page(comparison(Verdict.NOT_ENOUGH_DATA), "t")
    assert "not enough data" in silent.headline
    assert "more rows" in silent.steps[0].text


def test_every_script_that_runs_is_named_by_its_hash() -> None:
    html = comparison_html(comparison())
    parser = Scripts()
    parser.feed(html)
    policy = re.search(r"script-src ([^;]+);", unescape(html))
    assert policy is not None
    assert len(parser.running) == 3
    for script in parser.running:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy[1]


def test_hostile_names_are_text() -> None:
    html = comparison_html(comparison(name=HOSTILE), title=HOSTILE)
    parser = Scripts()
    parser.feed(html)
    assert "img" not in parser.tags
    assert "&lt;/script&gt;" in html


def test_the_page_needs_no_library() -> None:
    assert len(comparison_html(comparison())) < 60_000


def test_columns_beyond_the_first_wait_as_text() -> None:
    base = comparison()
    many = tuple(
        msgspec.structs.replace(base.findings[1], feature=f"{HOSTILE}{i}", column=f"input.x{i}") for i in range(120)
    )
    html = comparison_html(Comparison(Verdict.ALARM, many, base.reference, base.current))
    waiting = re.findall(r'<script type="text/plain" class="waiting">(.*?)</script>', html, re.DOTALL)
    assert [text.count("<li ") for text in waiting] == [50, 20]
    assert html.count("<li id=") == 120
    parser = Scripts()
    parser.feed(html)
    assert "img" not in parser.tags
    inner = Scripts()
    inner.feed("".join(waiting))
    assert "img" not in inner.tags


def test_silence_for_want_of_blocks_is_not_nothing_to_do() -> None:
    base = comparison()
    blind = Finding(
        feature="distance", column="input.distance", detector="blocks", verdict=Verdict.NOT_ENOUGH_DATA, null="blocks",
        note="The blocks of the reference are too few, or move too much, for any change to stand out.",
    )  # fmt: skip
    page = report_page(Comparison(Verdict.NOT_ENOUGH_DATA, (blind,), base.reference, base.current), "t")
    assert "Nothing" not in page.steps[0].text
    assert "more blocks of time" in page.steps[0].text
    mixed = report_page(Comparison(Verdict.OK, (blind, base.findings[0]), base.reference, base.current), "t")
    assert "Of 1 of 2 columns nothing can be said" in mixed.steps[0].text


def test_where_and_who_are_told() -> None:
    rng = np.random.default_rng(2)

    def table(n: int, shift: float) -> pa.Table:
        carrier = rng.choice(["AA", "UA"], n)
        x = rng.normal(size=n) + shift * (carrier == "AA")
        return pa.table({"x": x, "carrier": carrier, "p": 2 * x})

    html = compare(table(2000, 0), table(1000, 2), score="p", segments=["carrier"]).to_html()
    assert "<h2>Where</h2>" in html
    assert "carrier=AA" in html
    assert "Who carried the change of the score" in html


def test_a_column_without_bins_has_no_figure() -> None:
    lonely = Finding(feature="row count", detector="rows", verdict=Verdict.WARN, note="half the rows")
    base = comparison()
    page = report_page(Comparison(Verdict.WARN, (lonely,), base.reference, base.current), "t")
    assert page.columns[0].figure == ""
    assert page.columns[0].effect == "half the rows"


def test_a_finding_as_texts() -> None:
    row = finding_row(comparison().findings[1])
    assert (row.effect, row.p, row.smallest) == ("shift 0.400 (0.30 to 0.50)", "<0.001", "0.100")
    assert effect_text(comparison().findings[0]) == "ok"
