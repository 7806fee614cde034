"""Schemas fetched from a host: what cannot be had is named, and a host that is not there is asked once."""

from __future__ import annotations

import json
import socket

import pytest

from mctoolkit import Client, MisuseError, Sandbox
from mctoolkit.facts import catalog, schemas
from tests.rawserver import RawServer, hang_up


def _answer(status: str, body: bytes, kind: str = "application/json") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def test_a_changed_schema_is_fetched_and_the_change_said() -> None:
    document = schemas.schema("play")
    document["properties"]["params"]["properties"]["media.mood"] = {"type": "string"}
    with RawServer(_answer("200 OK", json.dumps(document).encode()), hang_up) as server:
        live = Client(server.url).schemas(["play"])
        request = server.request
    assert request.startswith(b"GET /api/v1/schemas/play HTTP/1.1\r\n")
    assert b"Content-Type" not in request
    assert [difference.words for difference in live.differences] == [
        "media.mood is new (string): our facts do not have it."
    ]
    assert live["play"] == document


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (_answer("404 Not Found", b"{}"), "the host answered 404."),
        (
            _answer("200 OK", b"<html>Sign in</html>", "text/html"),
            "What the host serves as the schema of play is no JSON object.",
        ),
        (_answer("200 OK", b'{"type": 9}'), "no JSON Schema of draft-04"),
    ],
)
def test_what_cannot_be_had_is_named_with_the_reason(answer: bytes, reason: str) -> None:
    with RawServer(answer, hang_up) as server:
        live = Client(server.url).schemas(["play", "ping"])
    assert list(live) == []
    assert list(live.missing) == ["play", "ping"]
    assert reason in live.missing["play"]


def test_a_host_that_is_not_there_is_asked_once() -> None:
    with RawServer(hang_up) as server:
        live = Client(server.url).schemas()
        assert server.connections == 1
    assert list(live.missing) == list(catalog.event_types())
    assert len(set(live.missing.values())) == 1


def test_a_name_that_is_no_event_type_is_a_mistake_before_anything_is_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        client = Client(f"http://127.0.0.1:{unused.getsockname()[1]}")
        with pytest.raises(MisuseError, match="plai"):
            client.schemas(["ping", "plai"])


def test_the_sandbox_serves_ours() -> None:
    with Sandbox() as sandbox:
        live = Client(sandbox).schemas()
    assert list(live) == list(catalog.event_types())
    assert (live.differences, live.notes, live.missing) == ((), (), {})
