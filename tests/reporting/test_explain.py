"""explain: one correct row per field, and nothing hidden is shown."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from mctoolkit import Client, Event, Sandbox
from mctoolkit.models.draft import Draft
from mctoolkit.reporting.explain import Explained, FieldRow, explain
from mctoolkit.simulation import mistakes, presets
from mctoolkit.spec import catalog
from tests.models.test_exchange import Reader, exchange

NOW_MS = 1_795_421_642_789


def row(body: Any, key: str) -> FieldRow:
    found = [row for row in explain(body, now_ms=NOW_MS).rows if row.place[-1] == key]
    assert len(found) == 1, [row.place for row in explain(body, now_ms=NOW_MS).rows]
    return found[0]


def places(found: Explained) -> list[tuple[str | int, ...]]:
    return [row.place for row in found.rows]


@pytest.mark.parametrize("name", list(presets.known()))
def test_fields_have_one_row_each_in_order(name: str) -> None:
    event = presets.preset(name, NOW_MS)
    found = explain(event, now_ms=NOW_MS)
    expected: list[tuple[str, ...]] = []
    for key, member in event.value.items():
        expected += [(key, inner) for inner in member] if isinstance(member, dict) else [(key,)]
    assert places(found) == expected
    assert len(found) == len(expected)
    assert found.missing == ()
    assert {row.type_ok for row in found.rows} <= {True, None}


@pytest.mark.parametrize("event", list(catalog.event_types()))
def test_each_documented_key_is_explained(event: str) -> None:
    for parameter in catalog.parameters_of(event):
        if len(parameter.place) == 1 or parameter.place[0] == "customMetadata":
            continue
        body = {"eventType": event, parameter.place[0]: {parameter.place[1]: parameter.example}}
        found = row(body, parameter.place[1])
        assert (found.key, found.label, found.meaning) == (parameter.key, parameter.label, parameter.help)
        assert (found.kind, found.required, found.type_ok) == ("known", parameter.required(event), True)
        assert (found.context, found.xdm) == (parameter.context, parameter.xdm)


GOOD = presets.preset("vod", NOW_MS).value

# body, key, kind, required, type_ok, nearest, part of the check
ROWS: list[tuple[Any, str, str, bool | None, bool | None, str | None, str]] = [
    ({"params": {"media.length": "60"}}, "media.length", "known", True, False, None, "required, wrong type"),
    ({"params": {"media.name": "x"}}, "media.name", "known", False, True, None, "optional, right type"),
    ({"playerTime": {"ts": 1.0}}, "ts", "known", True, False, None, "required, wrong type"),
    ({"playerTime": {"ts": None}}, "ts", "known", True, False, None, "required, wrong type"),
    ({"params": {"media.id": float("nan")}}, "media.id", "known", True, False, None, "required, wrong type"),
    ({"params": [1]}, "params", "known", True, False, None, "required, wrong type"),
    ({"params": {}}, "params", "known", True, True, None, "required, right type"),
    ({"eventType": "ping", "params": {"media.id": "x"}}, "media.id", "misplaced", None, None, None, "belongs on"),
    (
        {"params": {"media.qoe.bitrate": 1}},
        "media.qoe.bitrate",
        "misplaced",
        None,
        None,
        "media.qoe.bitrate",
        "belongs in",
    ),
    (
        {"params": {"media.lenght": 1}},
        "media.lenght",
        "unknown",
        None,
        None,
        "media.length",
        "Did you mean media.length?",
    ),
    ({"params": {"xyzzy": 1}}, "xyzzy", "unknown", None, None, None, "The API has no key xyzzy in params"),
    ({"qoeData": {"bitrate": 1}}, "bitrate", "unknown", None, None, "media.qoe.bitrate", "Use media."),
    ({"xyzzy": {"a": 1}}, "xyzzy", "unknown", None, None, None, "no key xyzzy"),
    ({"params": {"media.errorId": "x"}}, "media.errorId", "misplaced", None, None, "media.qoe.errorID", "Use media."),
    ({"customMetadata": {"season": "2"}}, "season", "own", False, True, None, "optional, right type"),
    ({"customMetadata": {"season": 2}}, "season", "own", False, False, None, "optional, wrong type"),
    ({"eventType": "sesionStart", "params": {"media.id": "x"}}, "media.id", "known", True, True, None, "required"),
    ({"eventType": 7, "params": {"media.id": "x"}}, "media.id", "known", True, True, None, "required"),
]


@pytest.mark.parametrize(("body", "key", "kind", "required", "type_ok", "nearest", "message"), ROWS)
def test_each_kind_of_field_is_checked(
    body: Any, key: str, kind: str, required: bool | None, type_ok: bool | None, nearest: str | None, message: str
) -> None:
    found = row({"eventType": "sessionStart", **body}, key)
    assert (found.kind, found.required, found.type_ok, found.nearest) == (kind, required, type_ok, nearest)
    assert message in found.checked
    assert message in str(found)


@pytest.mark.parametrize(
    ("body", "key", "decoded"),
    [
        ({"playerTime": {"ts": 1509045324153}}, "ts", "26 October 2017, 19:15:24.153 UTC"),
        ({"playerTime": {"ts": 1509045324}}, "ts", "18 January 1970, 11:10:45.324 UTC"),
        ({"playerTime": {"ts": 10**18}}, "ts", ""),
        ({"playerTime": {"ts": "1509045324153"}}, "ts", ""),
        ({"playerTime": {"ts": True}}, "ts", ""),
        ({"params": {"media.showType": "0"}}, "media.showType", "full episode"),
        ({"params": {"media.showType": "9"}}, "media.showType", ""),
        ({"params": {"media.contentType": "VOD"}}, "media.contentType", "film or episode on demand"),
        ({"params": {"media.id": "VOD"}}, "media.id", ""),
        ({"eventType": "play"}, "eventType", catalog.event_type("play").help),
        ({"eventType": "label"}, "eventType", ""),
    ],
)
def test_codes_and_time_stamps_are_decoded(body: Any, key: str, decoded: str) -> None:
    assert row(body, key).decoded == decoded


def test_rows_name_their_fields_in_reports() -> None:
    assert row(GOOD, "media.length").in_reports == "In Analytics: a.media.length; In XDM: sessionDetails.length"
    assert row(GOOD, "playhead").in_reports == "In XDM: playhead"
    assert row(GOOD, "analytics.reportSuite").in_reports == ""
    own = row({"customMetadata": {"season": "2"}}, "season")
    assert (own.context, own.xdm) == ("c.season", "customMetadata")
    assert own.label == "Custom metadata: season"


def test_missing_key_is_named_once() -> None:
    body = mistakes.mistake("no-channel").apply(presets.preset("vod", NOW_MS))
    found = explain(body, now_ms=NOW_MS)
    assert [parameter.key for parameter in found.missing] == ["media.channel"]
    assert str(found).count("media.channel") == 1
    assert "Required, but missing: media.channel (Channel)" in str(found)
    assert "".join(Reader(found._repr_html_()).texts).count("media.channel") == 1
    assert explain({}, now_ms=NOW_MS).missing[0].key == "playerTime.playhead"
    empty = explain({**GOOD, "params": {}}, now_ms=NOW_MS)
    assert len(empty.missing) == 8
    assert "".join(Reader(empty._repr_html_()).texts).count("media.channel") == 1


def test_every_problem_is_shown() -> None:
    for mistake in mistakes.known().values():
        found = explain(mistake.apply(presets.preset("full", NOW_MS)), now_ms=NOW_MS)
        in_rows = [problem for row in found.rows for problem in row.problems]
        shown = "".join(Reader(found._repr_html_()).texts)
        for problem in found.verdict.problems:
            assert problem.message in shown or problem.rule == "missing"
            assert in_rows.count(problem) <= 1
        assert set(mistake.rules) <= {problem.rule for problem in found.verdict.problems}


@pytest.mark.parametrize("text", ["{", "", "[1]", '"x"', b"\xff", "null"])
def test_body_without_fields_shows_its_problem(text: Any) -> None:
    found = explain(text)
    assert found.rows == ()
    assert str(found).startswith("The body has no fields.\n- Error: ")
    assert "The body has no fields" in found._repr_html_()


def test_every_kind_of_body_can_be_explained() -> None:
    draft = Draft(now_ms=NOW_MS)
    expected = places(explain(draft))
    for thing in (draft.event, draft.event.value, draft.event.to_text(), exchange(body=draft.event.to_bytes())):
        assert places(explain(thing)) == expected


def test_exchange_is_validated_at_its_own_time() -> None:
    sent = exchange(body=Event({**GOOD, "playerTime": {"playhead": 0, "ts": 1_509_045_324_000}}).to_bytes())
    assert not explain(sent).verdict.problems
    assert [problem.rule for problem in explain(sent, now_ms=NOW_MS).verdict.problems] == ["ts-far"]
    with Sandbox() as sandbox, Client(sandbox) as client:
        assert explain(client.start_session(presets.preset("vod"))).verdict.ok


def test_identifiers_are_hidden() -> None:
    body = {
        "eventType": "sessionStart",
        "params": {
            "analytics.reportSuite": "acme-prod",
            "analytics.visitorID": "jane",
            "visitor.customerIDs": {"crm": {"id": "jane", "authState": 9}},
        },
        "visitorId": "jane",
        "customMetadata": {"visitorId": "jane"},
    }
    found = explain(body)
    for text in (str(found), repr(found), repr(found.rows), found._repr_html_(), *map(str, found.rows)):
        assert "acme" not in text
        assert "jane" not in text
    assert row(body, "analytics.reportSuite").shown == "•••"
    assert row(body, "analytics.reportSuite").value == "acme-prod"
    assert row(GOOD, "analytics.reportSuite").shown == '"demo-test"'


def test_every_value_is_escaped() -> None:
    evil = "<script>alert(1)</script>"
    body = {evil: evil, "eventType": evil, "params": {evil: evil}, "customMetadata": {evil: evil}, "qoeData": evil}
    shown = explain(body)._repr_html_()
    assert "<script" not in shown
    assert "alert(1)" in shown
    Reader(shown)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "params",
                    "playerTime",
                    "ts",
                    "eventType",
                    "media.id",
                    "qoeData",
                    "customMetadata",
                    "visitor.customerIDs",
                ]
            )
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(body=JSON | st.binary() | st.text())
def test_any_value_can_be_explained(body: Any) -> None:
    found = explain(body, now_ms=NOW_MS)
    str(found)
    Reader(found._repr_html_())
    if isinstance(body, dict):
        tops = {row.place[0] for row in found.rows}
        assert tops == set(body)
