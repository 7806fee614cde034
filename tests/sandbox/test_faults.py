"""Faults: parsing, matching, counting, and their effect on responses and connections."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from starlette.types import Receive, Scope, Send

from mctoolkit import Client, InputError, Sandbox, UsageError
from mctoolkit._core.clocks import Clock
from mctoolkit.sandbox import faults as faults_module
from mctoolkit.sandbox import server
from mctoolkit.sandbox.fault_effects import fault_response, send_with_fault
from mctoolkit.sandbox.faults import ENDPOINTS, KINDS, Fault, Faults
from mctoolkit.sandbox.responses import Response
from tests.validation.test_validate import GOOD

WAIT_S = 30


def triggered(faults: Faults, number: int, event: str | None = "play", endpoint: str = "events") -> str:
    """Return which of a number of requests trigger a fault, as a string of 0 and 1."""
    return "".join("1" if faults.trigger(event, endpoint) else "0" for _ in range(number))


# --- matching


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "100000"),
        ({"on": 1}, "100000"),
        ({"on": 3}, "001000"),
        ({"event": "play"}, "100000"),
        ({"event": "ping"}, "000000"),
        ({"endpoint": "events"}, "100000"),
        ({"endpoint": "sessions"}, "000000"),
        ({"seconds": 2}, "100000"),
    ],
)
def test_options_select_the_request(options: dict[str, Any], expected: str) -> None:
    faults = Faults()
    fault = faults.add("503", **options)
    assert triggered(faults, 6) == expected
    assert faults.triggered["503"] == expected.count("1")
    assert [pending.fault for pending in faults.pending] == ([] if "1" in expected else [fault])


def test_only_matching_requests_are_counted() -> None:
    faults = Faults()
    faults.add("500", on=2, event="adStart", endpoint="events")
    row = [("play", "events"), ("adStart", "events"), ("adStart", "sessions"), (None, "events"), ("adStart", "events")]
    assert [faults.trigger(event, endpoint) is not None for event, endpoint in row] == [False] * 4 + [True]


def test_first_matching_fault_is_triggered() -> None:
    faults = Faults()
    faults.add("500")
    faults.add("503")
    faults.add("slow", on=2)
    kinds = [fault and fault.kind for fault in (faults.trigger("play", "events") for _ in range(5))]
    assert kinds == ["500", "503", "slow", None, None]


def test_clear_removes_faults_and_counts() -> None:
    faults = Faults()
    faults.add("500")
    faults.add("500")
    assert triggered(faults, 1) == "1"
    faults.clear()
    assert triggered(faults, 2) == "00"
    assert faults.pending == ()
    assert set(faults.triggered.values()) == {0}


def test_triggered_faults_are_removed() -> None:
    faults = Faults()
    for _ in range(1_000):
        faults.add("500")
        faults.trigger("play", "events")
    assert faults._pending == []


def test_trigger_is_thread_safe() -> None:
    faults = Faults()
    for _ in range(5_000):
        faults.add("500")
    with ThreadPoolExecutor(8) as pool:
        rows = list(pool.map(lambda _: triggered(faults, 1_000), range(8)))
    assert Counter("".join(rows))["1"] == 5_000
    assert faults.triggered["500"] == 5_000


@pytest.mark.parametrize("kind", ["no-location", "absolute-location"])
def test_location_faults_match_only_session_starts(kind: str) -> None:
    faults = Faults()
    faults.add(kind)
    assert triggered(faults, 2) == "00"
    assert triggered(faults, 2, "sessionStart", "sessions") == "10"


def test_lost_matches_only_events() -> None:
    faults = Faults()
    faults.add("lost")
    assert triggered(faults, 2, "sessionStart", "sessions") == "00"
    assert triggered(faults, 2) == "10"


# --- text


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_description(kind: str) -> None:
    assert len(Fault(kind).description) > 20


@pytest.mark.parametrize(
    "text",
    [
        "500",
        "503 on=3",
        "slow seconds=0.5",
        "cut-before on=4 event=adStart endpoint=events seconds=0.25",
        "lost event=ping",
        "proxy-page status=200",
    ],
)
def test_parse_and_str_round_trip(text: str) -> None:
    assert str(Fault.parse(f"  {text}  ")) == text
    assert str(Faults().add(text)) == text
    assert repr(Fault.parse(text)) == f"Fault({text})"


def test_options_in_code_replace_those_in_text() -> None:
    assert Faults().add("503 on=3", on=4, event="ping") == Fault("503", on=4, event="ping")
    assert Faults().add(Fault("503", on=3), event="ping") == Fault("503", on=3, event="ping")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Use one of: 500, 503, slow"),
        ("404", "Use one of: 500, 503, slow"),
        ("503 3", "at most once, with a value: on=, event="),
        ("503 on", "Unknown or repeated option"),
        ("503 on=", "Unknown or repeated option"),
        ("503 on=1 on=2", "Unknown or repeated option"),
        ("503 On=1", "Unknown or repeated option"),
        ("503 on=0", "whole number from 1 to 1,000,000,000"),
        ("503 on=1.5", "whole number from 1 to 1,000,000,000"),
        ("503 on=three", "not three"),
        ("503 on=-1", "whole number from 1 to 1,000,000,000"),
        ("503 on=1e400", "whole number from 1 to 1,000,000,000"),
        ("503 rate=0.5", 'Unknown or repeated option "rate=0.5"'),
        ("slow seconds=inf", "from 0 to 3600"),
        ("slow seconds=-1", "from 0 to 3600"),
        ("503 event=adstart", "Did you mean adStart?"),
        ("503 event=xyzzy", "not an event type"),
        ("503 endpoint=/api/v1/sessions", "Use one of: sessions, events, schemas, downloaded"),
        ("lost endpoint=sessions", "Use one of: events"),
        ("no-location endpoint=events", "Use one of: sessions, downloaded"),
        ("503 status=200", "status is only for proxy-page"),
        ("proxy-page status=404", "200 or 502"),
    ],
)
def test_invalid_text_names_the_problem(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        Fault.parse(text)
    assert message in str(caught.value)
    assert f'Fault "{text}"' in str(caught.value)


@pytest.mark.parametrize(
    "options",
    [
        {"on": True},
        {"on": 2.0},
        {"on": "2"},
        {"seconds": "0.5"},
        {"seconds": True},
        {"event": 5},
        {"endpoint": "x" * 10_000},
    ],
)
def test_invalid_option_value_raises(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as caught:
        Faults().add("503", **options)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("kind", [None, "503x", "503 x", ["503"], 404])
def test_unknown_kind_raises(kind: Any) -> None:
    with pytest.raises((UsageError, InputError)):
        Faults().add(kind)


def test_html_shows_pending_and_triggered() -> None:
    faults = Faults()
    assert "No faults are pending" in faults._repr_html_()
    faults.add("500")
    faults.add("503", on=9)
    faults.add("slow", event="ping", on=3)
    triggered(faults, 2, "ping")
    shown = faults._repr_html_()
    assert "503 on=9" in shown
    assert "The response is correct but late." in shown
    assert repr(faults) == "Faults(503 on=9, slow on=3 event=ping)"
    assert "Triggered: 500: 1." in shown


# --- responses

RESPONSE = Response.of(
    201,
    (("Server", "s"), ("Date", "d"), ("Content-Length", "0"), ("Location", "/api/v1/sessions/ab"), ("Via", "v")),
)
SCOPE: Scope = {"scheme": "http", "headers": [(b"host", b"localhost:1")]}


@pytest.mark.parametrize("kind", ["500", "503"])
def test_500_has_headers_and_message(kind: str) -> None:
    response = fault_response(Fault(kind), RESPONSE, SCOPE)
    assert response is not None
    assert response.status == int(kind)
    assert [name for name, _ in response.headers] == ["Server", "Date", "Content-Type", "Content-Length", "Via"]
    assert dict(response.headers)["Content-Length"] == str(len(response.body))
    assert "A fault of the sandbox" in json.loads(response.body)["message"]


@pytest.mark.parametrize(("status", "expected"), [(None, 502), (200, 200), (502, 502)])
def test_proxy_page_is_html_without_cors(status: int | None, expected: int) -> None:
    response = fault_response(Fault("proxy-page", status=status), RESPONSE, SCOPE)
    assert response is not None
    assert response.status == expected
    assert [name for name, _ in response.headers] == ["Date", "Content-Type", "Content-Length"]
    assert response.body.startswith(b"<!DOCTYPE html>")


def test_location_is_removed_or_absolute() -> None:
    without = fault_response(Fault("no-location"), RESPONSE, SCOPE)
    whole = fault_response(Fault("absolute-location"), RESPONSE, SCOPE)
    bare = fault_response(Fault("absolute-location"), RESPONSE, {"scheme": "https", "headers": []})
    assert without
    assert whole
    assert bare
    assert "Location" not in dict(without.headers)
    assert dict(whole.headers)["Location"] == "http://localhost:1/api/v1/sessions/ab"
    assert dict(bare.headers)["Location"] == "https://localhost/api/v1/sessions/ab"
    assert without.status == whole.status == 201


@pytest.mark.parametrize(("kind", "arrives"), [("cut-before", False), ("cut-status", False), ("cut-after", True)])
def test_cut_faults_and_response(kind: str, arrives: bool) -> None:
    assert fault_response(Fault(kind), RESPONSE, SCOPE) == (RESPONSE if arrives else None)


# --- connections


class FaultyApp:
    """An application that only triggers faults."""

    def __init__(self, _: Clock, __: object, faults: Faults, **___: object) -> None:
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        response = Response.of(201, {"Content-Length": "3", "Location": "/api/v1/sessions/ab"}, b"yes")
        fault = self._faults.trigger("sessionStart", "sessions") or Fault("slow", seconds=0)
        await send_with_fault(fault, scope, send, response)


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setattr(server, "application", FaultyApp)
    with Sandbox() as running:
        yield running


@pytest.fixture
def secure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setattr(server, "application", FaultyApp)
    with Sandbox(tls=True) as running:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(running.certificate))
        yield running


REQUEST = b"POST /api/v1/sessions HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"


def received(sandbox: Sandbox, data: bytes = REQUEST) -> tuple[bytes, str]:
    """Return what comes back and how the connection ends."""
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=WAIT_S) as wire:
        wire.sendall(data)
        response = b""
        while True:
            try:
                piece = wire.recv(65536)
            except ConnectionResetError:
                return response, "reset"
            if not piece:
                return response, "closed"
            response += piece


WHOLE = b"HTTP/1.1 201 Created\r\nContent-Length: 3\r\nLocation: /api/v1/sessions/ab\r\n\r\nyes"


@pytest.mark.parametrize(
    ("kind", "response", "end"),
    [("cut-before", b"", "reset"), ("cut-status", b"HTTP/1.1 2", "closed"), ("cut-after", WHOLE, "reset")],
)
def test_cut_affects_one_connection(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture, kind: str, response: bytes, end: str
) -> None:
    sandbox.faults.add(kind)
    assert received(sandbox) == (response, end)
    assert requests.post(f"{sandbox.url}/api/v1/sessions", data=b"{}", timeout=WAIT_S).status_code == 201
    assert caplog.messages == []


def test_cut_drops_queued_requests(sandbox: Sandbox) -> None:
    sandbox.faults.add("cut-before", on=2)
    assert received(sandbox, REQUEST * 3) == (WHOLE, "reset")


@pytest.mark.parametrize("kind", ["cut-before", "cut-status"])
def test_cut_on_https(secure: Sandbox, kind: str) -> None:
    secure.faults.add(kind)
    with pytest.raises(requests.ConnectionError):
        requests.post(f"{secure.url}/api/v1/sessions", data=b"{}", timeout=WAIT_S)
    assert requests.post(f"{secure.url}/api/v1/sessions", data=b"{}", timeout=WAIT_S).status_code == 201


def test_slow_response_arrives(sandbox: Sandbox) -> None:
    sandbox.faults.add("slow", seconds=0.01)
    assert requests.post(f"{sandbox.url}/api/v1/sessions", data=b"{}", timeout=WAIT_S).content == b"yes"
    assert sandbox.faults.triggered["slow"] == 1


def test_slow_response_blocks_neither_others_nor_stop(sandbox: Sandbox) -> None:
    sandbox.faults.add("slow", seconds=3_600)
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=WAIT_S) as wire:
        wire.sendall(REQUEST)
        while not sandbox.faults.triggered["slow"]:
            time.sleep(0.01)
        assert requests.post(f"{sandbox.url}/api/v1/sessions", data=b"{}", timeout=WAIT_S).status_code == 201
        sandbox.stop()
        assert not sandbox.running


def test_default_delays() -> None:
    assert (Fault("slow").delay_s, Fault("slow", seconds=0.0).delay_s, Fault("503").delay_s) == (5.0, 0.0, 0.0)


# --- in a sandbox


def test_sandbox_starts_with_faults() -> None:
    with Sandbox(faults=["503 on=2", Fault("500", on=3)]) as sandbox, Client(sandbox) as client:
        assert [client.start_session(GOOD).status for _ in range(4)] == [201, 503, 500, 201]
        assert (sandbox.faults.triggered["503"], sandbox.faults.triggered["500"]) == (1, 1)
    with Sandbox(faults="503") as sandbox, Client(sandbox) as client:
        assert client.start_session(GOOD).status == 503


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("no-location", "absolute-location")])
def test_fault_on_event_and_its_effect_on_the_session(kind: str) -> None:
    with Sandbox() as sandbox, Client(sandbox) as client:
        path = f"{sandbox.url}/api/v1/sessions/{client.start_session(GOOD).session_id}/events"
        sandbox.faults.add(kind, event="sessionEnd", seconds=0.01)
        body = {"eventType": "sessionEnd", "playerTime": {"playhead": 0, "ts": 1}}
        try:
            status: int | None = requests.post(path, json=body, timeout=WAIT_S).status_code
        except requests.ConnectionError:
            status = None
        after = requests.post(path, json={**body, "eventType": "ping"}, timeout=WAIT_S).status_code
    responses = {"500": 500, "503": 503, "proxy-page": 502, "cut-before": None, "cut-status": None}
    assert status == responses.get(kind, 204)
    assert after == (410 if Fault(kind).accepts_event else 204)
    assert Fault(kind).accepts_event == (kind in ("slow", "cut-status", "cut-after"))


def test_session_with_lost_events_expires() -> None:
    with Sandbox(faults=["lost", "lost"]) as sandbox, Client(sandbox) as client:
        path = f"{sandbox.url}/api/v1/sessions/{client.start_session(GOOD).session_id}/events"
        body = {"eventType": "ping", "playerTime": {"playhead": 0, "ts": 1}}
        statuses = []
        for _ in range(3):  # ten minutes without an event close the session
            statuses.append(requests.post(path, json=body, timeout=WAIT_S).status_code)
            sandbox.clock.advance(minutes=6)
    assert statuses == [204, 204, 410]


def test_session_starts_despite_location_fault() -> None:
    with Sandbox(faults=["no-location", "absolute-location on=2"]) as sandbox:
        responses = [
            requests.post(f"{sandbox.url}/api/v1/sessions", json=GOOD, timeout=WAIT_S).headers.get("Location")
            for _ in range(3)
        ]
        assert responses[0] is None
        assert str(responses[1]).startswith(f"{sandbox.url}/api/v1/sessions/")
        assert str(responses[2]).startswith("/api/v1/sessions/")


def test_invalid_fault_starts_no_sandbox() -> None:
    threads = set(threading.enumerate())
    with pytest.raises(InputError, match="Unknown or repeated option"):
        Sandbox(faults=["503 3"])
    assert set(threading.enumerate()) <= threads


def test_endpoints_exist_in_the_spec() -> None:
    from mctoolkit.spec import catalog

    for endpoint in ENDPOINTS:
        assert catalog.responses(endpoint)
    assert set(KINDS) > faults_module._NOT_ACCEPTED
