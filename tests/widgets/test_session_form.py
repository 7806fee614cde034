"""The form without a browser: what code does, what a click does, what its text twin says."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import ipywidgets
import pytest

from mctoolkit import Client, Exchange, HostError, ManualClock, Sandbox, SessionForm, UsageError, seeded_ids
from mctoolkit._core import json_io
from mctoolkit.client.journal import Journal
from mctoolkit.models.problem import Problem
from mctoolkit.reporting.formats import to_curl, to_python
from mctoolkit.reporting.html.exchange import exchange_html
from mctoolkit.simulation import mistakes, presets
from mctoolkit.spec import catalog

NOW_MS = 1_795_421_642_000


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=ManualClock(NOW_MS), ids=seeded_ids(7)) as running:
        yield running


@pytest.fixture
def form(sandbox: Sandbox) -> SessionForm:
    return SessionForm(sandbox, clock=ManualClock(NOW_MS, step_ms=4))


def button(form: SessionForm, words: str) -> Any:
    """Return the one button of the form that says this."""
    buttons = [send_of(form), *(w for w in _all(form.widget) if isinstance(w, ipywidgets.Button))]
    (found,) = [one for one in buttons if one.description.startswith(words)]
    return found


def shown(form: SessionForm) -> dict[str, Any]:
    """Return what the browser was told last of all that changes at a key press."""
    return dict(form._view.bridge.view_state)


def told_at(form: SessionForm, key: str) -> str:
    """Return the line below a field: what is wrong there, or else its help."""
    field = form._view.field_list.fields[key]
    return str(shown(form)["messages"].get(field.place, field.help.value))


@dataclass
class SendButton:
    """The button that sends, as a browser has it."""

    form: SessionForm

    @property
    def description(self) -> str:
        return str(shown(self.form)["send"]["message"])

    @property
    def style(self) -> str:
        return str(shown(self.form)["send"]["style"])

    @property
    def disabled(self) -> bool:
        return bool(shown(self.form)["send"]["busy"])

    def click(self) -> None:
        self.form._view.bridge._handle_custom_msg({"press": "send"}, [])


def send_of(form: SessionForm) -> SendButton:
    return SendButton(form)


def mends(form: SessionForm) -> dict[str, str]:
    """Return the buttons that mend, as they stand in the form: what each says, and the name that it sends."""
    drawn = "".join(w.value for w in _all(form.widget) if isinstance(w, ipywidgets.HTML))
    drawn += "".join(shown(form)["messages"].values())
    return {
        html.unescape(says): html.unescape(name) for name, says in re.findall(r'data-mct-fix="(.*?)">(.*?)<', drawn)
    }


def mend(form: SessionForm, words: str) -> None:
    """Press the button that mends and says this, as the browser does."""
    form._view.bridge._handle_custom_msg({"fix": mends(form)[words]}, [])


def press(form: SessionForm, pressed: ipywidgets.Button | SendButton) -> None:
    """Press a button that sends, and wait until what comes of it is shown."""
    pressed.click()
    until_shown(form)


def until_shown(form: SessionForm) -> None:
    with form._lock:
        sending = form._send_task
    assert sending is None or sending._ended.wait(10)


def _all(widget: Any) -> Iterator[Any]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _all(child)


def field(form: SessionForm, key: str) -> Any:
    return form._view.field_list.fields[key].input


def test_it_wakes_filled_and_the_first_click_gives_201(form: SessionForm) -> None:
    assert form.verdict.problems == ()
    press(form, button(form, "Send to the sandbox"))
    assert form.response is not None
    assert form.response.status == 201
    assert form.response.session_id == seeded_ids(7)()
    assert "201 Created" in form._view.responses.response.value


def test_what_is_shown_is_what_is_sent(form: SessionForm) -> None:
    field(form, "media.length").value = "60,39"
    assert '"media.length": 60.39' in shown(form)["request"]["text"]
    assert "Sent as 60.39." in told_at(form, "media.length")
    exchange = form.send()
    assert exchange is not None
    assert exchange.request.body == form.event.to_bytes()
    assert b'"media.length":60.39' in exchange.request.body


def test_required_fields_come_first_and_say_so(form: SessionForm) -> None:
    required = [p.key for p in form.draft.fields if p.required("sessionStart")]
    assert sorted(form._view.field_list.fields) == sorted(required)
    assert len(required) == 10
    for key in required:
        assert "Required" in field(form, key).description


def test_every_key_of_the_facts_has_a_field_once_the_optional_ones_are_unfolded(form: SessionForm) -> None:
    form._view.field_list.more.selected_index = 0
    assert set(form._view.field_list.fields) == {p.key for p in form.draft.fields}
    assert "Optional" in field(form, "media.season").description
    field(form, "media.season").value = "2"
    assert form.event.params["media.season"] == "2"


def test_yes_and_no_have_three_states(form: SessionForm) -> None:
    form._view.field_list.more.selected_index = 0
    choice = field(form, "media.resume")
    assert [label for label, _ in choice.options] == ["Not sent", "true", "false"]
    for text, value in (("true", True), ("false", False)):
        choice.value = text
        assert form.event.params["media.resume"] is value
    choice.value = ""
    assert "media.resume" not in form.event.params
    form.set("media.resume", "maybe")
    assert choice.value == "maybe"


@pytest.mark.parametrize("key", ["media.id", "media.length", "playerTime.ts"])
def test_a_cleared_field_is_absent_and_its_problem_stands_at_the_field(form: SessionForm, key: str) -> None:
    field(form, key).value = ""
    assert not form.draft.is_set(key)
    place = catalog.parameter(key).place
    assert form.verdict.at(*place)[0].rule == "missing"
    assert "Missing" in told_at(form, key)
    assert "1 error" in shown(form)["status"]
    form.enter(key, "1509045324153")
    assert "Missing" not in told_at(form, key)


def test_send_anyway_is_always_there_and_says_what_will_happen(form: SessionForm) -> None:
    assert shown(form)["send_note"] == ""
    form.clear("media.channel")
    assert "will respond with 400" in shown(form)["send_note"]
    anyway = button(form, "Send anyway: expect 400")
    assert not anyway.disabled
    press(form, anyway)
    assert form.response is not None
    assert form.response.status == 400
    assert "400 Bad Request" in form._view.responses.response.value
    form.clear("media.id")
    button(form, "Send anyway: expect 400")


def test_a_tip_never_changes_the_button(form: SessionForm) -> None:
    form.set("media.length", 60390)
    assert form.verdict.summary == "1 hint"
    button(form, "Send to the sandbox")


def test_a_fix_is_one_click(form: SessionForm) -> None:
    form.set("media.length", "60.39")
    mend(form, "Make it 60.39")
    assert form.event.params["media.length"] == 60.39
    assert form.verdict.ok
    assert mends(form) == {}


def test_a_mend_that_comes_too_late_changes_nothing(form: SessionForm) -> None:
    form.set("media.length", "60.39")
    (name,) = mends(form).values()
    form.set("media.length", "90")
    form._view.bridge._handle_custom_msg({"fix": name}, [])
    assert form.event.params["media.length"] == "90"


def test_a_label_is_mended_where_it_stands(form: SessionForm) -> None:
    form.set("customMetadata.show-name", "Pilot")
    assert "Rename it to show_name" in form._view.field_list.metadata._helps["show-name"].value
    mend(form, "Rename it to show_name")
    assert form.event.custom_metadata == {"show_name": "Pilot"}


def test_unknown_keys_are_shown_with_what_was_meant(form: SessionForm) -> None:
    form.set("media.channelName", "x")
    form.clear("media.channel")
    assert "media.channelName" in form._view.field_list.unplaced.value
    mend(form, "Rename it to media.channel")
    assert form.event.params["media.channel"] == "x"
    assert form._view.field_list.unplaced.value == ""


def test_undo_brings_the_fields_back(form: SessionForm) -> None:
    field(form, "media.id").value = "other"
    assert not form._view.undo.disabled
    form._view.undo.click()
    assert field(form, "media.id").value == "demo-episode-1"
    assert form._view.undo.disabled


def test_code_and_fields_follow_each_other(form: SessionForm) -> None:
    form.set("media.id", "from-code")
    assert field(form, "media.id").value == "from-code"
    field(form, "media.id").value = "from-field"
    assert form.event.params["media.id"] == "from-field"
    form.load({"eventType": "sessionStart", "params": {"media.id": "loaded"}})
    assert field(form, "media.id").value == "loaded"
    assert field(form, "media.channel").value == ""


def test_responses_are_kept_in_a_table(form: SessionForm) -> None:
    form.send()
    form.clear("media.channel")
    form.send()
    table = form.table
    assert table["response"].tolist() == [201, 400]
    assert table["meaning"].tolist()[0] == "session started"
    assert table["problems"].tolist() == [0, 1]
    assert table["session_id"].isna().tolist() == [False, True]
    assert form._view.responses.table.value.count("<tr>") == 3
    assert [e.status for e in form.exchanges] == [201, 400]


def test_a_double_click_sends_once(form: SessionForm, monkeypatch: pytest.MonkeyPatch) -> None:
    inside, leave = threading.Event(), threading.Event()
    real = form.client.start_session

    def slow(*args: Any, **kwargs: Any) -> Any:
        inside.set()
        assert leave.wait(10)
        return real(*args, **kwargs)

    monkeypatch.setattr(form.client, "start_session", slow)
    first = threading.Thread(target=form.send)
    first.start()
    assert inside.wait(10)
    assert send_of(form).disabled
    assert send_of(form).description == "Sending..."
    assert form.send() is None
    leave.set()
    first.join(10)
    assert len(form.exchanges) == 1
    assert not send_of(form).disabled


def test_no_response_is_shown_and_kept(form: SessionForm, sandbox: Sandbox) -> None:
    sandbox.stop()
    exchange = form.send()
    assert exchange is not None
    assert exchange.status is None
    assert "Nothing was sent" in form._view.responses.response.value
    assert form.table["response"].isna().all()
    assert not send_of(form).disabled


def test_an_error_in_a_callback_is_shown_in_the_form(form: SessionForm, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("<b>deliberate</b>")

    monkeypatch.setattr(form.client, "start_session", broken)
    press(form, send_of(form))
    assert "ZeroDivisionError" in form._view.responses.response.value
    assert "&lt;b&gt;deliberate" in form._view.responses.response.value
    assert not send_of(form).disabled


def test_a_value_that_json_cannot_carry_is_told_and_does_not_break_the_form(form: SessionForm) -> None:
    form.set("media.name", {1, 2})
    assert form.verdict.at("params", "media.name")[0].rule == "odd-value"
    press(form, send_of(form))
    assert "cannot be written as JSON" in form._view.responses.response.value
    form.clear("media.name")
    assert form.verdict.ok


def test_what_is_typed_is_escaped(form: SessionForm) -> None:
    form.set("media.name", "<script>alert(1)</script>")
    form.set("<img src=x onerror=alert(1)>", 1)
    form.send()
    for view in _all(form.widget):
        assert "<script>" not in str(getattr(view, "value", "")) or view is form._view.field_list.fields.get("media.name")
        assert "<img" not in str(getattr(view, "value", ""))


def test_the_text_twin_is_complete(form: SessionForm) -> None:
    form.enter("media.length", "60,39")
    form.clear("media.channel")
    form.send()
    form.set("customMetadata.season", "2")
    assert str(form).split("\n") == [
        "Start a session (sessionStart) -> sandbox",
        f"Invalid: {form.verdict.summary}",
        "  Playhead (playerTime.playhead, Required): 0",
        "  Time stamp (playerTime.ts, Required): 1795421642000",
        "  Content ID (media.id, Required): demo-episode-1",
        "  Length (media.length, Required): 60,39",
        "    Sent as 60.39.",
        "  Kind of content (media.contentType, Required): VOD",
        "  Player name (media.playerName, Required): demo-html5",
        "  Channel (media.channel, Required): Not sent",
        f'    Error: {_missing_channel(form).message} [Restore "demo-channel"]',
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


def _missing_channel(form: SessionForm) -> Problem:
    (problem,) = form.verdict.at("params", "media.channel")
    return problem


def test_the_stored_twin_hides_who_somebody_is(form: SessionForm) -> None:
    form.set("analytics.visitorId", "secret-77")
    form.set("analytics.reportSuite", "acme-prod")
    bundle = form._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/plain"] == str(form)
    assert "secret-77" not in str(bundle)
    assert "acme-prod" not in str(bundle)


def test_an_empty_form_sends_what_it_has(sandbox: Sandbox) -> None:
    form = SessionForm(sandbox, empty=True)
    assert form.event.value == {"eventType": "sessionStart"}
    exchange = form.send()
    assert exchange is not None
    assert exchange.status == 400


def test_without_a_target_it_starts_a_sandbox_of_its_own() -> None:
    form = SessionForm()
    exchange = form.send()
    assert exchange is not None
    assert exchange.status == 201


def test_a_real_host_is_named_on_the_button() -> None:
    form = SessionForm("company.hb-api.omtrdc.net")
    assert send_of(form).description == "Send to the REAL host company.hb-api.omtrdc.net, report suite demo-test"


def test_a_wrong_address_is_refused_in_words() -> None:
    with pytest.raises(HostError):
        SessionForm("not a host")


def test_the_picture_of_the_sleeping_form_reads_as_it_looked_and_hides_identifiers(form: SessionForm) -> None:
    form.set("analytics.visitorId", "secret-77")
    form.set("customMetadata.season", "2")
    form.clear("media.channel")
    form.send()
    shown = form.static_html()
    for words in ("This is a static view", "demo-episode-1", "customMetadata", "Send anyway: expect 400", "1 400 refused"):
        assert words in shown
    assert "secret-77" not in shown
    assert "<input" not in shown
    assert "<button" not in shown


@pytest.mark.parametrize("seed", ["", "2026"])
def test_the_form_leaves_itself_and_its_picture_which_follows_the_responses(
    form: SessionForm, pictures: list[str], seed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[Any] = []
    monkeypatch.setattr("mctoolkit._core.clocks.SEED", seed)
    monkeypatch.setattr("IPython.display.display", lambda thing, **_: left.append(thing))
    form._ipython_display_()
    assert "application/vnd.jupyter.widget-view+json" in left[0]
    assert pictures == [form.static_html()]
    form.set("media.id", "typed-since")
    form.send()
    assert ["typed-since" in picture for picture in pictures] == ([False] if seed else [False, True])
    assert seed or "Responses: 1" in pictures[-1]


def test_now_is_the_moment_of_the_clock(form: SessionForm) -> None:
    form.set("playerTime.ts", 0)
    form._view.field_list.now.click()
    assert form.event.ts_ms == NOW_MS
    assert "Mon 23 Nov 2026, 08:14:02.000 UTC" in told_at(form, "playerTime.ts")


def type_json(form: SessionForm, text: str, typed: int = 1) -> None:
    """Do what the browser does when somebody types in the JSON."""
    form._view.json._handle_custom_msg({"text": text, "typed": typed}, [])


def test_json_can_be_edited_and_a_slip_is_marked(form: SessionForm) -> None:
    assert '"media.id": "demo-episode-1"' in shown(form)["request"]["text"]
    type_json(form, shown(form)["request"]["text"].replace("demo-episode-1", "edited"))
    assert field(form, "media.id").value == "edited"
    type_json(form, '{"params": {"media.id": "x",}}')
    assert "line 1, column 28" in shown(form)["request"]["syntax_error"]["where"]
    assert field(form, "media.id").value == "edited"
    press(form, button(form, "Send anyway: expect 400"))
    assert form.response is not None
    assert form.response.request.body == b'{"params": {"media.id": "x",}}'
    field(form, "media.id").value = "again"
    assert '"media.id": "again"' in shown(form)["request"]["text"]
    assert shown(form)["request"]["syntax_error"] is None


@pytest.mark.parametrize(("key", "text"), [("media.id", "a"), ("media.length", "soon"), ("media.channel", "")])
def test_a_key_press_is_one_message_to_the_browser(
    form: SessionForm, monkeypatch: pytest.MonkeyPatch, key: str, text: str
) -> None:
    field(form, key).value = "x"  # and with that there is a change to undo
    field(form, key).value = "before" if text == "" else ""
    sent: list[tuple[str, object]] = []
    real = ipywidgets.Widget.send_state

    def send_state(widget: ipywidgets.Widget, key: Any = None) -> None:
        if key:  # an empty set is no message
            sent.append((type(widget).__name__, key))
        real(widget, key)

    monkeypatch.setattr(ipywidgets.Widget, "send_state", send_state)
    field(form, key).set_state({"value": text})
    assert sent == [("BrowserBridge", "view_state")]


def test_the_browser_is_told_of_which_typing_a_text_is(form: SessionForm) -> None:
    type_json(form, "{}", typed=7)
    assert shown(form)["request"]["typed"] == 7
    form.set("media.id", "from code")
    assert shown(form)["request"]["typed"] == 7, "the browser has typed nothing since, so it takes this"
    type_json(form, '{"a": 1}', typed=5)
    assert shown(form)["request"]["typed"] == 7, "a browser whose clock is slow makes no other one deaf"
    form._view.json._handle_custom_msg({"text": "{}", "typed": None}, [])
    assert shown(form)["request"]["typed"] == 7


def test_each_of_two_labels_that_look_alike_has_its_own_mend(form: SessionForm) -> None:
    form.set("customMetadata.show-name", "hyphen")
    form.set("customMetadata.show name", "space")
    names = re.findall('data-mct-fix="(.*?)"', "".join(h.value for h in form._view.field_list.metadata._helps.values()))
    assert len(set(names)) == 2
    form._view.bridge._handle_custom_msg({"fix": html.unescape(names[0])}, [])
    assert form.event.custom_metadata == {"show_name": "hyphen", "show name": "space"}


def test_the_way_to_what_is_mended_since_leads_to_the_line_on_top(form: SessionForm) -> None:
    sent: list[object] = []
    form._view.bridge.send = sent.append
    form._view.bridge._handle_custom_msg({"unfold": "customMetadata-gone"}, [])
    assert sent == [{"focus": "status-line"}]


def test_lines_with_a_problem_or_a_tip_are_told_to_the_browser(form: SessionForm) -> None:
    form.clear("media.channel")
    form.set("media.length", 60390)
    marks = shown(form)["request"]["marks"]
    assert marks == [[("params", "media.channel"), "error"], [("params", "media.length"), "hint"]]


def test_a_cleared_key_can_be_put_back_in_its_place(form: SessionForm) -> None:
    before = form.event.to_text()
    form._view.mistakes.widget.value = "no-channel"
    mend(form, 'Put back "demo-channel"')
    assert form.event.to_text() == before
    assert form.verdict.ok


def test_what_was_typed_away_letter_by_letter_is_put_back_whole(form: SessionForm) -> None:
    channel = field(form, "media.channel")
    while channel.value:
        channel.value = channel.value[:-1]
    mend(form, 'Restore "demo-channel"')
    assert channel.value == "demo-channel"


def test_a_whole_member_that_is_gone_comes_back_key_by_key(form: SessionForm) -> None:
    before, text = form.event.value, form.event.to_text()
    type_json(form, json_io.write({key: value for key, value in before.items() if key != "playerTime"}).decode())
    for problem in form.verdict.errors:
        assert problem.fix is not None
        form.apply(problem.fix)
    assert form.event.to_text() == text


def test_nothing_is_offered_to_be_put_back_that_never_was_or_has_another_name() -> None:
    assert all(problem.fix is None for problem in SessionForm("http://127.0.0.1:9", empty=True).verdict.problems)
    form = SessionForm("http://127.0.0.1:9")
    form.try_mistake("misspelt-name")
    missing, misspelt = form.verdict.problems
    assert (missing.rule, missing.fix) == ("missing", None)
    assert misspelt.fix is not None
    form.apply(misspelt.fix)
    assert form.event.params["media.channel"] == "demo-channel"


def test_who_somebody_is_does_not_stand_on_the_button_that_puts_it_back(form: SessionForm) -> None:
    form.set("visitor.marketingCloudOrgId", "0123456789ABCDEF01234567@AdobeOrg")
    form.clear("visitor.marketingCloudOrgId")
    assert list(mends(form)) == ["Put back visitor.marketingCloudOrgId"]
    assert "0123456789ABCDEF" not in form.text_version() + form.static_html()


def test_a_refusal_names_the_key_and_leads_back_to_its_field(form: SessionForm) -> None:
    form.clear("media.channel")
    press(form, button(form, "Send anyway: expect 400"))
    assert form.response is not None
    assert form.response.in_words == "refused: media.channel missing"
    shown = form._view.responses.response.value
    assert 'data-mct-go="params-media_channel"' in shown
    assert shown.index("Channel is missing") < shown.index("Without a session id"), "why, before what follows from it"


def test_labels_are_added_changed_and_removed(form: SessionForm) -> None:
    rows = form._view.field_list.metadata
    rows.new_name.value, rows.new_value.value = "show-name", "Pilot"
    rows.add.click()
    assert form.event.custom_metadata == {"show-name": "Pilot"}
    assert "a hyphen" in rows._helps["show-name"].value
    rows._inputs["show-name"].value = "Second"
    assert form.event.custom_metadata == {"show-name": "Second"}
    button(form, "Remove").click()
    assert "customMetadata" not in form.event.value
    assert rows._rows.children == ()


@pytest.mark.parametrize(("message", "key"), [("episode", "media.episode"), ("dropped", "media.qoe.droppedFrames")])
def test_optional_fields_are_found_by_their_meaning(form: SessionForm, message: str, key: str) -> None:
    form._view.field_list.more.selected_index = 0
    form._view.field_list.search.value = message
    seen = {k for k, f in form._view.field_list.fields.items() if f.widget.layout.display != "none"}
    assert key in seen
    assert "media.resume" not in seen
    assert "media.id" in seen, "required fields stay"
    form._view.field_list.search.value = "zork"
    assert "zork" in form._view.field_list._no_match.value
    form._view.field_list.search.value = ""
    assert all(f.widget.layout.display != "none" for f in form._view.field_list.fields.values())


def test_the_status_line_leads_to_each_problem(form: SessionForm) -> None:
    form.clear("media.channel")
    assert 'data-mct-go="params-media_channel"' in shown(form)["status"]
    assert "1 error: Channel is missing: the API refuses sessionStart without media.channel. <" in shown(form)["status"]
    form.clear("media.id")
    assert "2 errors <" in shown(form)["status"]
    assert ">Go to: Channel<" in shown(form)["status"]
    form.set("media.season", 2)
    form._view._on_go_click("params-media_season")
    assert form._view.field_list.more.selected_index == 0


@pytest.mark.parametrize(
    ("mistake", "way"),
    [("no-channel", "params-media_channel"), ("trailing-comma", "json-text"), ("key-twice", "unplaced-problems")],
)
def test_a_mistake_is_scrolled_to_wherever_it_stands(form: SessionForm, mistake: str, way: str) -> None:
    sent: list[object] = []
    form._view.bridge.send = sent.append
    form._view.mistakes.widget.value = mistake
    assert sent == [{"scroll_to": way}]
    assert f'data-mct-go="{way}"' in shown(form)["status"]


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
def test_the_letter_of_a_slip_is_counted_as_a_browser_does(form: SessionForm, text: str, where: str, at: int) -> None:
    form.enter_json(text)
    slip = shown(form)["request"]["syntax_error"]
    assert (slip["where"], slip["at"]) == (where, at)


@pytest.mark.parametrize("name", presets.known())
def test_each_example_fills_the_form(form: SessionForm, name: str) -> None:
    form._view.examples.widget.value = name
    assert form._view.examples.widget.value == ""
    assert form.event.value == presets.preset(name, NOW_MS).value
    expected = set(presets.known()[name].rules)
    assert {p.rule for p in form.verdict.errors} <= expected <= {p.rule for p in form.verdict.problems}


@pytest.mark.parametrize("name", mistakes.known())
def test_each_mistake_breaks_the_request_and_undo_mends_it(form: SessionForm, name: str) -> None:
    form._view.mistakes.widget.value = name
    expected = mistakes.known()[name]
    assert form.verdict.ok is (expected.expected == "silent")
    exchange = form.send()
    assert exchange is not None
    assert exchange.status == (201 if expected.expected == "silent" else 400)
    form.undo()
    assert form.verdict.problems == ()


def test_two_responses_are_compared_field_by_field(form: SessionForm) -> None:
    form.clear("media.channel")
    form.send()
    form.set("media.channel", "demo-channel")
    form.send()
    form._view.responses.left.value, form._view.responses.right.value = 1, 2
    shown = form._view.responses.comparison.value
    assert "media.channel" in shown
    assert "demo-channel" in shown
    assert "row 1" in shown
    assert "media.id" not in shown
    first, second = form.table.index
    assert [row.where for row in form.compare(first, second).rows] == ['params["media.channel"]']
    assert [row.where for row in form.compare(1, 2).rows] == ['params["media.channel"]']
    form._view.responses.left.value = 0
    assert form._view.responses.comparison.value == ""


def test_responses_are_searched(form: SessionForm) -> None:
    form.send()
    form.clear("media.channel")
    form.send()
    form._view.responses.search.value = "refused"
    assert form._view.responses.table.value.count("<tr>") == 2
    form._view.responses.search.value = "zork"
    assert "<tr>" not in form._view.responses.table.value
    form._view.responses.search.value = ""
    assert form._view.responses.table.value.count("<tr>") == 3


def test_code_gives_the_cell_that_does_the_same(form: SessionForm) -> None:
    form.set("media.name", 'Say "hi"')
    cell: dict[str, Any] = {}
    exec(form.code(), cell)
    assert cell["exchange"].status == 201
    assert cell["exchange"].request.body == form.event.to_bytes()
    cell["sandbox"].stop()


def test_woken_it_has_the_values_last_accepted_and_the_responses(sandbox: Sandbox, tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.sqlite3") as journal:
        first = SessionForm(sandbox, clock=ManualClock(NOW_MS), journal=journal)
        first.set("media.id", "yesterday")
        first.send()
        first.set("media.id", 7)
        first.send()
        woken = SessionForm(sandbox, clock=ManualClock(NOW_MS + 86_400_000), journal=journal)
        assert woken.event.params["media.id"] == "yesterday"
        assert woken.event.ts_ms == NOW_MS + 86_400_000
        assert not woken.draft.can_undo
        assert woken.table["response"].tolist() == [201, 400]
        assert woken.exchanges == ()
        assert "Responses: 2" in woken._view.responses.table.value
        empty = SessionForm(sandbox, empty=True, journal=journal)
        assert empty.event.params == {}


def test_a_journal_that_cannot_be_kept_is_told_and_stops_nothing(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "journal.sqlite3"
    broken.write_bytes(b"this is no journal at all")
    monkeypatch.setenv("MCTOOLKIT_JOURNAL", str(broken))
    form = SessionForm(sandbox)
    exchange = form.send()
    assert exchange is not None
    assert exchange.status == 201
    assert "only until this notebook ends" in form._view.responses.response.value
    assert "201 Created" in form._view.responses.response.value
    assert broken.read_bytes() == b"this is no journal at all"


def test_at_most_200_rows_stand_in_the_page(form: SessionForm) -> None:
    exchange = form.send()
    assert exchange is not None
    for _ in range(203):
        form.journal.append(exchange)
    form._history.search("")
    form._view.show_responses()
    assert form._view.responses.table.value.count("<tr>") == 201
    assert "Responses: 204" in form._view.responses.table.value
    assert len(form.table) == 200


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SessionForm:
    """A form for a real host whose client sends nothing: it counts."""
    file = tmp_path / "mctoolkit.toml"
    file.write_text(
        '[hosts.omroep]\nuri = "omroep.hb-api.omtrdc.net"\ntest_report_suites = ["omroep-test"]\n'
        '[hosts.omroep.defaults]\n"analytics.reportSuite" = "omroep-test"\n"media.channel" = "omroep.nl"\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("MCTOOLKIT_CONFIG", str(file))
    form = SessionForm("omroep.hb-api.omtrdc.net", clock=ManualClock(NOW_MS))
    with Sandbox(clock=ManualClock(NOW_MS)) as is_sandbox:
        response = Client(is_sandbox).start_session(form.event)
    monkeypatch.setattr(form.client, "start_session", lambda *_, **__: response)
    return form


def test_a_profile_fills_the_form_and_names_the_host_on_the_button(real: SessionForm) -> None:
    assert real.event.params["media.channel"] == "omroep.nl"
    assert real.event.params["analytics.reportSuite"] == "omroep-test"
    assert send_of(real).description == "Send to the REAL host omroep.hb-api.omtrdc.net, report suite omroep-test"
    assert send_of(real).style == "danger"
    assert "mct-real" in real.widget._dom_classes
    assert not real.draft.can_undo


def test_the_first_send_to_a_test_report_suite_asks_once(real: SessionForm) -> None:
    press(real, send_of(real))
    assert real.exchanges == ()
    assert "omroep-test" in real._view.confirm.message.value
    assert real._view.confirm.typed.layout.display == "none"
    real._view.confirm.no.click()
    assert real._view.confirm.widget.layout.display == "none"
    press(real, send_of(real))
    press(real, real._view.confirm.yes)
    assert len(real.exchanges) == 1
    press(real, send_of(real))
    assert len(real.exchanges) == 2


def test_a_report_suite_that_is_not_for_tests_is_typed_in_full(real: SessionForm) -> None:
    real.set("analytics.reportSuite", "omroep-prod")
    press(real, send_of(real))
    assert real._view.confirm.yes.disabled
    real._view.confirm.typed.value = "omroep-pro"
    assert real._view.confirm.yes.disabled
    press(real, real._view.confirm.yes)
    assert real.exchanges == ()
    real._view.confirm.typed.value = "omroep-prod"
    assert not real._view.confirm.yes.disabled
    press(real, real._view.confirm.yes)
    assert len(real.exchanges) == 1


def test_a_question_that_the_form_has_left_behind_is_asked_anew(real: SessionForm) -> None:
    send_of(real).click()
    real.set("analytics.reportSuite", "omroep-prod")
    press(real, real._view.confirm.yes)
    assert real.exchanges == ()
    assert "omroep-prod" in real._view.confirm.message.value
    assert real._view.confirm.widget.layout.display is None
    assert real._view.confirm.yes.disabled


def test_sending_again_to_a_real_host_is_asked_about_what_was_sent(real: SessionForm) -> None:
    real.send()
    real.set("analytics.reportSuite", "omroep-prod")
    assert real.confirmation().about == ("https://omroep.hb-api.omtrdc.net", "omroep-prod")
    assert real.confirmation(again=True).about == ("https://omroep.hb-api.omtrdc.net", "omroep-test")
    real._view._on_resend_click()
    assert real._view.confirm.typed.layout.display == "none"
    press(real, real._view.confirm.yes)
    assert len(real.exchanges) == 2
    assert real.confirmation(again=True).kind == "none"
    assert real.confirmation().kind == "type"


def test_from_code_too_a_production_report_suite_is_confirmed(real: SessionForm) -> None:
    real.set("analytics.reportSuite", "omroep-prod")
    with pytest.raises(UsageError, match=r"Nothing was sent.*form\.send\(confirm='omroep-prod'\)"):
        real.send()
    with pytest.raises(UsageError):
        real.send(confirm="omroep")
    assert real.send(confirm="omroep-prod") is not None
    assert real.send() is not None


def test_the_twins_of_a_real_form_hide_its_host_and_report_suite(real: SessionForm) -> None:
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
def test_a_production_report_suite_in_typed_json_is_seen(real: SessionForm, text: str) -> None:
    real.enter_json(text)
    press(real, send_of(real))
    assert "omroep-prod" in real._view.confirm.message.value
    assert real._view.confirm.yes.disabled


@pytest.mark.parametrize("key", ["playerTime.ts", "media.name", "media.length", "customMetadata.a", "foo"])
@pytest.mark.parametrize("value", [{1, 2}, object(), b"x"], ids=["set", "object", "bytes"])
def test_no_value_from_code_breaks_the_form(form: SessionForm, key: str, value: Any) -> None:
    before = form.event.value
    form.set(key, value)
    assert not form.verdict.ok
    assert repr(form)
    assert form.static_html()
    press(form, send_of(form))
    assert "cannot be written as JSON" in form._view.responses.response.value
    form.undo()
    assert form.event.value == before
    assert form.verdict.ok


def test_enter_value_that_is_not_text_raises(form: SessionForm) -> None:
    with pytest.raises(UsageError, match="Only text can be entered"):
        form.enter("media.length", 60)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="Only text can be entered"):
        form.enter_json({"a": 1})  # type: ignore[arg-type]
    assert form.verdict.ok
    assert not form.draft.can_undo


def test_a_fix_leaves_what_was_typed_elsewhere(form: SessionForm) -> None:
    form.enter("media.length", "1.800")
    form.set("media.season", 2)
    (problem,) = form.verdict.errors
    assert problem.fix is not None
    form.apply(problem.fix)
    assert field(form, "media.length").value == "1.800"
    assert form.event.params["media.season"] == "2"


def test_a_closed_journal_hides_no_response(sandbox: Sandbox, tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.sqlite3") as journal:
        form = SessionForm(sandbox, journal=journal)
    exchange = form.send()
    assert exchange is not None
    assert exchange.status == 201
    assert "201 Created" in form._view.responses.response.value
    assert "was not saved in the journal" in form._view.responses.response.value
    assert repr(form)
    assert form.static_html()


def test_an_error_goes_away_with_the_next_thing_done(form: SessionForm) -> None:
    form._view._on_example_choice("nosuch")
    assert "Error" in form._view.responses.response.value
    field(form, "media.id").value = "other"
    assert "Error" not in form._view.responses.response.value


def test_the_twin_counts_all_responses_and_tells_the_newest(form: SessionForm) -> None:
    for _ in range(12):
        form.send()
    form._view.responses.search.value = "zork"
    assert "Responses: 12\n  3 201" in repr(form)
    assert "Responses: 12" in form.static_html()


def copied(html: str) -> list[str]:
    """Return what the buttons of a piece of HTML would copy."""
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


def test_the_session_id_and_the_same_in_other_languages_can_be_copied(form: SessionForm) -> None:
    form.set("analytics.visitorId", "secret-77")
    form.set("media.name", 'Say "hi" & <b>bye</b>')
    exchange = form.send()
    assert exchange is not None
    shown = form._view.responses.response.value
    session_id, bash, powershell, python = copied(shown)
    assert session_id == exchange.session_id
    assert bash == to_curl(exchange, form.client.target, masked=True)
    assert powershell == to_curl(exchange, form.client.target, "powershell", masked=True)
    assert python == to_python(exchange, form.client.target, masked=True)
    assert "secret-77" not in shown
    assert "print(form.code())" in shown
    assert "secret-77" in form.code()
    assert "<b>bye" not in shown


def test_where_nothing_works_a_button_there_is_none(form: SessionForm) -> None:
    exchange = form.send()
    assert exchange is not None
    for shown in (exchange._repr_html_(), form.static_html()):
        assert "<button" not in shown
        assert copied(shown) == []


def test_a_response_is_drawn_once_and_not_at_each_key_press(form: SessionForm, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Exchange] = []

    def counted(exchange: Exchange, **how: Any) -> Any:
        drawn.append(exchange)
        return exchange_html(exchange, **how)

    monkeypatch.setattr("mctoolkit.widgets.form.response_panel.exchange_html", counted)
    exchange = form.send()
    for text in ("a", "ab", "abc"):
        field(form, "media.id").value = text
    assert drawn == [exchange]
