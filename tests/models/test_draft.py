"""Draft: unset keys, typed text, JSON text and undo."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from mctoolkit import Event, UsageError, example, validate
from mctoolkit.models.body_edit import place_of
from mctoolkit.models.draft import Draft
from mctoolkit.spec import catalog

NOW_MS = 1_795_421_642_000
DEMO_PARAMS = ["media.id", "media.length", "media.contentType", "media.playerName", "media.channel"]


def test_new_draft_is_the_example() -> None:
    for event_type in ("sessionStart", "adStart"):
        assert Draft(event_type, now_ms=NOW_MS).event == example(event_type, now_ms=NOW_MS)


def test_empty_draft_has_only_its_event_type() -> None:
    assert Draft(demo=False).event.value == {"eventType": "sessionStart"}


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("media.length", "60,39", 60.39),
        ("media.length", "60.39", 60.39),
        ("media.length", "0", 0),
        ("media.length", "1.800", 1.8),
        ("media.length", "soon", "soon"),
        ("media.length", '"60.39"', "60.39"),
        ("media.length", "NaN", "NaN"),
        ("playerTime.ts", "1509045324153", 1509045324153),
        ("media.season", "2", "2"),
        ("media.season", "007", "007"),
        ("media.name", " x ", " x "),
        ("media.name", "true", "true"),
        ("media.resume", "true", True),
        ("media.resume", "false", False),
        ("media.resume", "maybe", "maybe"),
        ("visitor.customerIDs", '{"crm": {"id": "7"}}', {"crm": {"id": "7"}}),
        ("visitor.customerIDs", '{"crm"', '{"crm"'),
        ("media.qoe.bitrate", "3200000", 3200000),
    ],
)
def test_enter_parses_text_as_type_of_field(key: str, text: str, value: Any) -> None:
    draft = Draft(demo=False)
    draft.enter(key, text)
    assert draft.get(key) == value
    assert type(draft.get(key)) is type(value)
    assert draft.text(key) == text


@pytest.mark.parametrize("p", Draft().fields, ids=lambda p: p.key)
def test_cleared_field_is_absent(p: catalog.Parameter) -> None:
    draft = Draft(demo=False)
    before = draft.event.value
    for clear in (draft.clear, lambda key: draft.enter(key, "")):
        draft.enter(p.key, "1")
        assert draft.is_set(p.key)
        clear(p.key)
        assert not draft.is_set(p.key)
        assert draft.event.value == before


def test_unset_differs_from_zero_and_empty_text() -> None:
    draft = Draft(demo=False)
    draft.set("media.length", 0)
    draft.set("media.name", "")
    draft.set("media.show", None)
    assert draft.event.params == {"media.length": 0, "media.name": "", "media.show": None}
    assert not draft.is_set("media.season")


@pytest.mark.parametrize(
    ("value", "shown"),
    [(60.39, "60.39"), ("60.39", '"60.39"'), ("soon", "soon"), (None, "null"), (True, "true"), ([1], "[1]")],
)
def test_number_field_quotes_text_that_reads_as_another_type(value: Any, shown: str) -> None:
    draft = Draft(demo=False)
    draft.set("media.length", value)
    assert draft.text("media.length") == shown
    draft.enter("media.length", shown)
    assert draft.get("media.length") == value


@pytest.mark.parametrize(("text", "value", "other"), [("60,39", 60.39, None), ("1.800", 1.8, 1800)])
def test_parsed_number_reports_a_different_reading(text: str, value: float, other: int | None) -> None:
    draft = Draft()
    draft.enter("media.length", text)
    reading = draft.parsed_number("media.length")
    assert reading is not None
    assert (reading.value, reading.other) == (value, other)


@pytest.mark.parametrize("text", ["60.39", "60", "soon"])
def test_parsed_number_is_none_when_text_is_exact(text: str) -> None:
    draft = Draft()
    draft.enter("media.length", text)
    assert draft.parsed_number("media.length") is None


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("media.id", ("params", "media.id")),
        ("playerTime.ts", ("playerTime", "ts")),
        ("media.qoe.bitrate", ("qoeData", "media.qoe.bitrate")),
        ("customMetadata.my.label", ("customMetadata", "my.label")),
        ("qoeData.bitrate", ("qoeData", "bitrate")),
        ("media.channelName", ("params", "media.channelName")),
        ("media.errorId", ("params", "media.errorId")),
        ("customMetadata.", ("customMetadata", "")),
    ],
)
def test_place_of_each_kind_of_key(key: str, place: tuple[str, ...]) -> None:
    assert place_of(key) == place


@pytest.mark.parametrize("key", ["", 3, None])
def test_set_invalid_key_raises(key: Any) -> None:
    with pytest.raises(UsageError, match="A key is text"):
        Draft().set(key, 1)


def test_keys_keep_the_order_of_the_catalog() -> None:
    draft = Draft(demo=False)
    for key in reversed(
        [*DEMO_PARAMS, "media.qoe.bitrate", "customMetadata.x", "playerTime.ts", "playerTime.playhead"]
    ):
        draft.enter(key, "1")
    value = draft.event.value
    assert list(value) == ["playerTime", "eventType", "params", "customMetadata", "qoeData"]
    assert list(value["params"]) == [key for key in catalog.parameters() if key in DEMO_PARAMS]
    assert list(value["playerTime"]) == ["playhead", "ts"]


def test_undo_merges_edits_of_one_field() -> None:
    draft = Draft(now_ms=NOW_MS)
    start = draft.event.value
    for text in ("P", "Pi", "Pil"):
        draft.enter("media.name", text)
    draft.enter("media.show", "S")
    draft.undo()
    assert draft.get("media.name") == "Pil"
    draft.undo()
    assert draft.event.value == start
    assert not draft.can_undo
    draft.undo()
    assert draft.event.value == start


def test_event_is_a_copy() -> None:
    draft = Draft(now_ms=NOW_MS)
    draft.event.value["params"]["media.id"] = "changed"
    assert draft.get("media.id") == "demo-episode-1"


def _edit(draft: Draft, what: str, key: str, value: Any) -> None:
    if what == "clear":
        draft.clear(key)
    else:
        {"type": draft.enter, "set": draft.set}[what](key, value)


edit_lists = st.lists(
    st.one_of(
        st.tuples(st.just("type"), st.sampled_from([p.key for p in Draft().fields] + ["zork"]), st.text(max_size=6)),
        st.tuples(st.just("clear"), st.sampled_from([p.key for p in Draft().fields]), st.just("")),
        st.tuples(st.just("set"), st.sampled_from(["media.length", "params", "customMetadata.x"]), st.integers()),
    ),
    max_size=12,
)


@given(edit_lists)
def test_undo_restores_the_start_and_load_keeps_the_body(edits: list[tuple[str, str, Any]]) -> None:
    draft = Draft(now_ms=NOW_MS)
    start = draft.event.value
    for what, key, value in edits:
        _edit(draft, what, key, value)
    again = Draft(demo=False)
    again.load(draft.event)
    assert again.event.value == draft.event.value
    while draft.can_undo:
        draft.undo()
    assert draft.event.value == start


@pytest.mark.parametrize("body", ["[]", "{", "3"])
def test_load_body_that_is_not_an_object_raises(body: str) -> None:
    with pytest.raises(UsageError, match="not a JSON object"):
        Draft().load(Event(body))


def test_unknown_event_type_raises() -> None:
    with pytest.raises(UsageError, match="no event type"):
        Draft("zork")


def test_enter_json_keeps_bytes_and_updates_fields() -> None:
    draft = Draft(now_ms=NOW_MS)
    text = '{ "eventType" : "sessionStart",\n "params": {"media.id": "x", "media.id": "y", "zork": 60.390} }'
    draft.enter_json(text)
    assert draft.event.to_bytes() == text.encode()
    assert draft.get("media.id") == "y"
    assert not draft.is_set("media.length")
    draft.enter("media.name", "Pilot")
    assert draft.event.params == {"media.id": "y", "media.name": "Pilot", "zork": 60.39}
    draft.undo()
    assert draft.event.to_bytes() == text.encode()


@pytest.mark.parametrize("text", ['{"a": ', "", "[]", "null", "\ud800"])
def test_enter_broken_json_keeps_text_and_fields(text: str) -> None:
    draft = Draft(now_ms=NOW_MS)
    draft.enter_json(text)
    assert draft.json_is_broken
    assert draft.event.raw == text.encode("utf-8", "surrogatepass")
    assert draft.get("media.id") == "demo-episode-1"
    assert not validate(draft.event).ok
    draft.set("media.id", "x")
    assert not draft.json_is_broken
    assert draft.event.params["media.id"] == "x"
    draft.undo()
    draft.undo()
    assert draft.event.params["media.id"] == "demo-episode-1"


@given(edit_lists)
def test_json_text_of_a_draft_gives_the_same_draft(edits: list[tuple[str, str, Any]]) -> None:
    draft = Draft(now_ms=NOW_MS)
    for what, key, value in edits:
        _edit(draft, what, key, value)
    text = draft.event.to_text()
    again = Draft(demo=False)
    again.enter_json(text)
    assert again.event.value == draft.event.value
    for field in draft.fields:
        assert (again.is_set(field.key), again.get(field.key)) == (draft.is_set(field.key), draft.get(field.key))


def test_labels_are_the_custom_metadata() -> None:
    draft = Draft(demo=False)
    assert draft.labels == {}
    draft.set("customMetadata.season", "2")
    assert draft.labels == {"season": "2"}
    draft.enter_json('{"customMetadata": []}')
    assert draft.labels == {}


def test_redo_is_possible_until_the_next_change() -> None:
    draft = Draft(demo=False)
    for number in (1, 2, 3):
        draft.set("media.length", number)
    draft.undo()
    draft.undo()
    draft.redo()
    assert draft.get("media.length") == 2
    draft.undo()
    draft.set("media.length", 9)
    draft.redo()
    assert draft.get("media.length") == 9
    draft.undo()
    assert draft.get("media.length") == 1


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        (['{"a": "x"}', '{"a": "xy"}', '{"a": "xyz"}'], '{"a": "x"}'),
        (['{"a": "x"}', '{"a": "xy"}', '{"aa": "xy"}'], '{"a": "xy"}'),
        (['{"a": "x"}', '{"a": "xpasted"}'], '{"a": "x"}'),
        (['{"a": "xyz"}', '{"a": "xy"}', '{"a": "x"}'], '{"a": "xyz"}'),
    ],
    ids=["single characters", "another position", "paste", "deletion"],
)
def test_undo_merges_json_edits_close_together(typed: list[str], left: str) -> None:
    draft = Draft(demo=False)
    for text in typed:
        draft.enter_json(text)
    draft.undo()
    assert draft.event.raw == left.encode()
