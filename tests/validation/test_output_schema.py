"""The output of ``mctoolkit validate --json`` matches its published JSON Schema."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner

from mctoolkit import Event
from mctoolkit.cli.main import app
from mctoolkit.spec import catalog
from mctoolkit.validation.tracking_plan import TrackingPlan
from tests.validation.test_validate import ERRORS, GOOD, HINTS, changed

SCHEMA = json.loads((files("mctoolkit") / "spec" / "output" / "validate.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
NOT_AN_EVENT = [b"", b"[]", b"7", b'{"a": 1,}', b'{"a": "\xff"}', b"[" * 200, b'{"a": NaN}', b"\xef\xbb\xbf{}"]


def _validate(file: Path, body: bytes, *options: str) -> dict[str, Any]:
    file.write_bytes(body)
    result = CliRunner().invoke(app, ["validate", str(file), "--json", *options])
    assert result.exit_code in (0, 1, 2), result.output
    output: dict[str, Any] = json.loads(result.stdout)
    return output


def test_schema_is_valid_and_closed() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    problem = SCHEMA["$defs"]["problem"]
    assert SCHEMA["additionalProperties"] is problem["additionalProperties"] is False
    assert set(problem["required"]) == set(problem["properties"])


def test_outputs_match_schema(tmp_path: Path) -> None:
    bodies = [GOOD, *(changed(case[:2]) for case in ERRORS), *(changed(*case[0]) for case in HINTS)]
    texts = [text for body in bodies if (text := _to_bytes(body)) is not None]
    plan = tmp_path / "plan.xlsx"
    TrackingPlan.template(plan)
    outputs = [_validate(tmp_path / "body.json", text) for text in (*texts, *NOT_AN_EVENT)]
    outputs.append(_validate(tmp_path / "body.json", texts[1], "--plan", str(plan)))
    for output in outputs:
        VALIDATOR.validate(output)
    rules = {problem["rule"] for output in outputs for problem in output["problems"]}
    assert len(rules & catalog.rules().keys()) > 30, "the bodies must have problems of most rules"


def _to_bytes(body: dict[str, Any]) -> bytes | None:
    """Return a body as JSON, or None if it cannot be serialized."""
    try:
        return Event(body).to_bytes()
    except ValueError:
        return None


@pytest.mark.parametrize("change", [{"ok": 1}, {"extra": None}, {"problems": [{}]}])
def test_schema_rejects_other_output(change: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid({"ok": True, "problems": [], **change})
