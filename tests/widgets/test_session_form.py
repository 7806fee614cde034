"""The form without a browser: code, clicks, text version and static view."""

from __future__ import annotations

import html
import re
import threading
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import ipywidgets
import pytest

from mctoolkit import Client, Exchange, HostError, ManualClock, Sandbox, SessionForm, UsageError, seeded_ids
from mctoolkit._core import json_io
from mctoolkit.client.journal import Journal
from mctoolkit.models.severity import LEVEL_LABELS
from mctoolkit.reporting.formats import to_curl, to_python
from mctoolkit.reporting.html.exchange import exchange_html
from mctoolkit.simulation import mistakes, presets
from mctoolkit.spec import catalog
from tests.widgets.conftest import NOW_MS
from tests.widgets.form_page import LONG_S, FormPage, all_widgets


def test_first_click_gets_201(form: SessionForm, page: FormPage) -> None:
    assert form.verdict.problems == ()
    page.click("Send to the sandbox")
    assert form.response is not None
    assert form.response.status == 201
    assert form.response.session_id == seeded_ids(7)()
    assert "201 Created" in page.response


def test_shown_json_is_sent(form: SessionForm, page: FormPage) -> None:
    page.field("media.length").value = "60,39"
    assert '"media.length": 60.39' in page.state["request"]["text"]
    assert "Sent as 60.39." in page.message("media.length")
    exchange = form.send()
    assert exchange is not None
    assert exchange.request.body == form.event.to_bytes()
    assert b'"media.length":60.39' in exchange.request.body


def test_only_required_fields_are_shown_first(form: SessionForm, page: FormPage) -> None:
    required = [p.key for p in form.draft.fields if p.required("sessionStart")]
    assert sorted(page.view.field_list.fields) == sorted(required)
    assert len(required) == 10
    for key in required:
        assert "Required" in page.field(key).description


def test_unfolding_shows_a_field_for_every_key(form: SessionForm, page: FormPage) -> None:
    page.view.field_list.more.selected_index = 0
    assert set(page.view.field_list.fields) == {p.key for p in form.draft.fields}
    assert "Optional" in page.field("media.season").description
    page.field("media.season").value = "2"
    assert form.event.params["media.season"] == "2"


def test_boolean_field_has_three_states(form: SessionForm, page: FormPage) -> None:
    page.view.field_list.more.selected_index = 0
    choice = page.field("media.resume")
    assert [label for label, _ in choice.options] == ["Not sent", "true", "false"]
    for text, value in (("true", True), ("false", False)):
        choice.value = text
        assert form.event.params["media.resume"] is value
    choice.value = ""
    assert "media.resume" not in form.event.params
    form.set("media.resume", "maybe")
    assert choice.value == "maybe"


@pytest.mark.parametrize("key", ["media.id", "media.length", "playerTime.ts"])
def test_cleared_field_is_unset_and_reports_missing(form: SessionForm, page: FormPage, key: str) -> None:
    page.field(key).value = ""
    assert not form.draft.is_set(key)
    place = catalog.parameter(key).place
    assert form.verdict.at(*place)[0].rule == "missing"
    assert "Missing" in page.message(key)
    assert form.verdict.summary in page.state["status"]
    form.enter(key, "1509045324153")
    assert "Missing" not in page.message(key)


def test_send_anyway_says_what_to_expect(form: SessionForm, page: FormPage) -> None:
    assert page.state["send_note"] == ""
    form.clear("media.channel")
    assert "will respond with 400" in page.state["send_note"]
    anyway = page.button("Send anyway: expect 400")
    assert not anyway.disabled
    page.click(anyway)
    assert form.response is not None
    assert form.response.status == 400
    assert "400 Bad Request" in page.response
    form.clear("media.id")
    page.button("Send anyway: expect 400")


def test_hint_does_not_change_the_send_button(form: SessionForm, page: FormPage) -> None:
    form.set("media.length", 60390)
    assert len(form.verdict.hints) == 1
    page.button("Send to the sandbox")


def test_fix_button_applies_the_fix(form: SessionForm, page: FormPage) -> None:
    form.set("media.length", "60.39")
    page.fix("Make it 60.39")
    assert form.event.params["media.length"] == 60.39
    assert form.verdict.ok
    assert page.fixes == {}


def test_outdated_fix_changes_nothing(form: SessionForm, page: FormPage) -> None:
    form.set("media.length", "60.39")
    (name,) = page.fixes.values()
    form.set("media.length", "90")
    page.receive({"fix": name})
    assert form.event.params["media.length"] == "90"


def test_fix_button_renames_metadata(form: SessionForm, page: FormPage) -> None:
    form.set("customMetadata.show-name", "Pilot")
    assert "Rename it to show_name" in page.view.field_list.metadata._helps["show-name"].value
    page.fix("Rename it to show_name")
    assert form.event.custom_metadata == {"show_name": "Pilot"}


def test_unknown_key_offers_the_known_one(form: SessionForm, page: FormPage) -> None:
    form.set("media.channelName", "x")
    form.clear("media.channel")
    assert "media.channelName" in page.view.field_list.unplaced.value
    page.fix("Rename it to media.channel")
    assert form.event.params["media.channel"] == "x"
    assert page.view.field_list.unplaced.value == ""


def test_undo_restores_fields(page: FormPage) -> None:
    page.field("media.id").value = "other"
    assert not page.view.undo.disabled
    page.view.undo.click()
    assert page.field("media.id").value == "demo-episode-1"
    assert page.view.undo.disabled


def test_fields_follow_code(form: SessionForm, page: FormPage) -> None:
    form.set("media.id", "from-code")
    assert page.field("media.id").value == "from-code"
    page.field("media.id").value = "from-field"
    assert form.event.params["media.id"] == "from-field"
    form.load({"eventType": "sessionStart", "params": {"media.id": "loaded"}})
    assert page.field("media.id").value == "loaded"
    assert page.field("media.channel").value == ""


def test_table_lists_responses(form: SessionForm, page: FormPage) -> None:
    form.send()
    form.clear("media.channel")
    form.send()
    table = form.table
    assert table["response"].tolist() == [201, 400]
    assert table["meaning"].tolist()[0] == "session started"
    assert table["problems"].tolist() == [0, 1]
    assert table["session_id"].isna().tolist() == [False, True]
    assert page.view.responses.table.value.count("<tr>") == 3
    assert [e.status for e in form.exchanges] == [201, 400]


def test_double_click_sends_once(form: SessionForm, page: FormPage, monkeypatch: pytest.MonkeyPatch) -> None:
    started, proceed = threading.Event(), threading.Event()
    real = form.client.start_session

    def slow(*args: Any, **kwargs: Any) -> Any:
        started.set()
        assert proceed.wait(LONG_S)
        return real(*args, **kwargs)

    monkeypatch.setattr(form.client, "start_session", slow)
    first = threading.Thread(target=form.send)
    first.start()
    assert started.wait(LONG_S)
    assert page.send_button.disabled
    assert page.send_button.description == "Sending..."
    assert form.send() is None
    proceed.set()
    first.join(LONG_S)
    assert len(form.exchanges) == 1
    assert not page.send_button.disabled


def test_missing_response_is_shown_and_kept(form: SessionForm, page: FormPage, sandbox: Sandbox) -> None:
    sandbox.stop()
    exchange = form.send()
    assert exchange is not None
    assert exchange.status is None
    assert "Nothing was sent" in page.response
    assert form.table["response"].isna().all()
    assert not page.send_button.disabled


def test_callback_error_is_shown(form: SessionForm, page: FormPage, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("<b>deliberate</b>")

    monkeypatch.setattr(form.client, "start_session", broken)
    page.click(page.send_button)
    assert "ZeroDivisionError" in page.response
    assert "&lt;b&gt;deliberate" in page.response
    assert not page.send_button.disabled


def test_non_json_value_is_reported(form: SessionForm, page: FormPage) -> None:
    form.set("media.name", {1, 2})
    assert form.verdict.at("params", "media.name")[0].rule == "odd-value"
    page.click(page.send_button)
    assert "cannot be written as JSON" in page.response
    form.clear("media.name")
    assert form.verdict.ok


def test_typed_html_is_escaped(form: SessionForm, page: FormPage) -> None:
    form.set("media.name", "<script>alert(1)</script>")
    form.set("<img src=x onerror=alert(1)>", 1)
    form.send()
    for view in all_widgets(form.widget):
        assert "<script>" not in str(getattr(view, "value", "")) or view is page.view.field_list.fields.get(
            "media.name"
        )
        assert "<img" not in str(getattr(view, "value", ""))


def test_text_version_of_the_form(form: SessionForm) -> None:
    form.enter("media.length", "60,39")
    form.clear("media.channel")
    form.send()
    form.set("customMetadata.season", "2")
    (missing,) = form.verdict.at("params", "media.channel")
    assert missing.fix is not None
    assert str(form).split("\n") == [
        "Start a session (sessionStart) -> sandbox",
        f"Invalid: {form.verdict.summary}",
        "  Playhead (playerTime.playhead, Required): 0",
        "  Time stamp (playerTime.ts, Required): 1795421642000",
        "  Content ID (media.id, Required): demo-episode-1",
        "  Length (media.length, Required): 60,39",
        "    Sent as 60.39.",
        "  Content type (media.contentType, Required): VOD",
        "  Player name (media.playerName, Required): demo-html5",
        "  Channel (media.channel, Required): Not sent",
        f"    {LEVEL_LABELS['error']!s}: {missing.message} [{missing.fix.label}]",
        "  Tracking server (analytics.trackingServer, Required): demo.sc.omtrdc.net",
        "  Report suite (analytics.reportSuite, Required): demo-test",
        "  Organisation ID (visitor.marketingCloudOrgId, Required): 000000000000000000000000@AdobeOrg",
        "  Visitor ID (analytics.visitorId, Optional): demo-visitor-1",
        "  customMetadata.season: 2",
        "  Not sent: 43 optional keys",
        "[Send anyway: expect 400]",
        "Responses: 1",
        "  1 400 refused: media.channel missing",
    ]


def test_stored_output_hides_identifiers(form: SessionForm) -> None:
    form.set("analytics.visitorId", "secret-77")
    form.set("analytics.reportSuite", "acme-prod")
    bundle = form._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/plain"] == str(form)
    assert "secret-77" not in str(bundle)
    assert "acme-prod" not in str(bundle)


def test_empty_form_can_be_sent(sandbox: Sandbox) -> None:
    form = SessionForm(sandbox, empty=True)
    assert form.event.value == {"eventType": "sessionStart"}
    exchange = form.send()
    assert exchange is not None
    assert exchange.status == 400


def test_form_without_target_starts_a_sandbox() -> None:
    form = SessionForm()
    exchange = form.send()
    assert exchange is not None
    assert exchange.status == 201


def test_send_button_names_the_real_host() -> None:
    form = SessionForm("company.hb-api.omtrdc.net")
    page = FormPage(form)
    assert page.send_button.description == "Send to the REAL host company.hb-api.omtrdc.net, report suite demo-test"


def test_invalid_address_raises() -> None:
    with pytest.raises(HostError):
        SessionForm("not a host")


def test_static_view_hides_identifiers(form: SessionForm) -> None:
    form.set("analytics.visitorId", "secret-77")
    form.set("customMetadata.season", "2")
    form.clear("media.channel")
    form.send()
    shown = form.static_html()
    for text in (
        "This is a static view",
        "demo-episode-1",
        "customMetadata",
        "Send anyway: expect 400",
        "1 400 refused",
    ):
        assert text in shown
    assert "secret-77" not in shown
    assert "<input" not in shown
    assert "<button" not in shown


@pytest.mark.parametrize("seed", ["", "2026"])
def test_displayed_static_view_follows_responses(
    form: SessionForm, static_views: list[str], seed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs: list[Any] = []
    monkeypatch.setattr("mctoolkit._core.clocks.SEED", seed)
    monkeypatch.setattr("IPython.display.display", lambda thing, **_: outputs.append(thing))
    form._ipython_display_()
    assert "application/vnd.jupyter.widget-view+json" in outputs[0]
    assert static_views == [form.static_html()]
    form.set("media.id", "typed-since")
    form.send()
    assert ["typed-since" in view for view in static_views] == ([False] if seed else [False, True])
    assert seed or "Responses: 1" in static_views[-1]


def test_now_button_sets_the_time_stamp(form: SessionForm, page: FormPage) -> None:
    form.set("playerTime.ts", 0)
    page.view.field_list.now.click()
    assert form.event.ts_ms == NOW_MS
    assert "Mon 23 Nov 2026, 08:14:02.000 UTC" in page.message("playerTime.ts")


def test_edited_json_updates_fields_and_marks_syntax_errors(form: SessionForm, page: FormPage) -> None:
    assert '"media.id": "demo-episode-1"' in page.state["request"]["text"]
    page.type_json(page.state["request"]["text"].replace("demo-episode-1", "edited"))
    assert page.field("media.id").value == "edited"
    page.type_json('{"params": {"media.id": "x",}}')
    assert "line 1, column 28" in page.state["request"]["syntax_error"]["where"]
    assert page.field("media.id").value == "edited"
    page.click("Send anyway: expect 400")
    assert form.response is not None
    assert form.response.request.body == b'{"params": {"media.id": "x",}}'
    page.field("media.id").value = "again"
    assert '"media.id": "again"' in page.state["request"]["text"]
    assert page.state["request"]["syntax_error"] is None


@pytest.mark.parametrize(("key", "text"), [("media.id", "a"), ("media.length", "soon"), ("media.channel", "")])
def test_keystroke_sends_one_message_to_the_browser(
    page: FormPage, monkeypatch: pytest.MonkeyPatch, key: str, text: str
) -> None:
    page.field(key).value = "x"  # enables Undo, which would be a second message
    page.field(key).value = "before" if text == "" else ""
    sent: list[tuple[str, object]] = []
    real = ipywidgets.Widget.send_state

    def send_state(widget: ipywidgets.Widget, key: Any = None) -> None:
        if key:  # an empty set sends nothing
            sent.append((type(widget).__name__, key))
        real(widget, key)

    monkeypatch.setattr(ipywidgets.Widget, "send_state", send_state)
    page.field(key).set_state({"value": text})
    assert sent == [("BrowserBridge", "view_state")]


def test_request_state_has_the_latest_typed_stamp(form: SessionForm, page: FormPage) -> None:
    page.type_json("{}", typed=7)
    assert page.state["request"]["typed"] == 7
    form.set("media.id", "from code")
    assert page.state["request"]["typed"] == 7, "a change from code keeps the stamp"
    page.type_json('{"a": 1}', typed=5)
    assert page.state["request"]["typed"] == 7, "an older stamp is ignored"
    page.type_json("{}", typed=None)
    assert page.state["request"]["typed"] == 7


def test_similar_metadata_names_have_separate_fixes(form: SessionForm, page: FormPage) -> None:
    form.set("customMetadata.show-name", "hyphen")
    form.set("customMetadata.show name", "space")
    names = re.findall('data-mct-fix="(.*?)"', "".join(h.value for h in page.view.field_list.metadata._helps.values()))
    assert len(set(names)) == 2
    page.receive({"fix": html.unescape(names[0])})
    assert form.event.custom_metadata == {"show_name": "hyphen", "show name": "space"}


def test_link_to_fixed_problem_focuses_the_status_line(page: FormPage) -> None:
    sent: list[object] = []
    page.view.bridge.send = sent.append
    page.receive({"unfold": "customMetadata-gone"})
    assert sent == [{"focus": "status-line"}]


def test_request_state_marks_lines_with_problems(form: SessionForm, page: FormPage) -> None:
    form.clear("media.channel")
    form.set("media.length", 60390)
    marks = page.state["request"]["marks"]
    assert marks == [[("params", "media.channel"), "error"], [("params", "media.length"), "hint"]]


def test_fix_restores_a_removed_key(form: SessionForm, page: FormPage) -> None:
    before = form.event.to_text()
    page.view.mistakes.widget.value = "no-channel"
    page.fix('Restore "demo-channel"')
    assert form.event.to_text() == before
    assert form.verdict.ok


def test_fix_restores_a_value_deleted_by_keystrokes(page: FormPage) -> None:
    channel = page.field("media.channel")
    while channel.value:
        channel.value = channel.value[:-1]
    page.fix('Restore "demo-channel"')
    assert channel.value == "demo-channel"


def test_fixes_restore_a_removed_member(form: SessionForm, page: FormPage) -> None:
    before, text = form.event.value, form.event.to_text()
    page.type_json(json_io.write({key: value for key, value in before.items() if key != "playerTime"}).decode())
    for problem in form.verdict.errors:
        assert problem.fix is not None
        form.apply(problem.fix)
    assert form.event.to_text() == text


def test_no_restore_fix_for_unset_or_misspelled_key() -> None:
    assert all(problem.fix is None for problem in SessionForm("http://127.0.0.1:9", empty=True).verdict.problems)
    form = SessionForm("http://127.0.0.1:9")
    form.try_mistake("misspelt-name")
    missing, misspelt = form.verdict.problems
    assert (missing.rule, missing.fix) == ("missing", None)
    assert misspelt.fix is not None
    form.apply(misspelt.fix)
    assert form.event.params["media.channel"] == "demo-channel"


def test_restore_button_hides_identifiers(form: SessionForm, page: FormPage) -> None:
    form.set("visitor.marketingCloudOrgId", "0123456789ABCDEF01234567@AdobeOrg")
    form.clear("visitor.marketingCloudOrgId")
    assert list(page.fixes) == ["Restore visitor.marketingCloudOrgId"]
    assert "0123456789ABCDEF" not in form.text_version() + form.static_html()


def test_rejection_links_to_the_field(form: SessionForm, page: FormPage) -> None:
    form.clear("media.channel")
    page.click("Send anyway: expect 400")
    assert form.response is not None
    assert form.response.in_words == "refused: media.channel missing"
    shown = page.response
    assert 'data-mct-go="params-media_channel"' in shown
    assert shown.index("Channel is missing") < shown.index("Without a session id"), (
        "the cause comes before its consequence"
    )


def test_metadata_is_added_changed_and_removed(form: SessionForm, page: FormPage) -> None:
    rows = page.view.field_list.metadata
    rows.new_name.value, rows.new_value.value = "show-name", "Pilot"
    rows.add.click()
    assert form.event.custom_metadata == {"show-name": "Pilot"}
    assert "a hyphen" in rows._helps["show-name"].value
    rows._inputs["show-name"].value = "Second"
    assert form.event.custom_metadata == {"show-name": "Second"}
    page.button("Remove").click()
    assert "customMetadata" not in form.event.value
    assert rows._rows.children == ()


@pytest.mark.parametrize(("message", "key"), [("episode", "media.episode"), ("dropped", "media.qoe.droppedFrames")])
def test_optional_fields_can_be_searched(page: FormPage, message: str, key: str) -> None:
    page.view.field_list.more.selected_index = 0
    page.view.field_list.search.value = message
    seen = {k for k, f in page.view.field_list.fields.items() if f.widget.layout.display != "none"}
    assert key in seen
    assert "media.resume" not in seen
    assert "media.id" in seen, "required fields stay visible"
    page.view.field_list.search.value = "zork"
    assert "zork" in page.view.field_list._no_match.value
    page.view.field_list.search.value = ""
    assert all(f.widget.layout.display != "none" for f in page.view.field_list.fields.values())


def test_status_line_links_to_problems(form: SessionForm, page: FormPage) -> None:
    form.clear("media.channel")
    (missing,) = form.verdict.errors
    assert 'data-mct-go="params-media_channel"' in page.state["status"]
    assert f"{form.verdict.summary}: {missing.message.partition('. ')[0]}. <" in page.state["status"]
    form.clear("media.id")
    assert f"{form.verdict.summary} <" in page.state["status"]
    assert ">Go to: Channel<" in page.state["status"]
    form.set("media.season", 2)
    page.view._on_go_click("params-media_season")
    assert page.view.field_list.more.selected_index == 0


@pytest.mark.parametrize(
    ("mistake", "way"),
    [("no-channel", "params-media_channel"), ("trailing-comma", "json-text"), ("key-twice", "unplaced-problems")],
)
def test_try_a_mistake_scrolls_to_the_problem(page: FormPage, mistake: str, way: str) -> None:
    sent: list[object] = []
    page.view.bridge.send = sent.append
    page.view.mistakes.widget.value = mistake
    assert sent == [{"scroll_to": way}]
    assert f'data-mct-go="{way}"' in page.state["status"]


@pytest.mark.parametrize(
    ("text", "where", "at"),
    [
        ('{"a": "\U0001f600",\n"b": 1,}', "line 2, column 7", 12 + 6),
        ('{"a": "\U0001f600",}', "line 1, column 10", 10),
        ('{"a": 1,\r\n"b": 1,}', "line 2, column 7", 9 + 6),
        ('{"a": "\u2028",\n"b": 1,}', "line 2, column 7", 11 + 6),
        ("", "line 1, column 1", 0),
    ],
)
def test_syntax_error_position_in_utf16_units(
    form: SessionForm, page: FormPage, text: str, where: str, at: int
) -> None:
    form.enter_json(text)
    error = page.state["request"]["syntax_error"]
    assert (error["where"], error["at"]) == (where, at)


@pytest.mark.parametrize("name", presets.known())
def test_example_fills_the_form(form: SessionForm, page: FormPage, name: str) -> None:
    page.view.examples.widget.value = name
    assert page.view.examples.widget.value == ""
    assert form.event.value == presets.preset(name, NOW_MS).value
    expected = set(presets.known()[name].rules)
    assert {p.rule for p in form.verdict.errors} <= expected <= {p.rule for p in form.verdict.problems}


@pytest.mark.parametrize("name", mistakes.known())
def test_undo_reverts_a_mistake(form: SessionForm, page: FormPage, name: str) -> None:
    page.view.mistakes.widget.value = name
    expected = mistakes.known()[name]
    assert form.verdict.ok is (expected.expected == "silent")
    exchange = form.send()
    assert exchange is not None
    assert exchange.status == (201 if expected.expected == "silent" else 400)
    form.undo()
    assert form.verdict.problems == ()


def test_two_responses_are_compared(form: SessionForm, page: FormPage) -> None:
    form.clear("media.channel")
    form.send()
    form.set("media.channel", "demo-channel")
    form.send()
    page.view.responses.left.value, page.view.responses.right.value = 1, 2
    shown = page.view.responses.comparison.value
    assert "media.channel" in shown
    assert "demo-channel" in shown
    assert "row 1" in shown
    assert "media.id" not in shown
    first, second = form.table.index
    assert [row.where for row in form.compare(first, second).rows] == ['params["media.channel"]']
    assert [row.where for row in form.compare(1, 2).rows] == ['params["media.channel"]']
    page.view.responses.left.value = 0
    assert page.view.responses.comparison.value == ""


def test_search_filters_responses(form: SessionForm, page: FormPage) -> None:
    form.send()
    form.clear("media.channel")
    form.send()
    page.view.responses.search.value = "refused"
    assert page.view.responses.table.value.count("<tr>") == 2
    page.view.responses.search.value = "zork"
    assert "<tr>" not in page.view.responses.table.value
    page.view.responses.search.value = ""
    assert page.view.responses.table.value.count("<tr>") == 3


def test_code_sends_the_same_request(form: SessionForm) -> None:
    form.set("media.name", 'Say "hi"')
    cell: dict[str, Any] = {}
    exec(form.code(), cell)
    assert cell["exchange"].status == 201
    assert cell["exchange"].request.body == form.event.to_bytes()
    cell["sandbox"].stop()


def test_new_form_restores_values_and_responses(sandbox: Sandbox, tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.sqlite3") as journal:
        first = SessionForm(sandbox, clock=ManualClock(NOW_MS), journal=journal)
        first.set("media.id", "accepted-before")
        first.send()
        first.set("media.id", 7)
        first.send()
        restored = SessionForm(sandbox, clock=ManualClock(NOW_MS + 86_400_000), journal=journal)
        page = FormPage(restored)
        assert restored.event.params["media.id"] == "accepted-before"
        assert restored.event.ts_ms == NOW_MS + 86_400_000
        assert not restored.draft.can_undo
        assert restored.table["response"].tolist() == [201, 400]
        assert restored.exchanges == ()
        assert "Responses: 2" in page.view.responses.table.value
        empty = SessionForm(sandbox, empty=True, journal=journal)
        assert empty.event.params == {}


def test_unreadable_journal_is_reported(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "journal.sqlite3"
    broken.write_bytes(b"not a journal")
    monkeypatch.setenv("MCTOOLKIT_JOURNAL", str(broken))
    form = SessionForm(sandbox)
    page = FormPage(form)
    exchange = form.send()
    assert exchange is not None
    assert exchange.status == 201
    assert "only until this notebook ends" in page.response
    assert "201 Created" in page.response
    assert broken.read_bytes() == b"not a journal"


def test_table_shows_at_most_200_rows(form: SessionForm, page: FormPage) -> None:
    exchange = form.send()
    assert exchange is not None
    for _ in range(203):
        form.journal.append(exchange)
    form._history.search("")
    page.view.show_responses()
    assert page.view.responses.table.value.count("<tr>") == 201
    assert "Responses: 204" in page.view.responses.table.value
    assert len(form.table) == 200


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SessionForm:
    """A form for a real host, with a client that returns a prepared exchange."""
    file = tmp_path / "mctoolkit.toml"
    file.write_text(
        '[hosts.omroep]\nuri = "omroep.hb-api.omtrdc.net"\ntest_report_suites = ["omroep-test"]\n'
        '[hosts.omroep.defaults]\n"analytics.reportSuite" = "omroep-test"\n"media.channel" = "omroep.nl"\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("MCTOOLKIT_CONFIG", str(file))
    form = SessionForm("omroep.hb-api.omtrdc.net", clock=ManualClock(NOW_MS))
    with Sandbox(clock=ManualClock(NOW_MS)) as sandbox:
        response = Client(sandbox).start_session(form.event)
    monkeypatch.setattr(form.client, "start_session", lambda *_, **__: response)
    return form


def test_profile_fills_the_form(real: SessionForm) -> None:
    page = FormPage(real)
    assert real.event.params["media.channel"] == "omroep.nl"
    assert real.event.params["analytics.reportSuite"] == "omroep-test"
    assert page.send_button.description == "Send to the REAL host omroep.hb-api.omtrdc.net, report suite omroep-test"
    assert page.send_button.style == "danger"
    assert "mct-real" in real.widget._dom_classes
    assert not real.draft.can_undo


def test_test_report_suite_is_confirmed_once(real: SessionForm) -> None:
    page = FormPage(real)
    page.click(page.send_button)
    assert real.exchanges == ()
    assert "omroep-test" in page.view.confirm.message.value
    assert page.view.confirm.typed.layout.display == "none"
    page.view.confirm.no.click()
    assert page.view.confirm.widget.layout.display == "none"
    page.click(page.send_button)
    page.click(page.view.confirm.yes)
    assert len(real.exchanges) == 1
    page.click(page.send_button)
    assert len(real.exchanges) == 2


def test_production_report_suite_must_be_typed(real: SessionForm) -> None:
    page = FormPage(real)
    real.set("analytics.reportSuite", "omroep-prod")
    page.click(page.send_button)
    assert page.view.confirm.yes.disabled
    page.view.confirm.typed.value = "omroep-pro"
    assert page.view.confirm.yes.disabled
    page.click(page.view.confirm.yes)
    assert real.exchanges == ()
    page.view.confirm.typed.value = "omroep-prod"
    assert not page.view.confirm.yes.disabled
    page.click(page.view.confirm.yes)
    assert len(real.exchanges) == 1


def test_changed_report_suite_is_confirmed_again(real: SessionForm) -> None:
    page = FormPage(real)
    page.send_button.click()
    real.set("analytics.reportSuite", "omroep-prod")
    page.click(page.view.confirm.yes)
    assert real.exchanges == ()
    assert "omroep-prod" in page.view.confirm.message.value
    assert page.view.confirm.widget.layout.display is None
    assert page.view.confirm.yes.disabled


def test_send_again_confirms_the_sent_report_suite(real: SessionForm) -> None:
    page = FormPage(real)
    real.send()
    real.set("analytics.reportSuite", "omroep-prod")
    assert real.confirmation().key == ("https://omroep.hb-api.omtrdc.net", "omroep-prod")
    assert real.confirmation(again=True).key == ("https://omroep.hb-api.omtrdc.net", "omroep-test")
    page.view._on_resend_click()
    assert page.view.confirm.typed.layout.display == "none"
    page.click(page.view.confirm.yes)
    assert len(real.exchanges) == 2
    assert real.confirmation(again=True).kind == "none"
    assert real.confirmation().kind == "type"


def test_send_from_code_needs_confirmation(real: SessionForm) -> None:
    real.set("analytics.reportSuite", "omroep-prod")
    with pytest.raises(UsageError, match=r"Nothing was sent.*form\.send\(confirm='omroep-prod'\)"):
        real.send()
    with pytest.raises(UsageError):
        real.send(confirm="omroep")
    assert real.send(confirm="omroep-prod") is not None
    assert real.send() is not None


def test_outputs_hide_real_host_and_report_suite(real: SessionForm) -> None:
    for key in ("media.channel", ""):
        if key:
            real.clear(key)
        stored = str(real._repr_mimebundle_()) + real.static_html() + repr(real)
        assert "omroep.hb-api" not in stored
        assert "omroep-test" not in stored
        assert "REAL host" in stored


@pytest.mark.parametrize(
    "text",
    [
        '{"params": {"analytics.reportSuite": "omroep-prod", "analytics.reportSuite": "omroep-test"}}',
        '{"params": {"analytics.reportSuite": "omroep-prod",}}',
        "{'params': {'analytics.reportSuite': 'omroep-test,omroep-prod'}}",
    ],
)
def test_report_suite_in_typed_json_must_be_confirmed(real: SessionForm, text: str) -> None:
    page = FormPage(real)
    real.enter_json(text)
    page.click(page.send_button)
    assert "omroep-prod" in page.view.confirm.message.value
    assert page.view.confirm.yes.disabled


@pytest.mark.parametrize("key", ["playerTime.ts", "media.name", "media.length", "customMetadata.a", "foo"])
@pytest.mark.parametrize("value", [{1, 2}, object(), b"x"], ids=["set", "object", "bytes"])
def test_non_json_values_do_not_break_the_form(form: SessionForm, page: FormPage, key: str, value: Any) -> None:
    before = form.event.value
    form.set(key, value)
    assert not form.verdict.ok
    assert repr(form)
    assert form.static_html()
    page.click(page.send_button)
    assert "cannot be written as JSON" in page.response
    form.undo()
    assert form.event.value == before
    assert form.verdict.ok


def test_enter_accepts_only_text(form: SessionForm) -> None:
    with pytest.raises(UsageError, match="Only text can be entered"):
        form.enter("media.length", 60)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="Only text can be entered"):
        form.enter_json({"a": 1})  # type: ignore[arg-type]
    assert form.verdict.ok
    assert not form.draft.can_undo


def test_fix_keeps_other_typed_values(form: SessionForm, page: FormPage) -> None:
    form.enter("media.length", "1.800")
    form.set("media.season", 2)
    (problem,) = form.verdict.errors
    assert problem.fix is not None
    form.apply(problem.fix)
    assert page.field("media.length").value == "1.800"
    assert form.event.params["media.season"] == "2"


def test_response_is_shown_when_journal_is_closed(sandbox: Sandbox, tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.sqlite3") as journal:
        form = SessionForm(sandbox, journal=journal)
        page = FormPage(form)
    exchange = form.send()
    assert exchange is not None
    assert exchange.status == 201
    assert "201 Created" in page.response
    assert "was not saved in the journal" in page.response
    assert repr(form)
    assert form.static_html()


def test_next_action_clears_the_error(page: FormPage) -> None:
    page.view._on_example_choice("nosuch")
    assert "Error" in page.response
    page.field("media.id").value = "other"
    assert "Error" not in page.response


def test_text_version_lists_the_newest_responses(form: SessionForm, page: FormPage) -> None:
    for _ in range(12):
        form.send()
    page.view.responses.search.value = "zork"
    assert "Responses: 12\n  3 201" in repr(form)
    assert "Responses: 12" in form.static_html()


def copy_texts(html: str) -> list[str]:
    """Return the texts of the copy buttons in HTML."""
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            values = dict(attrs)
            if "data-mct-copy" in values:
                assert tag == "button"
                assert (values["aria-label"] or "").startswith("Copy ")
                found.append(values["data-mct-copy"] or "")

    Reader().feed(html)
    return found


def test_session_id_and_code_can_be_copied(form: SessionForm, page: FormPage) -> None:
    form.set("analytics.visitorId", "secret-77")
    form.set("media.name", 'Say "hi" & <b>bye</b>')
    exchange = form.send()
    assert exchange is not None
    shown = page.response
    session_id, bash, powershell, python = copy_texts(shown)
    assert session_id == exchange.session_id
    assert bash == to_curl(exchange, form.client.target, masked=True)
    assert powershell == to_curl(exchange, form.client.target, "powershell", masked=True)
    assert python == to_python(exchange, form.client.target, masked=True)
    assert "secret-77" not in shown
    assert "print(form.code())" in shown
    assert "secret-77" in form.code()
    assert "<b>bye" not in shown


def test_static_output_has_no_buttons(form: SessionForm) -> None:
    exchange = form.send()
    assert exchange is not None
    for shown in (exchange._repr_html_(), form.static_html()):
        assert "<button" not in shown
        assert copy_texts(shown) == []


def test_response_is_rendered_once(form: SessionForm, page: FormPage, monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[Exchange] = []

    def counted(exchange: Exchange, **options: Any) -> Any:
        rendered.append(exchange)
        return exchange_html(exchange, **options)

    monkeypatch.setattr("mctoolkit.widgets.form.response_panel.exchange_html", counted)
    exchange = form.send()
    for text in ("a", "ab", "abc"):
        page.field("media.id").value = text
    assert rendered == [exchange]
