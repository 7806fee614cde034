"""Schemas as a host serves them: read with the slips of Adobe's excerpt, compared in words, used for validation."""

from __future__ import annotations

import copy
import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mctoolkit import UnreadableInput, validate
from mctoolkit.facts import catalog, schemas
from mctoolkit.presets import preset
from mctoolkit.published import LiveSchemas, read_schema, schema_differences

NOW = 1_509_045_324_153


def _excerpt() -> dict[str, Any]:
    """Return a document with every slip of the published excerpt: its braces, its $ref, its empty list, its https."""
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


def _changed(change: Any) -> dict[str, Any]:
    document = schemas.schema("sessionStart")
    change(document["properties"])
    return document


def _words(document: dict[str, Any]) -> list[tuple[str, str]]:
    found = schema_differences("sessionStart", schemas.schema("sessionStart"), document)
    return [(difference.kind, difference.words) for difference in found]


def test_the_excerpt_as_it_stands_checks_nothing() -> None:
    """Why it has to be read past its slips: a validator that takes it as it is takes anything."""
    assert jsonschema.Draft4Validator(_excerpt()).is_valid({"nonsense": True})


def test_the_excerpt_is_read_as_it_was_meant() -> None:
    found = read_schema("sessionStart", json.dumps(_excerpt()))
    assert schema_differences("sessionStart", schemas.schema("sessionStart"), found.document) == ()
    assert [note.split(" ")[0:3] for note in found.notes] == [
        ["The", "document", "names"], ["A", "brace", "of"], ["The", "document", "has"], ["A", "brace", "of"], ["A", "brace", "of"],
    ]  # fmt: skip
    jsonschema.Draft4Validator.check_schema(found.document)


@pytest.mark.parametrize("event", list(catalog.event_types()))
def test_our_own_schema_comes_back_as_it_is(event: str) -> None:
    found = read_schema(event, json.dumps(schemas.schema(event)))
    assert (found.document, found.notes) == (schemas.schema(event), ())


def test_what_stands_beside_a_reference_is_passed_over_and_said() -> None:
    document = {
        "$schema": schemas.DRAFT_04,
        "definitions": {"a": {"type": "number"}},
        "properties": {"x": {"$ref": "#/definitions/a", "minimum": 5}},
    }
    found = read_schema("ping", json.dumps(document))
    assert found.document["properties"]["x"] == {"type": "number"}
    assert found.notes == (
        "Beside #/definitions/a stand rules that draft-04 passes over: minimum. Passed over here too.",
    )


@pytest.mark.parametrize(
    ("properties", "note"),
    [
        ({"x": {"$ref": "#/definitions/none"}}, "points to nothing"),
        ({"x": {"$ref": "https://example.com/schema"}}, "points to nothing"),
        ({"x": {"$ref": "#/properties/x"}}, "points back to itself"),
    ],
)
def test_a_reference_that_leads_nowhere_takes_anything(properties: dict[str, Any], note: str) -> None:
    found = read_schema("ping", json.dumps({"$schema": schemas.DRAFT_04, "properties": properties}))
    assert found.document["properties"]["x"] == {}
    assert note in found.notes[0]


@pytest.mark.parametrize(
    "text", ["", "<html>", "[]", "7", '{"type": 7}', '{"properties": []}', '{"required": "x"}', '{"minimum": "a"}']
)
def test_what_is_no_schema_is_refused_in_words(text: str) -> None:
    with pytest.raises(UnreadableInput, match=r"(schema of|serves for) ping"):
        read_schema("ping", text)


_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.text(max_size=4)
    | st.sampled_from(["#/definitions/a", "#", "#/"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "$ref",
                    "properties",
                    "definitions",
                    "params",
                    "required",
                    "type",
                    "items",
                    "a",
                    "patternProperties",
                    "additionalProperties",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(
        st.sampled_from(["$ref", "$schema", "properties", "definitions", "required", "type", "items", "a"]),
        _json,
        max_size=5,
    )
)
def test_no_document_makes_it_fail_otherwise(document: dict[str, Any]) -> None:
    try:
        found = read_schema("sessionStart", json.dumps(document))
    except UnreadableInput:
        return
    schema_differences("sessionStart", schemas.schema("sessionStart"), found.document)


def test_each_kind_of_difference_has_its_words() -> None:
    def no_channel(members: dict[str, Any]) -> None:
        members["params"]["required"].remove("media.channel")

    def show_required(members: dict[str, Any]) -> None:
        members["params"]["required"].append("media.show")

    def text_length(members: dict[str, Any]) -> None:
        members["params"]["properties"]["media.length"]["type"] = "string"

    def new_key(members: dict[str, Any]) -> None:
        members["params"]["properties"]["media.mood"] = {"type": "string"}

    def no_genre(members: dict[str, Any]) -> None:
        del members["params"]["properties"]["media.genre"]

    def opened(members: dict[str, Any]) -> None:
        members["params"]["additionalProperties"] = {}
        del members["params"]["properties"]["media.genre"]

    def free_ts(members: dict[str, Any]) -> None:
        del members["playerTime"]["properties"]["ts"]["minimum"]

    assert _words(_changed(no_channel)) == [("optional", "media.channel is no longer required.")]
    assert _words(_changed(show_required)) == [("required", "media.show became required.")]
    assert _words(_changed(text_length)) == [("type", "media.length is of type string there, number here.")]
    assert _words(_changed(new_key)) == [("new", "media.mood is new (string): our facts do not have it.")]
    assert _words(_changed(no_genre)) == [("gone", "media.genre is gone: the host refuses it.")]
    assert (
        next(words for _, words in _words(_changed(opened))) == "Unknown names in params are taken there, refused here."
    )
    assert ("gone", "media.genre is not named there, but taken.") in _words(_changed(opened))
    assert _words(_changed(free_ts)) == [("limit", "ts has another lowest value: no limit there, 0 here.")]


def test_a_member_that_one_side_lacks_is_said_once() -> None:
    document = schemas.schema("sessionStart")
    del document["properties"]["qoeData"]
    assert [kind for kind, _ in _words(document)] == ["gone"]


def test_validation_by_a_hosts_schema() -> None:
    def strict(members: dict[str, Any]) -> None:
        members["params"]["required"].append("media.show")
        members["params"]["properties"]["media.length"] = {"type": ["integer", "null"]}
        members["params"]["properties"]["media.mood"] = {"type": "string", "maxLength": 3}
        members["params"]["properties"]["media.season"] = {"type": "string", "minimum": 1}

    live = LiveSchemas("host", [read_schema("sessionStart", json.dumps(_changed(strict)))], {})
    body = preset("minimal", NOW).value
    assert validate(body, now_ms=NOW).errors == ()
    found = validate(
        {**body, "params": {**body["params"], "media.length": 1.5, "media.mood": "long"}}, schemas=live, now_ms=NOW
    )
    assert {(p.rule, p.place[-1]) for p in found.errors} == {
        ("missing", "media.show"),
        ("whole-number", "media.length"),
        ("schema", "media.mood"),
    }
    assert validate({"eventType": "ping"}, schemas=live).errors == validate({"eventType": "ping"}).errors


def test_what_is_missing_is_what_the_host_asks_for() -> None:
    def little(members: dict[str, Any]) -> None:
        members["params"]["required"] = ["media.id"]

    live = LiveSchemas("host", [read_schema("sessionStart", json.dumps(_changed(little)))], {})
    body = {"eventType": "sessionStart", "playerTime": {"playhead": 0, "ts": NOW}}
    assert [p.place for p in validate(body, schemas=live).errors] == [("params", "media.id")]


def test_it_is_shown_escaped_and_in_text() -> None:
    document = schemas.schema("ping")
    document["properties"]["<b>"] = {"type": "string"}
    live = LiveSchemas("<host>", [read_schema("ping", json.dumps(document))], {"play": "the host answered 404."})
    assert "<b>" not in live._repr_html_()
    assert "&lt;b&gt;" in live._repr_html_()
    assert str(live).splitlines() == [
        "1 schema of <host> read. 1 difference from ours.",
        "- ping: <b> is new (string): our facts do not have it.",
        "- play: the host answered 404.",
    ]
