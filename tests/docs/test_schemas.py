"""The JSON Schemas that the docs publish are schemas, and each describes the version it is named after."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from tests.docs.pages import REFERENCE

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
