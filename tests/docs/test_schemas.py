"""The JSON Schemas that the docs publish are schemas, and each describes the version it is named after."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import msgspec
import numpy as np
import pytest

import watchkeeper
from scripts import reference
from tests.docs.pages import REFERENCE
from tests.helpers.histories import replayed
from watchkeeper.alerts.advance import Judged, Notice, advance
from watchkeeper.alerts.policy import AlertPolicy
from watchkeeper.demo.results import Counts, settle
from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.verdict import Verdict
from watchkeeper.notify.payload import notice_payload

SCHEMAS = sorted((REFERENCE / "schemas").glob("*.json"))


def test_there_are_schemas() -> None:
    assert SCHEMAS


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.stem)
def test_it_is_a_json_schema(path: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(path.read_text()))


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.stem)
def test_it_requires_its_own_version(path: Path) -> None:
    schema = json.loads(path.read_text())
    assert "schema" in schema["required"]
    kind, _, version = schema["properties"]["schema"]["const"].rpartition("/")
    assert path.stem == f"{kind.removeprefix('watchkeeper.')}-{version}"


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.stem)
def test_the_page_on_schemas_links_to_it(path: Path) -> None:
    assert f"(schemas/{path.name})" in (REFERENCE / "schemas.md").read_text()


@pytest.mark.parametrize("name", reference.json_schemas())
def test_a_schema_made_from_a_record_is_up_to_date(name: str) -> None:
    assert (REFERENCE / "schemas" / name).read_text() == reference.json_schemas()[name], "run `make reference`"


def test_a_notice_is_as_its_schema_says() -> None:
    check("notice-1", json.loads(notice_payload(notice())))


def test_a_comparison_is_as_its_schema_says() -> None:
    rng = np.random.default_rng(3)
    before = {"a": rng.normal(0, 1, 500), "b": rng.choice(["x", "y"], 500), "c": np.zeros(500)}
    now = {"a": rng.normal(1, 1, 500), "b": rng.choice(["x", "z"], 500), "d": np.zeros(500)}
    check("compare-1", json.loads(watchkeeper.compare(reference=before, current=now).to_json()))


def test_a_backtest_is_as_its_schema_says() -> None:
    check("backtest-1", json.loads(replayed().to_json()))
    check("backtest-1", json.loads(replayed(labels=False).to_json()))


def test_the_result_of_the_demo_is_as_its_schema_says() -> None:
    counts = Counts(
        requests=1,
        predictions=2,
        predictions_recorded=2,
        labels=1,
        labels_recorded=1,
        cancelled=1,
        diverted=0,
        lost=0,
    )
    result = settle((), (), counts, model_auc=0.7, seconds=1.5, console="http://127.0.0.1:8080")
    check("demo-1", json.loads(msgspec.json.encode(result)))


def notice() -> Notice:
    finding = Finding(
        feature="age", column="input.age", detector="missing", verdict=Verdict.ALARM, statement=Statement.BROKEN
    )
    window = Judged(model="late", version="1", start=0, end=3600, findings=(finding,))
    (found,) = advance((), window, AlertPolicy()).notices
    return found


def check(name: str, document: object) -> None:
    schema = json.loads((REFERENCE / "schemas" / f"{name}.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(document)
