"""The JSON of an audit matches its published JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from mctoolkit import audit
from mctoolkit.auditing.baseline import Baseline
from mctoolkit.models.captured_request import NO_BODY, CapturedRequest
from tests.auditing.cases import CASES
from tests.auditing.scripts import calls

SCHEMA: dict[str, Any] = json.loads((files("mctoolkit") / "spec" / "output" / "audit.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema_rs.Draft202012Validator(SCHEMA)


def _objects(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for member in schema.values():
            yield from _objects(member)


@pytest.mark.parametrize("rule", CASES)
def test_audits_of_all_rules_match_schema(rule: str) -> None:
    for script in CASES[rule]:
        VALIDATOR.validate(json.loads(audit(calls(script)).to_json()))


def test_audits_of_other_captures_match_schema(tmp_path: Path) -> None:
    unreadable = tmp_path / "empty.har"
    unreadable.write_text('{"log": {"entries": []}}')
    without_body = [CapturedRequest(1, "events", NO_BODY, session_key="a")]
    faulty = calls(CASES["after-close"][0])
    baseline = Baseline((("after-close", "*", "*"), ("ts-equal", "*", "*")))
    for found in (audit(unreadable), audit(without_body), audit(faulty, baseline=baseline)):
        VALIDATOR.validate(found.to_dict())


def test_schema_describes_every_member() -> None:
    objects = list(_objects(SCHEMA))
    assert len(objects) == 3
    for each in objects:
        assert each["additionalProperties"] is False
        assert set(each["required"]) == set(each["properties"])
