"""Schemas of a host: parsed, fetched, compared, used for validation."""

from __future__ import annotations

import copy
import json
import socket
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mctoolkit import Client, InputError, NoResponse, Sandbox, UsageError, compare, validate
from mctoolkit.simulation.presets import preset
from mctoolkit.spec import catalog, schemas
from mctoolkit.validation.remote_schemas import read_schema
from tests.rawserver import RawServer, hang_up

NOW = 1_509_045_324_153


def _excerpt() -> dict[str, Any]:
    """Return a document with the mistakes of the published excerpt: braces, an empty list, the https address."""
    inner = schemas.schema("sessionStart")["properties"]
    params = copy.deepcopy(inner["params"])
    params["customMetadata"] = {"$ref": "#/definitions/customMetadata"}
    params["qoeData"] = {"$ref": "#/definitions/qoeData"}
    return {
        "$schema": "https://json-schema.org/draft-04/schema#",
        "id": "https://alpha.hb-api.omtrdc.net/api/v1/schemas/sessionStart",
        "definitions": {
            "playerTime": inner["playerTime"],
            "qoeData": {**inner["qoeData"], "required": []},
            "customMetadata": inner["customMetadata"],
            "sessionStart": {
                "properties": {
                    "eventType": {"type": "string", "enum": ["sessionStart"]},
                    "playerTime": {"$ref": "#/definitions/playerTime"},
                    "params": params,
                },
                "required": ["eventType", "playerTime", "params"],
                "additionalProperties": False,
            },
            "type": "object",
            "$ref": "#/definitions/sessionStart",
        },
    }


def test_published_excerpt_accepts_anything() -> None:
    """This is why its mistakes are corrected."""
    assert jsonschema.Draft4Validator(_excerpt()).is_valid({"nonsense": True})


def test_mistakes_of_excerpt_are_corrected() -> None:
    found = read_schema("sessionStart", json.dumps(_excerpt()))
    own = schemas.schema("sessionStart")
    assert (found["$schema"], found["id"]) == (own["$schema"], own["id"])
    assert found["properties"]["params"] == own["properties"]["params"]
    assert set(found["properties"]) == set(own["properties"])
    assert found["properties"]["qoeData"] == own["properties"]["qoeData"]
    jsonschema.Draft4Validator.check_schema(found)


def test_missing_reference_is_added() -> None:
    document = _excerpt()
    del document["definitions"]["$ref"]
    assert read_schema("sessionStart", json.dumps(document)) == read_schema("sessionStart", json.dumps(_excerpt()))


@pytest.mark.parametrize("event", list(catalog.event_types()))
def test_own_schema_is_not_changed(event: str) -> None:
    assert read_schema(event, json.dumps(schemas.schema(event))) == schemas.schema(event)


@pytest.mark.parametrize("ref", ["#/definitions/none", "https://example.com/schema", "#/properties/x", "#"])
def test_unresolvable_reference_raises(ref: str) -> None:
    with pytest.raises(InputError, match=rf'The schema of ping has "\$ref": "{ref}", which cannot be resolved'):
        read_schema("ping", json.dumps({"properties": {"x": {"$ref": ref}}}))


@pytest.mark.parametrize(
    "text", ["", "<html>", "[]", "7", '{"type": 7}', '{"properties": []}', '{"required": "x"}', '{"minimum": "a"}']
)
def test_invalid_schema_raises(text: str) -> None:
    with pytest.raises(InputError, match="The schema of ping is not a"):
        read_schema("ping", text)


_words = st.sampled_from(["$ref", "$schema", "properties", "definitions", "params", "required", "type", "items", "a"])
_json = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["#/definitions/a", "#", "#/", "x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_words, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(_words, _json, max_size=5))
def test_document_raises_only_input_error(document: dict[str, Any]) -> None:
    try:
        found = read_schema("sessionStart", json.dumps(document))
    except InputError:
        return
    jsonschema.Draft4Validator.check_schema(found)


def test_compare_schemas() -> None:
    theirs = schemas.schema("sessionStart")
    params = theirs["properties"]["params"]
    params["required"] = [name for name in reversed(params["required"]) if name != "media.channel"]
    params["properties"]["analytics.reportSuite"]["type"] = "number"
    params["properties"]["media.mood"] = {"type": "string"}
    found = compare(schemas.schema("sessionStart"), theirs)
    assert [(row.where, row.left_shown, row.right_shown) for row in found.rows] == [
        ('properties.params.properties["analytics.reportSuite"].type', '"string"', '"number"'),
        ('properties.params.properties["media.mood"]', "not present", '{"type":"string"}'),
        ('properties.params.required["media.channel"]', '"media.channel"', "not present"),
    ]


def test_compare_bodies_with_schema_key_masks_identifiers() -> None:
    bodies = [{"params": {"analytics.reportSuite": suite}} for suite in ("acme-one", "acme-two")]
    assert "acme" not in str(compare({"$schema": "x", **bodies[0]}, bodies[1]))


def test_validate_with_remote_schemas() -> None:
    document = schemas.schema("sessionStart")
    params = document["properties"]["params"]
    params["required"] = ["media.id", "media.show"]
    params["properties"]["media.length"] = {"type": ["integer", "null"]}
    params["properties"]["media.mood"] = {"type": "string", "maxLength": 3}
    remote = {"sessionStart": read_schema("sessionStart", json.dumps(document))}
    body = preset("minimal", NOW).value
    assert validate(body, now_ms=NOW).errors == ()
    changed = {**body, "params": {**body["params"], "media.length": 1.5, "media.mood": "long"}}
    found = validate(changed, schemas=remote, now_ms=NOW)
    assert {(problem.rule, problem.place[-1]) for problem in found.errors} == {
        ("missing", "media.show"),
        ("whole-number", "media.length"),
        ("schema", "media.mood"),
    }
    assert validate({"eventType": "ping"}, schemas=remote).errors == validate({"eventType": "ping"}).errors
    start = {"eventType": "sessionStart", "playerTime": {"playhead": 0, "ts": NOW}}
    assert [problem.place[-1] for problem in validate(start, schemas=remote).errors] == ["media.id", "media.show"]


def _response(status: str, body: bytes, kind: str = "application/json") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def test_fetch_schema() -> None:
    document = schemas.schema("play")
    document["properties"]["params"]["properties"]["media.mood"] = {"type": "string"}
    with RawServer(_response("200 OK", json.dumps(document).encode()), hang_up) as server:
        assert Client(server.url).schemas(["play"]) == {"play": document}
        assert server.request.startswith(b"GET /api/v1/schemas/play HTTP/1.1\r\n")
        assert b"Content-Type" not in server.request


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (_response("404 Not Found", b"{}"), "{event}: status 404 instead of 200."),
        (
            _response("200 OK", b"<html>", "text/html"),
            "The schema of {event} is not a JSON object. Check the response of the host.",
        ),
    ],
)
def test_fetch_invalid_schemas_lists_all(response: bytes, reason: str) -> None:
    with RawServer(response, hang_up) as server, pytest.raises(InputError) as found:
        Client(server.url).schemas(["play", "ping"])
    assert str(found.value).splitlines()[1:] == [f"- {reason.format(event=event)}" for event in ("play", "ping")]


def test_fetch_from_silent_host_stops_at_first_request() -> None:
    with RawServer(hang_up) as server:
        with pytest.raises(NoResponse):
            Client(server.url).schemas()
        assert server.connections == 1


def test_fetch_unknown_event_type_raises_before_request() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        client = Client(f"http://127.0.0.1:{unused.getsockname()[1]}")
        with pytest.raises(UsageError, match="plai"):
            client.schemas(["ping", "plai"])


def test_sandbox_serves_own_schemas() -> None:
    with Sandbox() as sandbox:
        served = Client(sandbox).schemas()
    assert served == {event: schemas.schema(event) for event in catalog.event_types()}
