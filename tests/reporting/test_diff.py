"""compare: every difference is found, and nothing hidden is shown."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from mctoolkit import Client, Event, Exchange, Sandbox
from mctoolkit.models.draft import Draft
from mctoolkit.models.exchange import Failure, Response
from mctoolkit.reporting.diff import MISSING, Comparison, compare
from mctoolkit.simulation import mistakes, presets
from tests.models.test_exchange import CREATED, Reader, exchange

NOW_MS = 1_795_421_642_789

# --- bodies ----------------------------------------------------------------------------------------------------------

ROWS: list[tuple[Any, Any, list[tuple[str, str, str, str]]]] = [
    ({}, {}, []),
    ({"a": 1}, {"a": 2}, [("a", "1", "2", "changed")]),
    ({"a": 1}, {}, [("a", "1", "not sent", "only left")]),
    ({}, {"a": None}, [("a", "not sent", "null", "only right")]),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}, []),
    ({"a": 1}, {"a": 1.0}, [("a", "1", "1.0", "changed")]),
    ({"a": 1}, {"a": True}, [("a", "1", "true", "changed")]),
    ({"a": 0.0}, {"a": -0.0}, [("a", "0.0", "-0.0", "changed")]),
    ({"a": "1"}, {"a": 1}, [("a", '"1"', "1", "changed")]),
    ({"a": {"b": {"c": 1}}}, {"a": {"b": {"c": 2}}}, [("a.b.c", "1", "2", "changed")]),
    ({"a": {"b": 1}}, {"a": [1]}, [("a", '{"b":1}', "[1]", "changed")]),
    ({"a": [1, 2, 3]}, {"a": [1, 4]}, [("a[1]", "2", "4", "changed"), ("a[2]", "3", "not sent", "only left")]),
    ({"params": {}}, {"params": {"media.id": "x"}}, [('params["media.id"]', "not sent", '"x"', "only right")]),
    ({"a": float("nan")}, {"a": float("inf")}, [("a", "NaN", "Infinity", "changed")]),
    ({1: "x"}, {"1": "x"}, []),
    ([1], [2], [("[0]", "1", "2", "changed")]),
    ("{", "{", []),
    ('{"a": 1}', '{"a": 1,}', [("line 1, column 8", '"{\\"a\\": 1}"', '"{\\"a\\": 1,}"', "changed")]),
    ("x\ny\nz", "x\nz", [("line 2", '"y"', "not present", "only left")]),
    ("x\nz", "x\ny\nz", [("line 2", "not present", '"y"', "only right")]),
    ("x\r\n", "x\n", [("line 1, column 2", '"x\\r"', '"x"', "changed")]),
    (b"\xff", b"\xfe", [("line 1, column 4", '"\\\\xff"', '"\\\\xfe"', "changed")]),
    (b"", "x", [("line 1", "not present", '"x"', "only right")]),
]


@pytest.mark.parametrize(("left", "right", "rows"), ROWS)
def test_each_difference_is_a_row(left: Any, right: Any, rows: Any) -> None:
    found = compare(left, right)
    assert [(row.where, row.left_shown, row.right_shown, row.change) for row in found.rows] == rows
    assert bool(found) is bool(rows)
    assert len(found) == len(rows)
    assert found.responses == ()


def test_text_lists_the_differences() -> None:
    right = presets.preset("vod", NOW_MS)
    left = mistakes.mistake("no-channel").apply(right)
    found = compare(left, right, names=("row 2", "row 3"))
    assert str(found) == '1 difference: params["media.channel"]  row 2: not sent  row 3: "demo-channel"'
    assert repr(found) == str(found)
    assert found.rows[0].left is MISSING
    assert found.rows[0].place == ("params", "media.channel")
    two = compare(left, mistakes.mistake("length-milliseconds").apply(right))
    assert str(two).split("\n") == [
        "2 differences",
        '- params["media.length"]  left: 60.39  right: 60390',
        '- params["media.channel"]  left: not sent  right: "demo-channel"',
    ]


def test_same_json_in_other_bytes_is_reported() -> None:
    assert str(compare('{"a":1}', '{"a":1}')) == "No difference."
    for left, right in (('{"a":1}', '{"a": 1}'), ('{"a":1,"a":2}', '{"a":2}'), ('{"a":1e2}', '{"a":100.0}')):
        found = compare(left, right)
        assert found.same
        assert not found.same_bytes
        assert str(found).startswith("No difference in content. The bytes differ")


def test_compact_json_is_indented_for_line_comparison() -> None:
    good = presets.preset("vod", NOW_MS)
    broken = mistakes.mistake("trailing-comma").apply(good)
    last = '    \\"media.streamType\\": \\"video\\"'
    assert str(compare(good, broken)) == f'1 difference: line 18, column 32  left: "{last}"  right: "{last},"'
    assert str(compare(broken, good)) == f'1 difference: line 18, column 32  left: "{last},"  right: "{last}"'
    assert len(compare(good.to_text(), broken)) == 1
    assert len(compare(good, "{")) == 1
    assert len(compare({"a": "\ud800"}, "{\n1")) == 2


def test_every_kind_of_body_can_be_compared(tmp_path: Any) -> None:
    draft = Draft(now_ms=NOW_MS)
    (tmp_path / "body.json").write_text(draft.event.to_text())
    sent = exchange(body=draft.event.to_bytes())
    things = [draft, draft.event, draft.event.value, draft.event.to_text(), draft.event.to_bytes(), sent]
    things.append(tmp_path / "body.json")
    for one in things:
        for other in things:
            assert compare(one, other).same, (one, other)
    for thing in things:
        assert [row.where for row in compare(thing, {}).rows][:2] == ["playerTime", "eventType"]


# --- properties ------------------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc") | st.text(max_size=2), inner),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.sampled_from(["a", "b", "params", "analytics.reportSuite"]), JSON)


def apply_differences(left: Any, found: Comparison) -> Any:
    """Apply every difference to a copy of the left side."""
    holder = {"body": copy.deepcopy(left)}
    for row in sorted(found.rows, key=lambda row: row.change == "only left"):
        at: Any = holder
        way = ("body", *row.place)
        for part in way[:-1]:
            at = at[part]
        if row.change == "only left":
            at[way[-1]] = MISSING
        elif isinstance(at, list) and way[-1] == len(at):
            at.append(copy.deepcopy(row.right))
        else:
            at[way[-1]] = copy.deepcopy(row.right)
    return without_missing(holder)["body"]


def without_missing(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_missing(member) for key, member in value.items() if member is not MISSING}
    return [without_missing(item) for item in value if item is not MISSING] if isinstance(value, list) else value


@settings(max_examples=300, deadline=None)
@given(left=OBJECTS, right=OBJECTS)
def test_json_differences_turn_left_into_right(left: Any, right: Any) -> None:
    found = compare(left, right)
    assert json.dumps(apply_differences(left, found), sort_keys=True) == json.dumps(right, sort_keys=True)
    assert [row.place for row in compare(right, left).rows] != [] if found else compare(right, left).same
    for row in found.rows:
        assert row.left_shown != row.right_shown
    str(found)
    Reader(found._repr_html_())


LINES = st.lists(st.sampled_from(["", "a", "b", "{", "é", "analytics.reportSuite: x"]), max_size=6).map("\n".join)


@settings(max_examples=300, deadline=None)
@given(left=LINES, right=LINES)
def test_line_differences_turn_left_into_right(left: str, right: str) -> None:
    found = compare(f"?{left}", f"!{right}")
    lines: list[Any] = f"?{left}".split("\n")
    for row in found.rows:
        if row.change != "only right":
            assert isinstance(row.place[0], int)
            assert lines[row.place[0] - 1] == row.left
            lines[row.place[0] - 1] = row.right
    lines = [line for line in lines if line is not MISSING]
    for row in found.rows:
        if row.change == "only right":
            assert isinstance(row.place[0], int)
            lines.insert(row.place[0] - 1, row.right)
    assert "\n".join(lines) == f"!{right}"


@settings(max_examples=200, deadline=None)
@given(body=OBJECTS | st.text() | st.binary() | st.floats() | JSON)
def test_body_equals_its_copy(body: Any) -> None:
    found = compare(body, copy.deepcopy(body))
    assert found.same
    assert found.same_bytes
    assert str(found) == "No difference."


# --- masking ---------------------------------------------------------------------------------------------------------


def suite(name: Any) -> dict[str, Any]:
    return {"params": {"analytics.reportSuite": name, "media.id": "x"}}


@pytest.mark.parametrize(
    ("left", "right", "shown"),
    [
        ("acme-prod", "acme-test", ("•••", "••• (a different value)")),
        ("demo-test", "acme-test", ('"demo-test"', "•••")),
        ("acme-prod", {"acme": 1}, ("•••", "••• (a different value)")),
        ({"acme": 1}, {"acme": 2}, ("•••", "••• (a different value)")),
        (["acme"], ["acme2"], ("•••", "••• (a different value)")),
        ("acme-prod", None, ("•••", "null")),
    ],
)
def test_different_hidden_values_look_different(left: Any, right: Any, shown: tuple[str, str]) -> None:
    found = compare(suite(left), suite(right))
    assert [(row.left_shown, row.right_shown) for row in found.rows] == [shown]
    assert (found.rows[0].left, found.rows[0].right) == (left, right)
    for text in (str(found), repr(found), repr(found.rows), found._repr_html_()):
        assert "acme" not in text


def test_nested_identifier_of_one_side_is_hidden() -> None:
    for left, right in ((suite("acme-prod"), {}), ({}, suite("acme-prod")), (suite("acme-prod"), {"params": 1})):
        found = compare(left, right)
        assert "acme" not in str(found) + repr(found.rows) + found._repr_html_()
        assert '"media.id":"x"' in str(found)


def test_identifiers_in_lines_are_hidden() -> None:
    left = Event(suite("acme-prod")).to_text()
    for right in (left + ",", left.replace("acme-prod", "acme-test") + ",", left.replace('x"', 'y",')):
        found = compare(left, right)
        assert found.rows
        assert "acme" not in str(found) + repr(found.rows) + found._repr_html_()
    one_line = '{"analytics.reportSuite":"acme-prod","a":1}'
    assert compare(one_line, one_line[:-1] + ",}").rows[0].right_shown.endswith("(a different value)")


def test_long_lines_are_cut_around_the_difference() -> None:
    row = compare("?" + "a" * 500 + "bc", "?" + "a" * 500 + "dc").rows[0]
    assert (row.where, row.left_shown[-5:], row.right_shown[-5:]) == ("line 1, column 502", 'aabc"', 'aadc"')
    assert row.left_shown.startswith('…"aaa')
    row = compare({"a": "x" * 500}, {"a": "x" * 500 + "y"}).rows[0]
    assert len(row.left_shown) < 150
    assert row.left_shown != row.right_shown


def test_every_value_is_escaped() -> None:
    evil = "<script>alert(1)</script>"
    pairs: list[tuple[Any, Any]] = [
        ({evil: 1}, {evil: evil}),
        (evil, evil + evil),
        (
            exchange(Response(400, evil, ((evil, evil),), evil.encode())),
            exchange(Response(500, "", ((evil, "x"),), b"")),
        ),
    ]
    for left, right in pairs:
        shown = compare(left, right, names=(evil, evil))._repr_html_()
        assert "<script" not in shown
        assert "alert(1)" in shown
        Reader(shown)


# --- exchanges -------------------------------------------------------------------------------------------------------


def test_responses_of_exchanges_are_compared() -> None:
    good = presets.preset("vod", NOW_MS)
    with Sandbox() as sandbox, Client(sandbox) as client:
        refused = client.start_session(mistakes.mistake("no-channel").apply(good), send_anyway=True)
        accepted = client.start_session(good)
    found = compare(refused, accepted)
    assert [row.where for row in found.rows] == ['params["media.channel"]']
    responses = {row.where: row for row in found.responses}
    assert responses["status"].left_shown == "400 Bad Request: refused: media.channel missing"
    assert responses["status"].right_shown == "201 Created: session started"
    assert responses["session id"].left is MISSING
    assert responses["session id"].right == accepted.session_id
    assert "media.channel" in responses["message of the server"].left_shown
    assert responses["header Location"].change == "only right"
    assert responses["header X-Sandbox-Problems"].change == "only left"
    assert str(found).startswith("1 difference in the request: params")
    assert f"{len(found.responses)} differences in the response" in str(found)
    assert compare(accepted, accepted).same


@pytest.mark.parametrize(
    ("left", "right", "wheres"),
    [
        (exchange(), exchange(), []),
        (exchange(), exchange(sent_at_ms=5, elapsed_ms=9.0), []),
        (exchange(), exchange(url="https://acme.hb-api.omtrdc.net/other"), ["address"]),
        (
            exchange(),
            exchange(replace(CREATED, headers=(("LOCATION", "/api/v1/sessions/7f3a"), ("Content-Length", "0")))),
            [],
        ),
        (
            exchange(Response(204, "", (("Via", "a"),), b"")),
            exchange(Response(204, "", (("Via", "a"), ("Via", "b")), b"")),
            ["header Via"],
        ),
        (exchange(None, Failure("refused")), exchange(None, Failure("cut")), ["status"]),
        (exchange(None, Failure("refused")), exchange(None, Failure("refused")), []),
        (exchange(Response(500, "", (), b"a")), exchange(Response(500, "", (), b"b")), ["message of the server"]),
    ],
)
def test_address_and_response_differences(left: Exchange, right: Exchange, wheres: list[str]) -> None:
    found = compare(left, right)
    assert [row.where for row in (*found.rows, *found.responses)] == wheres
    assert found.same is (not wheres)


def test_hosts_and_secrets_of_exchanges_are_hidden() -> None:
    left = exchange(
        Response(500, "", (("Set-Cookie", "s3cret"), ("Location", "https://acme.hb-api.omtrdc.net/?q")), b"")
    )
    right = exchange(
        Response(500, "", (("Set-Cookie", "s3cret2"),), b'{"analytics.reportSuite": "acme-prod"}'),
        url="https://acme2.hb-api.omtrdc.net/api/v1/sessions",
    )
    found = compare(left, right)
    for text in (str(found), repr(found.responses), found._repr_html_()):
        assert "acme" not in text
        assert "s3cret" not in text
    cookie = next(row for row in found.responses if row.where == "header Set-Cookie")
    assert (cookie.left_shown, cookie.right_shown) == ("•••", "••• (a different value)")


def test_comparison_is_immutable() -> None:
    found = compare({}, {"a": 1})
    with pytest.raises(AttributeError):
        found.rows = ()  # type: ignore[misc]
    with pytest.raises(AttributeError):
        found.rows[0].left = 1  # type: ignore[misc]
