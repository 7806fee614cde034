"""The check of the Host header."""

from __future__ import annotations

import asyncio
import http.client
import json
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from mctoolkit import Sandbox, UsageError
from mctoolkit.sandbox.host_check import HostCheck, host_names


def status_of(hosts: list[str], *, names: tuple[str, ...] = (), lan: bool = False, arrived: str = "127.0.0.1") -> int:
    """Return the status for a request with these Host headers: 200 from the application, or 421."""
    sent: list[Message] = []

    async def inner(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200})

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"user-agent", b"x"), *((b"host", host.encode("latin-1")) for host in hosts)]
    scope = {"type": "http", "headers": headers, "server": (arrived, 8765)}
    check = HostCheck(inner, 8765, host_names(names), own_addresses=lan)
    asyncio.run(check(scope, lambda: asyncio.sleep(0, {}), send))
    status = sent[0]["status"]
    assert isinstance(status, int)
    return status


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.0.0.1:8765", "127.0.0.1:1", "localhost", "localhost:8765", "LocalHost", "LOCALHOST:80",
        "localhost.", "localhost.:8765", "[::1]", "[::1]:8765", "localhost:", " localhost ",
    ],
)  # fmt: skip
def test_loopback_hosts_are_accepted(host: str) -> None:
    assert status_of([host]) == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "evil.example:8765", "127.0.0.1.evil.example", "localhost.evil.example", "evil-localhost",
        "localhost@evil.example", "evil.example#localhost", "localhost:8765:1", "localhost:x", "127.0.0.2", "0.0.0.0",
        "192.168.1.5", "::1", "[::2]", "[::1", "", " ", "localhost,evil.example", "2130706433", "127.1", "\xe9",
        "xn--lcalhost-54a", "localhost..", "x" * 60_000,
    ],
)  # fmt: skip
def test_other_hosts_get_421(host: str) -> None:
    assert status_of([host]) == 421


def test_missing_host_is_accepted() -> None:
    assert status_of([]) == 200


@pytest.mark.parametrize("hosts", [["localhost", "evil.example"], ["evil.example", "localhost"]])
def test_each_of_two_hosts_is_checked(hosts: list[str]) -> None:
    assert status_of(hosts) == 421
    assert status_of(["localhost", "localhost"]) == 200


def test_allowed_names_are_accepted() -> None:
    names = ("TV.local", "192.168.1.5", "fe80::1", "bücher.example")
    for host in ("tv.local", "TV.LOCAL:8765", "tv.local.", "192.168.1.5:80", "[fe80::1]", "xn--bcher-kva.example"):
        assert status_of([host], names=names) == 200
    for host in ("x.tv.local", "tv.local.evil.example", "192.168.1.50"):
        assert status_of([host], names=names) == 421


def test_lan_accepts_only_the_arrival_address() -> None:
    for host, arrived, expected in [
        ("192.168.1.5", "192.168.1.5", 200),
        ("192.168.1.5:8765", "192.168.1.5", 200),
        ("192.168.1.6", "192.168.1.5", 421),
        ("evil.example", "192.168.1.5", 421),
        ("localhost", "192.168.1.5", 200),
    ]:
        assert status_of([host], lan=True, arrived=arrived) == expected
        assert status_of([host], lan=False, arrived=arrived) == (200 if host == "localhost" else 421)


def test_lifespan_scope_is_passed_on() -> None:
    passed = []

    async def inner(scope: Scope, _: Receive, __: Send) -> None:
        passed.append(scope["type"])

    async def nothing(*_: Any) -> Any:
        return None

    asyncio.run(HostCheck(inner, 1)({"type": "lifespan"}, nothing, nothing))
    assert passed == ["lifespan"]


@pytest.mark.parametrize(
    "name",
    ["", " ", "http://tv.local", "tv.local:80", "tv.local/x", "*", "*.local", "a b", "-x", "a..b", "x" * 300, "tv\r\nX: y", "é" * 70, 5, None],
)  # fmt: skip
def test_invalid_host_name_raises(name: Any) -> None:
    with pytest.raises(UsageError, match="not a valid host name"):
        host_names([name])


def test_host_names_are_normalised_and_limited() -> None:
    assert host_names("tv.local") == ("tv.local",)
    assert host_names(["[::1]", "0:0::1", "a.", "A"]) == ("[::1]", "a")
    with pytest.raises(UsageError, match="Allow at most 100"):
        host_names([f"tv{number}" for number in range(101)])


# --- in a sandbox


def ask(sandbox: Sandbox, host: str, method: str = "POST", path: str = "/api/v1/sessions") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=30)
    connection.request(method, path, b"{}", {"Host": host, "Origin": f"http://{host}"})
    response = connection.getresponse()
    body = response.read().decode()
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    connection.close()
    return response.status, body


def test_dns_rebinding_gets_421() -> None:
    with Sandbox() as sandbox:
        for method, path in [
            ("POST", "/api/v1/sessions"),
            ("GET", "/"),
            ("OPTIONS", "/api/v1/sessions"),
            ("GET", "/x"),
        ]:
            status, body = ask(sandbox, f"evil.example:{sandbox.port}", method, path)
            assert status == 421
            assert "--allow-host evil.example," in body
        assert ask(sandbox, f"localhost:{sandbox.port}")[0] == 400


def test_421_message_is_shortened_and_escaped() -> None:
    with Sandbox() as sandbox:
        _, body = ask(sandbox, 'a"b\x9f<script>' + "x" * 5_000 + ":80")
        message = json.loads(body)["message"]
        assert len(message) < 700
        assert 'Sandbox(allow_hosts=["a"b' in message


def test_allowed_host_is_served() -> None:
    with Sandbox(allow_hosts=["company.hb-api.omtrdc.net"]) as sandbox:
        assert ask(sandbox, "company.hb-api.omtrdc.net")[0] == 400
        assert ask(sandbox, "other.hb-api.omtrdc.net")[0] == 421


def test_connection_survives_421() -> None:
    with Sandbox() as sandbox:
        connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=30)
        statuses = []
        for host in ("evil.example", "localhost", "evil.example", "localhost"):
            connection.request("POST", "/api/v1/sessions", b"{}" + b" " * 300_000, {"Host": host})
            response = connection.getresponse()
            response.read()
            statuses.append(response.status)
        connection.close()
    assert statuses == [421, 400, 421, 400]
