"""Every endpoint and every documented status, provoked on purpose; and what each response has in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema
import pytest

from mctoolkit import Sandbox
from mctoolkit._core.clocks import ManualClock, seeded_ids
from mctoolkit.spec import catalog, schemas
from tests.contract.player import DOWNLOADED, PARAMS, SESSIONS, Answered, Player, event, start

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "OPTIONS,POST,PUT",
    "Access-Control-Allow-Headers": "Content-Type",
}
UNKNOWN = "ab" * 32


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=ManualClock(), ids=seeded_ids(1)) as running:
        yield running


@pytest.fixture
def player(sandbox: Sandbox) -> Iterator[Player]:
    with Player(sandbox) as made:
        yield made


def ended(_: Sandbox, player: Player) -> Answered:
    session_id = player.begin().session_id
    assert player.send(session_id, event("sessionEnd")).status == 204
    return player.send(session_id, event("play"))


def spoilt(path: str, method: str, body: object) -> Callable[[Sandbox, Player], Answered]:
    def play(sandbox: Sandbox, player: Player) -> Answered:
        place = path.replace("{sid}", player.begin().session_id) if "{sid}" in path else path
        sandbox.faults.add("500")
        return player.ask(method, place, body)

    return play


# How to get each response of the facts.
PROVOKED: dict[tuple[str, int], Callable[[Sandbox, Player], Answered]] = {
    ("sessions", 201): lambda _, player: player.begin(),
    ("sessions", 400): lambda _, player: player.begin({}),
    ("sessions", 500): spoilt(SESSIONS, "POST", start()),
    ("events", 204): lambda _, player: player.send(player.begin().session_id, event("play")),
    ("events", 400): lambda _, player: player.send(player.begin().session_id, {}),
    ("events", 404): lambda _, player: player.send(UNKNOWN, event("play")),
    ("events", 410): ended,
    ("events", 500): spoilt(f"{SESSIONS}/{{sid}}/events", "POST", event("play")),
    ("schemas", 200): lambda _, player: player.ask("GET", "/api/v1/schemas/play"),
    ("schemas", 404): lambda _, player: player.ask("GET", "/api/v1/schemas/nothing"),
    ("downloaded", 201): lambda _, player: player.ask("POST", DOWNLOADED, [start(), event("play")]),
    ("downloaded", 400): lambda _, player: player.ask("POST", DOWNLOADED, [start(), {}]),
    ("downloaded", 500): spoilt(DOWNLOADED, "POST", [start()]),
    ("preflight", 204): lambda _, player: player.ask("OPTIONS", SESSIONS, Access_Control_Request_Method="POST"),
}

ENDPOINTS = ("sessions", "events", "schemas", "downloaded", "preflight")


def test_the_table_has_every_documented_response() -> None:
    assert set(PROVOKED) == {(name, status) for name in ENDPOINTS for status in catalog.responses(name)}


@pytest.mark.parametrize(("endpoint", "status"), PROVOKED)
def test_every_documented_response_can_be_provoked(
    sandbox: Sandbox, player: Player, endpoint: str, status: int
) -> None:
    answered = PROVOKED[endpoint, status](sandbox, player)
    assert answered.status == status
    documented = catalog.responses(endpoint)[status]
    headers = answered.headers
    for header in documented.headers:
        if header.name == "Access-Control-Expose-Headers":
            assert header.sample in headers[header.name].split(", ")
        elif header.name not in ("Server", "Date", "Location", "Via"):
            assert headers[header.name] == header.sample
    assert CORS.items() <= headers.items()
    assert headers["Server"] == "mctoolkit-sandbox"
    if documented.outcome != "accepted":
        assert answered.message
    exchange = sandbox.exchanges[-1]
    assert (exchange.endpoint, exchange.status, exchange.outcome) == (endpoint, status, documented.outcome)
    assert exchange.in_words == documented.short or exchange.in_words.startswith("refused: ")


# The response of Adobe's page "Events request", as it stands there.
DOCUMENTED_204 = """\
Server: nginx/1.13.5
Date: Thu, 26 Oct 2017 19:15:24 GMT
Connection: keep-alive
Access-Control-Allow-Origin: *
Access-Control-Allow-Methods: OPTIONS,POST,PUT
Access-Control-Allow-Headers: Content-Type
Access-Control-Expose-Headers: Location"""


def test_an_event_is_answered_as_documented_header_by_header() -> None:
    with Sandbox(clock=ManualClock(1_509_045_324_000)) as sandbox, Player(sandbox) as player:
        answered = player.send(player.begin().session_id, event("play"))
        assert answered.status == 204
        ours = [f"{name}: {value}" for name, value in answered.pairs]
        assert ours == DOCUMENTED_204.replace("nginx/1.13.5", "mctoolkit-sandbox").splitlines()
        assert answered.body == b""
        last = player.ask("POST", f"{SESSIONS}/{UNKNOWN}/events", event("play"), Connection="close")
        assert [value for name, value in last.pairs if name == "Connection"] == ["close"]


def test_a_response_that_ends_its_connection_does_not_promise_to_keep_it(player: Player) -> None:
    session_id = player.begin().session_id
    last = player.ask("POST", f"{SESSIONS}/{session_id}/events", event("play"), Connection="Close")
    assert [value for name, value in last.pairs if name == "Connection"] == ["close"]


def test_the_date_goes_on_with_the_clock(sandbox: Sandbox, player: Player) -> None:
    session_id = player.begin().session_id
    dates = []
    for _ in range(3):
        dates.append(player.send(session_id, event("ping")).headers["Date"][-12:-4])
        dates.append(player.begin().headers["Date"][-12:-4])
        sandbox.clock.advance(seconds=1)
    assert dates == ["08:14:02", "08:14:02", "08:14:03", "08:14:03", "08:14:04", "08:14:04"]


# --- events

EVENTS = [name for name in catalog.event_types() if name != "sessionStart"]


@pytest.mark.parametrize("name", EVENTS)
def test_each_event_is_taken_with_what_real_players_send(player: Player, name: str) -> None:
    session_id = player.begin().session_id
    bodies = [event(name), event(name, qoeData={}), event(name, qoeData={"media.qoe.bitrate": 2_000_000})]
    if "params" not in event(name):
        bodies.append(event(name, params={}))
    if catalog.event_type(name).custom_metadata:
        bodies += [event(name, customMetadata={}), event(name, customMetadata={"a": "мểŧẳđαţả"})]
    for body in bodies:
        if name == "sessionEnd":
            session_id = player.begin().session_id
        assert player.send(session_id, body).status == 204, body


# What each rule of the facts refuses an event for, as the readings have it.
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "C-3: adStart without media.ad.playerName": (
        event("adStart", params={"media.ad.id": "1", "media.ad.length": 15, "media.ad.podPosition": 1}),
        "1; missing:media.ad.playerName",
    ),
    "C-4: adBreakStart without podSecond": (
        event("adBreakStart", params={"media.ad.podIndex": 1}),
        "1; missing:media.ad.podSecond",
    ),
    "C-10: quality in params": (
        event("play", params={"media.qoe.bitrate": 1_000_000}),
        "1; misplaced-key:media.qoe.bitrate",
    ),
    "C-11: quality without prefix": (event("play", qoeData={"bitrate": 10000}), "1; slip-key:bitrate"),
    "C-14: error data in params": (event("error", params={"media.errorId": "x"}), "1; slip-key:media.errorId"),
    "C-16: an integer with a decimal point": (
        event("play", qoeData={"media.qoe.framesPerSecond": 23.0}),
        "1; whole-number:media.qoe.framesPerSecond",
    ),
    "C-19: a state's name": (
        event("stateStart", params={"media.state.name": "full screen"}),
        "1; pattern:media.state.name",
    ),
    "C-21: params on a ping": (event("ping", params={"media.id": "x"}), "1; other-event-key:media.id"),
    "C-22: customMetadata on adBreakStart": (
        event("adBreakStart", customMetadata={"a": "b"}),
        "1; member:customMetadata",
    ),
    "sessionStart belongs elsewhere": (start(), "1; endpoint:eventType"),
    "an event that there is not": (event("pause"), "1; event-type:eventType"),
    "an unknown member": ({**event("play"), "more": 1}, "1; unknown-key:more"),
    "a text for a number": (
        {**event("play"), "playerTime": {"playhead": "1", "ts": 1}},
        "1; type:playerTime.playhead",
    ),
    "a time stamp below 0": ({**event("play"), "playerTime": {"playhead": 1, "ts": -1}}, "1; range:playerTime.ts"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_event_is_refused_with_its_rule_and_the_source_of_the_rule(player: Player, case: str) -> None:
    body, short = REFUSED[case]
    answered = player.send(player.begin().session_id, body)
    assert answered.status == 400
    assert answered.headers["X-Sandbox-Problems"] == short
    problem = answered.content["sandbox"]["problems"][0]
    rule = catalog.rule(short.removeprefix("1; ").partition(":")[0])
    assert (problem["rule"], problem["source"]) == (rule.id, rule.source)
    assert answered.message.startswith("Request had improper format")


TAKEN = {
    "C-5: podPosition 0": event("adStart", params={**event("adStart")["params"], "media.ad.podPosition": 0}),
    "C-6: podIndex -1": event("adBreakStart", params={"media.ad.podIndex": -1, "media.ad.podSecond": 60}),
    "C-7: podFriendlyName on adStart": event(
        "adStart", params={**event("adStart")["params"], "media.ad.podFriendlyName": "pod"}
    ),
    "C-14: error data in qoeData": event(
        "error", qoeData={"media.qoe.errorID": "x", "media.qoe.errorSource": "player"}
    ),
    "C-15: kilobits": event("bitrateChange", qoeData={"media.qoe.bitrate": 3200}),
    "C-16: 23": event("play", qoeData={"media.qoe.framesPerSecond": 23}),
    "C-19: a state of one's own": event("stateStart", params={"media.state.name": "my.State_2"}),
    "C-23: beyond the length": event("ping", playhead=4711),
    "C-24: live, above a day": event("ping", playhead=90_000),
    "C-25: an older time stamp": event("ping", ts=1),
}


@pytest.mark.parametrize("case", TAKEN)
def test_an_event_is_taken_as_the_readings_say(player: Player, case: str) -> None:
    assert player.send(player.begin().session_id, TAKEN[case]).status == 204


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"media.downloaded": False}, 201),
        ({"media.downloaded": True}, 400),
        ({"media.libraryVersion": "js-3.1.0"}, 201),
        ({"media.showType": "9"}, 201),
        ({"media.contentType": "aod"}, 201),
        ({"media.contentType": ""}, 400),
        ({"media.resume": True}, 201),
        ({"media.resume": "true"}, 400),
        ({"media.pass.auth": "TRUE"}, 201),
        ({"media.streamType": "anything"}, 201),
        ({"visitor.customerIDs": {"crm": {"id": "x", "authState": 1}}}, 201),
        ({"visitor.customerIDs": {"crm": {"id": "x", "authState": 3}}}, 400),
    ],
)
def test_a_session_start_is_judged_as_the_readings_say(player: Player, changes: dict[str, Any], status: int) -> None:
    assert player.begin(event("sessionStart", params=PARAMS | changes)).status == status


def test_an_event_on_sessions_is_told_where_it_belongs(player: Player) -> None:
    answered = player.begin(event("ping"))
    assert answered.status == 400
    assert "/api/v1/sessions/<session id>/events" in answered.message


@pytest.mark.parametrize("session_id", [UNKNOWN, "undefined", "null", "%00", "x" * 5000, "мểŧẳ".encode().hex()])
def test_an_id_that_was_never_given_is_unknown(player: Player, session_id: str) -> None:
    answered = player.send(session_id, event("play"))
    assert answered.status == 404
    assert "Location" in answered.message
    assert len(answered.message) < 500


def test_an_id_is_the_one_of_its_sandbox_only(player: Player) -> None:
    session_id = player.begin().session_id
    assert player.send(session_id, event("play")).status == 204
    assert player.send(session_id.upper(), event("play")).status == 404
    assert player.send(session_id + "0", event("play")).status == 404
    with Sandbox() as other, Player(other) as elsewhere:
        assert elsewhere.send(session_id, event("play")).status == 404


# --- how a session ends


def test_sessions_close_as_documented_and_say_so(sandbox: Sandbox, player: Player) -> None:
    ended, idle, still, complete = (player.begin().session_id for _ in range(4))
    assert player.send(ended, event("sessionEnd")).status == 204
    assert player.send(complete, event("sessionComplete")).status == 204
    assert player.send(complete, event("ping", 5)).status == 204, "C-13: sessionComplete closes nothing"
    for minute in range(1, 32):
        sandbox.clock.advance(minutes=1)
        assert player.send(complete, event("ping", minute)).status == 204
        expected = 204 if minute < 30 else 410
        assert player.send(still, event("ping", 0)).status == expected, minute
    messages = {sid: player.send(sid, event("ping")).message for sid in (ended, idle, still)}
    assert "sessionEnd came at 08:14:02 UTC" in messages[ended]
    assert "closed at 08:24:02 UTC, after 10 minutes without an event" in messages[idle]
    assert "closed at 08:44:02 UTC, after 30 minutes at the same playhead" in messages[still]
    assert player.send(ended, event("sessionEnd")).status == 410


def test_ten_minutes_to_the_millisecond(sandbox: Sandbox, player: Player) -> None:
    session_id = player.begin().session_id
    sandbox.clock.advance(minutes=10, milliseconds=-1)
    assert player.send(session_id, event("ping")).status == 204
    sandbox.clock.advance(minutes=10)
    assert player.send(session_id, event("ping")).status == 410


def test_a_refused_event_is_no_sign_of_life(sandbox: Sandbox, player: Player) -> None:
    session_id = player.begin().session_id
    sandbox.clock.advance(minutes=9)
    assert player.send(session_id, event("pause")).status == 400
    sandbox.clock.advance(minutes=2)
    assert player.send(session_id, event("ping")).status == 410


def test_a_real_clock_can_be_moved_on_too() -> None:
    with Sandbox() as sandbox, Player(sandbox) as player:
        session_id = player.begin().session_id
        sandbox.clock.advance(minutes=9)
        assert player.send(session_id, event("play")).status == 204
        sandbox.clock.advance(minutes=11)
        assert player.send(session_id, event("play")).status == 410


def test_wrong_nesting_is_accepted_and_noted(sandbox: Sandbox, player: Player) -> None:
    session_id = player.begin().session_id
    for name in ("play", "adStart", "adBreakStart", "adComplete", "sessionEnd"):
        assert player.send(session_id, event(name)).status == 204
    slips = [(entry.event_type, entry.slips) for entry in sandbox.seen.entries]
    assert slips[2] == ("adStart", ("ad-outside-break",))
    assert slips[4] == ("adComplete", ("ad-end-without-start",))
    assert all(entry.taken for entry in sandbox.seen.entries)


# --- schemas


@pytest.mark.parametrize("name", catalog.event_types())
def test_each_schema_is_served_and_is_draft_04(player: Player, name: str) -> None:
    answered = player.ask("GET", f"/api/v1/schemas/{name}")
    assert answered.status == 200
    assert answered.content == schemas.schema(name)
    assert answered.content["$schema"] == "http://json-schema.org/draft-04/schema#"
    assert jsonschema.validators.validator_for(answered.content) is jsonschema.Draft4Validator
    jsonschema.Draft4Validator.check_schema(answered.content)
    jsonschema.Draft4Validator(answered.content).validate(event(name))
    head = player.ask("HEAD", f"/api/v1/schemas/{name}")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == str(len(answered.body))


@pytest.mark.parametrize(
    ("name", "message"),
    [("sesionStart", "Did you mean sessionStart?"), ("PLAY", "Did you mean play?"), ("nothing", "There are: session")],
)
def test_an_unknown_schema_names_the_nearest(player: Player, name: str, message: str) -> None:
    answered = player.ask("GET", f"/api/v1/schemas/{name}")
    assert answered.status == 404
    assert message in answered.message
    assert player.ask("HEAD", f"/api/v1/schemas/{name}").status == 404


# --- lists


def test_a_list_is_taken_whole_and_begins_no_session_to_go_on_with(sandbox: Sandbox, player: Player) -> None:
    events = [start(), event("play", 0, 1_509_045_324_154), event("adStart", 0, 1_509_045_324_155)]
    answered = player.ask("POST", DOWNLOADED, events)
    assert answered.status == 201
    assert "Location" not in answered.headers
    assert "X-Sandbox-Notes" not in answered.headers
    assert answered.headers["Content-Length"] == "0"
    (entry,) = sandbox.seen.entries
    assert (entry.taken, entry.slips) == (True, ("ad-outside-break",))
    assert not sandbox.sessions.open


def test_a_list_with_a_wrong_event_is_refused_whole_and_the_event_named(sandbox: Sandbox, player: Player) -> None:
    bad = {**event("play"), "playerTime": {"playhead": "0", "ts": 1}}
    answered = player.ask("POST", DOWNLOADED, [start(), event("play"), bad])
    assert answered.status == 400
    assert "[2].playerTime.playhead" in answered.message
    assert answered.headers["X-Sandbox-Problems"] == "1; type:[2].playerTime.playhead"
    assert not sandbox.seen.entries[0].taken


def test_a_list_on_sessions_is_taken_when_it_says_that_it_is_a_download(sandbox: Sandbox, player: Player) -> None:
    answered = player.begin([start(media__downloaded=True), event("play")])
    assert answered.status == 201
    assert "Location" not in answered.headers
    assert answered.headers["X-Sandbox-Notes"] == "1; list-deprecated"
    assert answered.headers["Access-Control-Expose-Headers"] == "Location, X-Sandbox-Notes"
    assert sandbox.exchanges[0].endpoint == "downloaded"
    assert sandbox.exchanges[0].outcome == "accepted"
    for body in ([start()], [start(media__downloaded=False)], []):
        assert player.begin(body).status == 400


def test_a_single_object_on_downloaded_is_told_what_is_wanted(player: Player) -> None:
    answered = player.ask("POST", DOWNLOADED, start())
    assert answered.status == 400
    assert "list of events" in answered.message


def test_a_list_of_events_is_no_event(player: Player) -> None:
    assert player.send(player.begin().session_id, [event("play")]).status == 400


# --- lenient

SPARED = [
    event("play", params={"my.own": 1}),
    event("play", more=1),
    event("ping", params={"media.id": "x"}),
    event("adBreakStart", customMetadata={"a": "b"}),
    event("play", params={"media.qoe.bitrate": 1_000_000}),
    event("play", qoeData={"bitrate": 10_000}),
    event("play", qoeData={"media.qoe.framesPerSecond": 23.5}),
    event("error", params={"media.errorId": "x"}),
    event("play", 0, 1.5),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("body", SPARED, ids=json.dumps)
def test_a_lenient_sandbox_takes_and_notes_what_a_strict_one_refuses(player: Player, body: dict[str, Any]) -> None:
    refused = player.send(player.begin().session_id, body)
    assert refused.status == 400
    with Sandbox(lenient=True) as sandbox, Player(sandbox) as lenient:
        taken = lenient.send(lenient.begin().session_id, body)
        assert taken.status == 204
        assert taken.headers["X-Sandbox-Notes"] == refused.headers["X-Sandbox-Problems"]
        assert taken.headers["Access-Control-Expose-Headers"] == "Location, X-Sandbox-Notes"
        assert "; ".join(["1", *sandbox.seen.entries[-1].notes]) == refused.headers["X-Sandbox-Problems"]
        assert sandbox.exchanges[-1].outcome == "accepted"


def test_a_lenient_sandbox_still_refuses_what_is_missing_or_of_the_wrong_type() -> None:
    with Sandbox(lenient=True) as sandbox, Player(sandbox) as player:
        session_id = player.begin(start(media__more=1)).session_id
        wrong: list[Any] = [event("stateStart", params={}), {**event("play"), "playerTime": 1}, event("pause"), {}, []]
        for body in wrong:
            answered = player.send(session_id, body)
            assert answered.status == 400
            assert "X-Sandbox-Notes" not in answered.headers
        both = player.send(session_id, event("stateStart", params={"own": 1}))
        assert both.headers["X-Sandbox-Problems"] == "1; missing:media.state.name"
        assert "unknown-key" not in [problem["rule"] for problem in both.content["sandbox"]["problems"]]
        listed = player.ask("POST", DOWNLOADED, [start(), event("play", more=1), event("ping", 1.5)])
        assert (listed.status, listed.headers["X-Sandbox-Notes"]) == (201, "1; unknown-key:[1].more")


# --- limits

MANY: dict[str, Any] = {
    "states": event("statesUpdate", params={"statesStart": [{}] * 100_000}),
    "keys": {f"k{number}": 1 for number in range(50_000)},
    "metadata": event("adStart", customMetadata={f"k-{number}": 1 for number in range(50_000)}),
}


@pytest.mark.parametrize("name", MANY)
def test_an_event_with_very_many_values_is_refused_before_it_takes_long(player: Player, name: str) -> None:
    session_id = player.begin().session_id
    for answered in (
        player.send(session_id, MANY[name]),
        player.begin(MANY[name]),
        player.ask("POST", DOWNLOADED, [start(), MANY[name]]),
    ):
        assert answered.status == 413
        assert "2000" in answered.message


def test_a_long_list_of_events_and_a_text_with_many_commas_are_fine(player: Player) -> None:
    events = [start(), *(event("ping", number, 1_509_045_324_153 + number) for number in range(5_000))]
    assert player.ask("POST", DOWNLOADED, events).status == 201
    assert player.begin(start(media__name="," * 5_000)).status == 201
