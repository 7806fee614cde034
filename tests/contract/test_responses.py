"""Every endpoint and every documented status, with the content of each response."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema
import pytest

from mctoolkit import Sandbox
from mctoolkit._core.clocks import ManualClock, seeded_ids
from mctoolkit.spec import catalog, schemas
from tests.contract.player import DOWNLOADED, PARAMS, SESSIONS, Player, Received, event, start

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
    with Player(sandbox) as running:
        yield running


def ended(_: Sandbox, player: Player) -> Received:
    session_id = player.start_session().session_id
    assert player.send(session_id, event("sessionEnd")).status == 204
    return player.send(session_id, event("play"))


def with_500(path: str, method: str, body: object) -> Callable[[Sandbox, Player], Received]:
    def request(sandbox: Sandbox, player: Player) -> Received:
        url_path = path.replace("{sid}", player.start_session().session_id) if "{sid}" in path else path
        sandbox.faults.add("500")
        return player.request(method, url_path, body)

    return request


# The request for each documented response.
REQUESTS: dict[tuple[str, int], Callable[[Sandbox, Player], Received]] = {
    ("sessions", 201): lambda _, player: player.start_session(),
    ("sessions", 400): lambda _, player: player.start_session({}),
    ("sessions", 500): with_500(SESSIONS, "POST", start()),
    ("events", 204): lambda _, player: player.send(player.start_session().session_id, event("play")),
    ("events", 400): lambda _, player: player.send(player.start_session().session_id, {}),
    ("events", 404): lambda _, player: player.send(UNKNOWN, event("play")),
    ("events", 410): ended,
    ("events", 500): with_500(f"{SESSIONS}/{{sid}}/events", "POST", event("play")),
    ("schemas", 200): lambda _, player: player.request("GET", "/api/v1/schemas/play"),
    ("schemas", 404): lambda _, player: player.request("GET", "/api/v1/schemas/nothing"),
    ("downloaded", 201): lambda _, player: player.request("POST", DOWNLOADED, [start(), event("play")]),
    ("downloaded", 400): lambda _, player: player.request("POST", DOWNLOADED, [start(), {}]),
    ("downloaded", 500): with_500(DOWNLOADED, "POST", [start()]),
    ("preflight", 204): lambda _, player: player.request("OPTIONS", SESSIONS, Access_Control_Request_Method="POST"),
}

ENDPOINTS = ("sessions", "events", "schemas", "downloaded", "preflight")


def test_table_covers_every_documented_response() -> None:
    assert set(REQUESTS) == {(name, status) for name in ENDPOINTS for status in catalog.responses(name)}


@pytest.mark.parametrize(("endpoint", "status"), REQUESTS)
def test_documented_response(sandbox: Sandbox, player: Player, endpoint: str, status: int) -> None:
    response = REQUESTS[endpoint, status](sandbox, player)
    assert response.status == status
    documented = catalog.responses(endpoint)[status]
    headers = response.headers
    for header in documented.headers:
        if header.name == "Access-Control-Expose-Headers":
            assert header.sample in headers[header.name].split(", ")
        elif header.name not in ("Server", "Date", "Location", "Via"):
            assert headers[header.name] == header.sample
    assert CORS.items() <= headers.items()
    assert headers["Server"] == "mctoolkit-sandbox"
    if documented.outcome != "accepted":
        assert response.message
    exchange = sandbox.exchanges[-1]
    assert (exchange.endpoint, exchange.status, exchange.outcome) == (endpoint, status, documented.outcome)
    assert exchange.in_words == documented.short or exchange.in_words.startswith("refused: ")


# The response in Adobe's page "Events request".
DOCUMENTED_204 = """\
Server: nginx/1.13.5
Date: Thu, 26 Oct 2017 19:15:24 GMT
Connection: keep-alive
Access-Control-Allow-Origin: *
Access-Control-Allow-Methods: OPTIONS,POST,PUT
Access-Control-Allow-Headers: Content-Type
Access-Control-Expose-Headers: Location"""


def test_204_headers_equal_the_documented_ones() -> None:
    with Sandbox(clock=ManualClock(1_509_045_324_000)) as sandbox, Player(sandbox) as player:
        response = player.send(player.start_session().session_id, event("play"))
        assert response.status == 204
        headers = [f"{name}: {value}" for name, value in response.pairs]
        assert headers == DOCUMENTED_204.replace("nginx/1.13.5", "mctoolkit-sandbox").splitlines()
        assert response.body == b""
        last = player.request("POST", f"{SESSIONS}/{UNKNOWN}/events", event("play"), Connection="close")
        assert [value for name, value in last.pairs if name == "Connection"] == ["close"]


def test_connection_close_omits_keep_alive(player: Player) -> None:
    session_id = player.start_session().session_id
    last = player.request("POST", f"{SESSIONS}/{session_id}/events", event("play"), Connection="Close")
    assert [value for name, value in last.pairs if name == "Connection"] == ["close"]


def test_date_follows_the_clock(sandbox: Sandbox, player: Player) -> None:
    session_id = player.start_session().session_id
    dates = []
    for _ in range(3):
        dates.append(player.send(session_id, event("ping")).headers["Date"][-12:-4])
        dates.append(player.start_session().headers["Date"][-12:-4])
        sandbox.clock.advance(seconds=1)
    assert dates == ["08:14:02", "08:14:02", "08:14:03", "08:14:03", "08:14:04", "08:14:04"]


# --- events

EVENTS = [name for name in catalog.event_types() if name != "sessionStart"]


@pytest.mark.parametrize("name", EVENTS)
def test_typical_events_are_accepted(player: Player, name: str) -> None:
    session_id = player.start_session().session_id
    bodies = [event(name), event(name, qoeData={}), event(name, qoeData={"media.qoe.bitrate": 2_000_000})]
    if "params" not in event(name):
        bodies.append(event(name, params={}))
    if catalog.event_type(name).custom_metadata:
        bodies += [event(name, customMetadata={}), event(name, customMetadata={"a": "мểŧẳđαţả"})]
    for body in bodies:
        if name == "sessionEnd":
            session_id = player.start_session().session_id
        assert player.send(session_id, body).status == 204, body


# Invalid events, each with the header X-Sandbox-Problems. C-numbers are contradictions in Adobe's documentation.
INVALID: dict[str, tuple[dict[str, Any], str]] = {
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
    "sessionStart at the wrong path": (start(), "1; endpoint:eventType"),
    "an unknown event type": (event("pause"), "1; event-type:eventType"),
    "an unknown member": ({**event("play"), "more": 1}, "1; unknown-key:more"),
    "a text for a number": (
        {**event("play"), "playerTime": {"playhead": "1", "ts": 1}},
        "1; type:playerTime.playhead",
    ),
    "a time stamp below 0": ({**event("play"), "playerTime": {"playhead": 1, "ts": -1}}, "1; range:playerTime.ts"),
}


@pytest.mark.parametrize("case", INVALID)
def test_invalid_event_names_rule_and_source(player: Player, case: str) -> None:
    body, header = INVALID[case]
    response = player.send(player.start_session().session_id, body)
    assert response.status == 400
    assert response.headers["X-Sandbox-Problems"] == header
    problem = response.content["sandbox"]["problems"][0]
    rule = catalog.rule(header.removeprefix("1; ").partition(":")[0])
    assert (problem["rule"], problem["source"]) == (rule.id, rule.source)
    assert response.message.startswith("Request had improper format")


ACCEPTED = {
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
    "C-19: a custom state": event("stateStart", params={"media.state.name": "my.State_2"}),
    "C-23: beyond the length": event("ping", playhead=4711),
    "C-24: live, above a day": event("ping", playhead=90_000),
    "C-25: an older time stamp": event("ping", ts=1),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_disputed_event_is_accepted(player: Player, case: str) -> None:
    assert player.send(player.start_session().session_id, ACCEPTED[case]).status == 204


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
def test_disputed_session_start(player: Player, changes: dict[str, Any], status: int) -> None:
    assert player.start_session(event("sessionStart", params=PARAMS | changes)).status == status


def test_event_on_sessions_names_the_right_path(player: Player) -> None:
    response = player.start_session(event("ping"))
    assert response.status == 400
    assert "/api/v1/sessions/<session id>/events" in response.message


@pytest.mark.parametrize("session_id", [UNKNOWN, "undefined", "null", "%00", "x" * 5000, "мểŧẳ".encode().hex()])
def test_unknown_id_gets_404(player: Player, session_id: str) -> None:
    response = player.send(session_id, event("play"))
    assert response.status == 404
    assert "Location" in response.message
    assert len(response.message) < 500


def test_id_belongs_to_one_sandbox(player: Player) -> None:
    session_id = player.start_session().session_id
    assert player.send(session_id, event("play")).status == 204
    assert player.send(session_id.upper(), event("play")).status == 404
    assert player.send(session_id + "0", event("play")).status == 404
    with Sandbox() as other, Player(other) as other_player:
        assert other_player.send(session_id, event("play")).status == 404


# --- closed sessions


def test_sessions_close_with_a_reason(sandbox: Sandbox, player: Player) -> None:
    ended, idle, still, complete = (player.start_session().session_id for _ in range(4))
    assert player.send(ended, event("sessionEnd")).status == 204
    assert player.send(complete, event("sessionComplete")).status == 204
    assert player.send(complete, event("ping", 5)).status == 204, "C-13: sessionComplete does not close the session"
    for minute in range(1, 32):
        sandbox.clock.advance(minutes=1)
        assert player.send(complete, event("ping", minute)).status == 204
        expected = 204 if minute < 30 else 410
        assert player.send(still, event("ping", 0)).status == expected, minute
    messages = {sid: player.send(sid, event("ping")).message for sid in (ended, idle, still)}
    assert "sessionEnd arrived at 08:14:02 UTC" in messages[ended]
    assert "closed at 08:24:02 UTC, after 10 minutes without an event" in messages[idle]
    assert "closed at 08:44:02 UTC, after 30 minutes at the same playhead" in messages[still]
    assert player.send(ended, event("sessionEnd")).status == 410


def test_idle_timeout_is_exact(sandbox: Sandbox, player: Player) -> None:
    session_id = player.start_session().session_id
    sandbox.clock.advance(minutes=10, milliseconds=-1)
    assert player.send(session_id, event("ping")).status == 204
    sandbox.clock.advance(minutes=10)
    assert player.send(session_id, event("ping")).status == 410


def test_invalid_event_does_not_extend_the_session(sandbox: Sandbox, player: Player) -> None:
    session_id = player.start_session().session_id
    sandbox.clock.advance(minutes=9)
    assert player.send(session_id, event("pause")).status == 400
    sandbox.clock.advance(minutes=2)
    assert player.send(session_id, event("ping")).status == 410


def test_system_clock_can_be_advanced_past_the_timeout() -> None:
    with Sandbox() as sandbox, Player(sandbox) as player:
        session_id = player.start_session().session_id
        sandbox.clock.advance(minutes=9)
        assert player.send(session_id, event("play")).status == 204
        sandbox.clock.advance(minutes=11)
        assert player.send(session_id, event("play")).status == 410


def test_wrong_nesting_is_accepted_and_logged(sandbox: Sandbox, player: Player) -> None:
    session_id = player.start_session().session_id
    for name in ("play", "adStart", "adBreakStart", "adComplete", "sessionEnd"):
        assert player.send(session_id, event(name)).status == 204
    violations = [(entry.event_type, entry.violations) for entry in sandbox.log.entries]
    assert violations[2] == ("adStart", ("ad-outside-break",))
    assert violations[4] == ("adComplete", ("ad-end-without-start",))
    assert all(entry.accepted for entry in sandbox.log.entries)


# --- schemas


@pytest.mark.parametrize("name", catalog.event_types())
def test_schemas_are_draft_04(player: Player, name: str) -> None:
    response = player.request("GET", f"/api/v1/schemas/{name}")
    assert response.status == 200
    assert response.content == schemas.schema(name)
    assert response.content["$schema"] == "http://json-schema.org/draft-04/schema#"
    assert jsonschema.validators.validator_for(response.content) is jsonschema.Draft4Validator
    jsonschema.Draft4Validator.check_schema(response.content)
    jsonschema.Draft4Validator(response.content).validate(event(name))
    head = player.request("HEAD", f"/api/v1/schemas/{name}")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == str(len(response.body))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("sesionStart", "Did you mean sessionStart?"),
        ("PLAY", "Did you mean play?"),
        ("nothing", "Event types: session"),
    ],
)
def test_unknown_schema_suggests_nearest(player: Player, name: str, message: str) -> None:
    response = player.request("GET", f"/api/v1/schemas/{name}")
    assert response.status == 404
    assert message in response.message
    assert player.request("HEAD", f"/api/v1/schemas/{name}").status == 404


# --- lists


def test_list_is_accepted_without_session(sandbox: Sandbox, player: Player) -> None:
    events = [start(), event("play", 0, 1_509_045_324_154), event("adStart", 0, 1_509_045_324_155)]
    response = player.request("POST", DOWNLOADED, events)
    assert response.status == 201
    assert "Location" not in response.headers
    assert "X-Sandbox-Notes" not in response.headers
    assert response.headers["Content-Length"] == "0"
    (entry,) = sandbox.log.entries
    assert (entry.accepted, entry.violations) == (True, ("ad-outside-break",))
    assert not sandbox.sessions.open


def test_list_with_invalid_event_gets_400(sandbox: Sandbox, player: Player) -> None:
    bad = {**event("play"), "playerTime": {"playhead": "0", "ts": 1}}
    response = player.request("POST", DOWNLOADED, [start(), event("play"), bad])
    assert response.status == 400
    assert "[2].playerTime.playhead" in response.message
    assert response.headers["X-Sandbox-Problems"] == "1; type:[2].playerTime.playhead"
    assert not sandbox.log.entries[0].accepted


def test_downloaded_list_on_sessions_is_accepted(sandbox: Sandbox, player: Player) -> None:
    response = player.start_session([start(media__downloaded=True), event("play")])
    assert response.status == 201
    assert "Location" not in response.headers
    assert response.headers["X-Sandbox-Notes"] == "1; list-deprecated"
    assert response.headers["Access-Control-Expose-Headers"] == "Location, X-Sandbox-Notes"
    assert sandbox.exchanges[0].endpoint == "downloaded"
    assert sandbox.exchanges[0].outcome == "accepted"
    for body in ([start()], [start(media__downloaded=False)], []):
        assert player.start_session(body).status == 400


def test_object_on_downloaded_gets_400(player: Player) -> None:
    response = player.request("POST", DOWNLOADED, start())
    assert response.status == 400
    assert "list of events" in response.message


def test_list_on_events_gets_400(player: Player) -> None:
    assert player.send(player.start_session().session_id, [event("play")]).status == 400


# --- lenient

LENIENT_ONLY = [
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


@pytest.mark.parametrize("body", LENIENT_ONLY, ids=json.dumps)
def test_lenient_accepts_and_notes(player: Player, body: dict[str, Any]) -> None:
    rejected = player.send(player.start_session().session_id, body)
    assert rejected.status == 400
    with Sandbox(lenient=True) as sandbox, Player(sandbox) as lenient:
        accepted = lenient.send(lenient.start_session().session_id, body)
        assert accepted.status == 204
        assert accepted.headers["X-Sandbox-Notes"] == rejected.headers["X-Sandbox-Problems"]
        assert accepted.headers["Access-Control-Expose-Headers"] == "Location, X-Sandbox-Notes"
        assert "; ".join(["1", *sandbox.log.entries[-1].notes]) == rejected.headers["X-Sandbox-Problems"]
        assert sandbox.exchanges[-1].outcome == "accepted"


def test_lenient_rejects_missing_and_wrong_types() -> None:
    with Sandbox(lenient=True) as sandbox, Player(sandbox) as player:
        session_id = player.start_session(start(media__more=1)).session_id
        wrong: list[Any] = [event("stateStart", params={}), {**event("play"), "playerTime": 1}, event("pause"), {}, []]
        for body in wrong:
            response = player.send(session_id, body)
            assert response.status == 400
            assert "X-Sandbox-Notes" not in response.headers
        both = player.send(session_id, event("stateStart", params={"own": 1}))
        assert both.headers["X-Sandbox-Problems"] == "1; missing:media.state.name"
        assert "unknown-key" not in [problem["rule"] for problem in both.content["sandbox"]["problems"]]
        listed = player.request("POST", DOWNLOADED, [start(), event("play", more=1), event("ping", 1.5)])
        assert (listed.status, listed.headers["X-Sandbox-Notes"]) == (201, "1; unknown-key:[1].more")


# --- limits

TOO_MANY: dict[str, Any] = {
    "states": event("statesUpdate", params={"statesStart": [{}] * 100_000}),
    "keys": {f"k{number}": 1 for number in range(50_000)},
    "metadata": event("adStart", customMetadata={f"k-{number}": 1 for number in range(50_000)}),
}


@pytest.mark.parametrize("name", TOO_MANY)
def test_too_many_values_get_413(player: Player, name: str) -> None:
    session_id = player.start_session().session_id
    for response in (
        player.send(session_id, TOO_MANY[name]),
        player.start_session(TOO_MANY[name]),
        player.request("POST", DOWNLOADED, [start(), TOO_MANY[name]]),
    ):
        assert response.status == 413
        assert "2000" in response.message


def test_long_list_and_commas_are_accepted(player: Player) -> None:
    events = [start(), *(event("ping", number, 1_509_045_324_153 + number) for number in range(5_000))]
    assert player.request("POST", DOWNLOADED, events).status == 201
    assert player.start_session(start(media__name="," * 5_000)).status == 201
