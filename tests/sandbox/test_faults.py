"""Faults on request: chosen, counted, cleared, and played on the socket itself."""

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
from mctoolkit.sandbox.faults import ENDPOINTS, KINDS, Fault, Faults, act, altered
from mctoolkit.sandbox.responses import Response
from tests.validation.test_validate import GOOD

WAIT_S = 30


def struck(faults: Faults, number: int, event: str | None = "play", endpoint: str = "events") -> str:
    """Return which of so many requests are struck, as a row of 0 and 1."""
    return "".join("1" if faults.choose(event, endpoint) else "0" for _ in range(number))


# --- when


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
def test_when_it_strikes(options: dict[str, Any], expected: str) -> None:
    faults = Faults()
    fault = faults.add("503", **options)
    assert struck(faults, 6) == expected
    assert faults.struck["503"] == expected.count("1")
    assert [waiting.fault for waiting in faults.active] == ([] if "1" in expected else [fault])


def test_only_matching_requests_are_counted() -> None:
    faults = Faults()
    faults.add("500", on=2, event="adStart", endpoint="events")
    row = [("play", "events"), ("adStart", "events"), ("adStart", "sessions"), (None, "events"), ("adStart", "events")]
    assert [faults.choose(event, endpoint) is not None for event, endpoint in row] == [False] * 4 + [True]


def test_what_was_added_first_is_tried_first_and_one_request_has_one_fault() -> None:
    faults = Faults()
    faults.add("500")
    faults.add("503")
    faults.add("slow", on=2)
    kinds = [fault and fault.kind for fault in (faults.choose("play", "events") for _ in range(5))]
    assert kinds == ["500", "503", "slow", None, None]


def test_it_can_be_cleared() -> None:
    faults = Faults()
    faults.add("500")
    faults.add("500")
    assert struck(faults, 1) == "1"
    faults.clear()
    assert struck(faults, 2) == "00"
    assert faults.active == ()
    assert set(faults.struck.values()) == {0}


def test_what_is_done_is_not_kept() -> None:
    faults = Faults()
    for _ in range(1_000):
        faults.add("500")
        faults.choose("play", "events")
    assert faults._waiting == []


def test_no_request_is_counted_twice_or_lost_when_many_come_at_once() -> None:
    faults = Faults()
    for _ in range(5_000):
        faults.add("500")
    with ThreadPoolExecutor(8) as pool:
        rows = list(pool.map(lambda _: struck(faults, 1_000), range(8)))
    assert Counter("".join(rows))["1"] == 5_000
    assert faults.struck["500"] == 5_000


@pytest.mark.parametrize("kind", ["no-location", "absolute-location"])
def test_what_is_about_location_is_for_those_that_begin_sessions(kind: str) -> None:
    faults = Faults()
    faults.add(kind)
    assert struck(faults, 2) == "00"
    assert struck(faults, 2, "sessionStart", "sessions") == "10"


def test_only_events_are_lost() -> None:
    faults = Faults()
    faults.add("lost")
    assert struck(faults, 2, "sessionStart", "sessions") == "00"
    assert struck(faults, 2) == "10"


# --- written and read


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_explained(kind: str) -> None:
    assert len(Fault(kind).help) > 20


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
def test_a_text_is_read_and_written_back(text: str) -> None:
    assert str(Fault.read(f"  {text}  ")) == text
    assert str(Faults().add(text)) == text
    assert repr(Fault.read(text)) == f"Fault({text})"


def test_options_from_code_win_over_those_in_a_text() -> None:
    assert Faults().add("503 on=3", on=4, event="ping") == Fault("503", on=4, event="ping")
    assert Faults().add(Fault("503", on=3), event="ping") == Fault("503", on=3, event="ping")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "It plays: 500, 503, slow"),
        ("404", "It plays: 500, 503, slow"),
        ("503 3", "can be given once, with a value: on=, event="),
        ("503 on", "can be given once"),
        ("503 on=", "can be given once"),
        ("503 on=1 on=2", "can be given once"),
        ("503 On=1", "can be given once"),
        ("503 on=0", "whole number from 1 to 1,000,000,000"),
        ("503 on=1.5", "whole number from 1 to 1,000,000,000"),
        ("503 on=three", "This is three"),
        ("503 on=-1", "whole number from 1 to 1,000,000,000"),
        ("503 on=1e400", "whole number from 1 to 1,000,000,000"),
        ("503 rate=0.5", 'Unknown fault option "rate=0.5"'),
        ("slow seconds=inf", "from 0 to 3600"),
        ("slow seconds=-1", "from 0 to 3600"),
        ("503 event=adstart", "Did you mean adStart?"),
        ("503 event=xyzzy", "no event type"),
        ("503 endpoint=/api/v1/sessions", "It can at: sessions, events, schemas, downloaded"),
        ("lost endpoint=sessions", "It can at: events"),
        ("no-location endpoint=events", "It can at: sessions, downloaded"),
        ("503 status=200", "status is for proxy-page"),
        ("proxy-page status=404", "200 or 502"),
    ],
)
def test_what_cannot_be_read_is_told_with_what_can(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        Fault.read(text)
    assert message in str(caught.value)
    assert f'The fault "{text}"' in str(caught.value)


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
def test_a_wrong_value_from_code_is_a_mistake(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as caught:
        Faults().add("503", **options)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("kind", [None, "503x", "503 x", ["503"], 404])
def test_what_is_no_kind_is_a_mistake(kind: Any) -> None:
    with pytest.raises((UsageError, InputError)):
        Faults().add(kind)


def test_they_can_be_seen_in_a_notebook() -> None:
    faults = Faults()
    assert "No fault waits" in faults._repr_html_()
    faults.add("500")
    faults.add("503", on=9)
    faults.add("slow", event="ping", on=3)
    struck(faults, 2, "ping")
    shown = faults._repr_html_()
    assert "503 on=9" in shown
    assert "The response is right, and comes late." in shown
    assert repr(faults) == "Faults(503 on=9, slow on=3 event=ping)"
    assert "Struck so far" in shown


# --- what becomes of a response

REPLY = Response(
    201,
    (("Server", "s"), ("Date", "d"), ("Content-Length", "0"), ("Location", "/api/v1/sessions/ab"), ("Via", "v")),
)
SCOPE: Scope = {"scheme": "http", "headers": [(b"host", b"localhost:1")]}


@pytest.mark.parametrize("kind", ["500", "503"])
def test_a_server_error_has_the_headers_of_a_response_and_a_message(kind: str) -> None:
    response = altered(Fault(kind), REPLY, SCOPE)
    assert response is not None
    assert response.status == int(kind)
    assert [name for name, _ in response.headers] == ["Server", "Date", "Content-Type", "Content-Length", "Via"]
    assert dict(response.headers)["Content-Length"] == str(len(response.body))
    assert "You asked the sandbox" in json.loads(response.body)["message"]


@pytest.mark.parametrize(("status", "expected"), [(None, 502), (200, 200), (502, 502)])
def test_the_page_of_a_proxy_is_html_and_not_for_other_origins(status: int | None, expected: int) -> None:
    response = altered(Fault("proxy-page", status=status), REPLY, SCOPE)
    assert response is not None
    assert response.status == expected
    assert [name for name, _ in response.headers] == ["Date", "Content-Type", "Content-Length"]
    assert response.body.startswith(b"<!DOCTYPE html>")


def test_the_location_is_left_out_or_made_whole() -> None:
    without = altered(Fault("no-location"), REPLY, SCOPE)
    whole = altered(Fault("absolute-location"), REPLY, SCOPE)
    bare = altered(Fault("absolute-location"), REPLY, {"scheme": "https", "headers": []})
    assert without
    assert whole
    assert bare
    assert "Location" not in dict(without.headers)
    assert dict(whole.headers)["Location"] == "http://localhost:1/api/v1/sessions/ab"
    assert dict(bare.headers)["Location"] == "https://localhost/api/v1/sessions/ab"
    assert without.status == whole.status == 201


@pytest.mark.parametrize(("kind", "arrives"), [("cut-before", False), ("cut-status", False), ("cut-after", True)])
def test_which_cuts_leave_a_response(kind: str, arrives: bool) -> None:
    assert altered(Fault(kind), REPLY, SCOPE) == (REPLY if arrives else None)


# --- on the socket


class Playing:
    """An application that does with faults what the sandbox does, and nothing else."""

    def __init__(self, _: Clock, __: object, faults: Faults, **___: object) -> None:
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        reply = Response(201, (("Content-Length", "3"), ("Location", "/api/v1/sessions/ab")), b"yes")
        fault = self._faults.choose("sessionStart", "sessions") or Fault("slow", seconds=0)
        await act(fault, scope, send, reply)


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setattr(server, "application", Playing)
    with Sandbox() as running:
        yield running


@pytest.fixture
def secure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setattr(server, "application", Playing)
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
def test_a_cut_is_one_of_the_connection_and_the_next_one_is_served(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture, kind: str, response: bytes, end: str
) -> None:
    sandbox.faults.add(kind)
    assert received(sandbox) == (response, end)
    assert requests.post(f"{sandbox.url}/api/v1/sessions", data=b"{}", timeout=WAIT_S).status_code == 201
    assert caplog.messages == []


def test_a_cut_ends_what_waits_behind_it_too(sandbox: Sandbox) -> None:
    sandbox.faults.add("cut-before", on=2)
    assert received(sandbox, REQUEST * 3) == (WHOLE, "reset")


@pytest.mark.parametrize("kind", ["cut-before", "cut-status"])
def test_a_cut_of_a_secured_connection(secure: Sandbox, kind: str) -> None:
    secure.faults.add(kind)
    with pytest.raises(requests.ConnectionError):
        requests.post(f"{secure.url}/api/v1/sessions", data=b"{}", timeout=WAIT_S)
    assert requests.post(f"{secure.url}/api/v1/sessions", data=b"{}", timeout=WAIT_S).status_code == 201


def test_a_slow_response_comes_in_the_end(sandbox: Sandbox) -> None:
    sandbox.faults.add("slow", seconds=0.01)
    assert requests.post(f"{sandbox.url}/api/v1/sessions", data=b"{}", timeout=WAIT_S).content == b"yes"
    assert sandbox.faults.struck["slow"] == 1


def test_a_slow_response_holds_up_neither_others_nor_the_stop(sandbox: Sandbox) -> None:
    sandbox.faults.add("slow", seconds=3_600)
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=WAIT_S) as wire:
        wire.sendall(REQUEST)
        while not sandbox.faults.struck["slow"]:
            time.sleep(0.01)
        assert requests.post(f"{sandbox.url}/api/v1/sessions", data=b"{}", timeout=WAIT_S).status_code == 201
        sandbox.stop()
        assert not sandbox.running


def test_a_slow_response_waits_five_seconds_if_nothing_is_said() -> None:
    assert (Fault("slow").delay_s, Fault("slow", seconds=0.0).delay_s, Fault("503").delay_s) == (5.0, 0.0, 0.0)


# --- of a sandbox


def test_the_next_request_gets_500_and_the_one_after_it_is_served() -> None:
    with Sandbox() as sandbox, Client(sandbox) as client:
        sandbox.response_next(500)
        failed, served = client.start_session(GOOD), client.start_session(GOOD)
    assert (failed.status, failed.outcome, failed.session_id) == (500, "failed", None)
    assert served.status == 201


@pytest.mark.parametrize("status", [200, 201, 400, 0])
def test_only_faults_can_be_asked_for(status: int) -> None:
    with Sandbox() as sandbox, pytest.raises(UsageError, match="It plays: 500, 503"):
        sandbox.response_next(status)


def test_a_sandbox_can_begin_with_faults() -> None:
    with Sandbox(faults=["503 on=2", Fault("500", on=3)]) as sandbox, Client(sandbox) as client:
        assert [client.start_session(GOOD).status for _ in range(4)] == [201, 503, 500, 201]
        assert (sandbox.faults.struck["503"], sandbox.faults.struck["500"]) == (1, 1)
    with Sandbox(faults="503") as sandbox, Client(sandbox) as client:
        assert client.start_session(GOOD).status == 503


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("no-location", "absolute-location")])
def test_a_fault_at_an_event_and_whether_the_event_counts(kind: str) -> None:
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
    assert after == (410 if Fault(kind).takes else 204)
    assert Fault(kind).takes == (kind in ("slow", "cut-status", "cut-after"))


def test_a_session_closes_when_its_events_are_lost() -> None:
    with Sandbox(faults=["lost", "lost"]) as sandbox, Client(sandbox) as client:
        path = f"{sandbox.url}/api/v1/sessions/{client.start_session(GOOD).session_id}/events"
        body = {"eventType": "ping", "playerTime": {"playhead": 0, "ts": 1}}
        statuses = []
        for _ in range(3):  # after ten minutes without an event, the session is closed
            statuses.append(requests.post(path, json=body, timeout=WAIT_S).status_code)
            sandbox.clock.advance(minutes=6)
    assert statuses == [204, 204, 410]


def test_a_session_begins_though_its_location_is_spoilt() -> None:
    with Sandbox(faults=["no-location", "absolute-location on=2"]) as sandbox:
        responses = [
            requests.post(f"{sandbox.url}/api/v1/sessions", json=GOOD, timeout=WAIT_S).headers.get("Location")
            for _ in range(3)
        ]
        assert responses[0] is None
        assert str(responses[1]).startswith(f"{sandbox.url}/api/v1/sessions/")
        assert str(responses[2]).startswith("/api/v1/sessions/")


def test_a_fault_that_is_none_starts_no_sandbox() -> None:
    with pytest.raises(InputError, match="Unknown fault option"):
        Sandbox(faults=["503 3"])
    assert [thread for thread in threading.enumerate() if thread.name == "mctoolkit-sandbox"] == []


def test_the_endpoints_are_those_of_the_facts() -> None:
    from mctoolkit.spec import catalog

    for endpoint in ENDPOINTS:
        assert catalog.responses(endpoint)
    assert set(KINDS) > faults_module._NOT_TAKEN
