"""Which hosts a request may be for."""

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
    """Return what a request with these headers Host gets: 200 from the application behind, or 421."""
    sent: list[Message] = []

    async def behind(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200})

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"user-agent", b"x"), *((b"host", host.encode("latin-1")) for host in hosts)]
    scope = {"type": "http", "headers": headers, "server": (arrived, 8765)}
    doors = HostCheck(behind, 8765, host_names(names), own_addresses=lan)
    asyncio.run(doors(scope, lambda: asyncio.sleep(0, {}), send))
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
def test_the_names_of_this_computer_are_let_in(host: str) -> None:
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
def test_all_others_are_refused(host: str) -> None:
    assert status_of([host]) == 421


def test_a_request_without_a_host_is_no_browsers() -> None:
    assert status_of([]) == 200


@pytest.mark.parametrize("hosts", [["localhost", "evil.example"], ["evil.example", "localhost"]])
def test_two_hosts_must_both_be_known(hosts: list[str]) -> None:
    assert status_of(hosts) == 421
    assert status_of(["localhost", "localhost"]) == 200


def test_names_are_let_in_when_asked_for() -> None:
    names = ("TV.local", "192.168.1.5", "fe80::1", "bücher.example")
    for host in ("tv.local", "TV.LOCAL:8765", "tv.local.", "192.168.1.5:80", "[fe80::1]", "xn--bcher-kva.example"):
        assert status_of([host], names=names) == 200
    for host in ("x.tv.local", "tv.local.evil.example", "192.168.1.50"):
        assert status_of([host], names=names) == 421


def test_in_a_network_the_address_at_which_it_arrived_is_let_in() -> None:
    for host, arrived, expected in [
        ("192.168.1.5", "192.168.1.5", 200),
        ("192.168.1.5:8765", "192.168.1.5", 200),
        ("192.168.1.6", "192.168.1.5", 421),
        ("evil.example", "192.168.1.5", 421),
        ("localhost", "192.168.1.5", 200),
    ]:
        assert status_of([host], lan=True, arrived=arrived) == expected
        assert status_of([host], lan=False, arrived=arrived) == (200 if host == "localhost" else 421)


def test_what_is_no_request_is_let_through() -> None:
    seen = []

    async def behind(scope: Scope, _: Receive, __: Send) -> None:
        seen.append(scope["type"])

    async def nothing(*_: Any) -> Any:
        return None

    asyncio.run(HostCheck(behind, 1)({"type": "lifespan"}, nothing, nothing))
    assert seen == ["lifespan"]


@pytest.mark.parametrize(
    "name",
    ["", " ", "http://tv.local", "tv.local:80", "tv.local/x", "*", "*.local", "a b", "-x", "a..b", "x" * 300, "tv\r\nX: y", "é" * 70, 5, None],
)  # fmt: skip
def test_what_is_no_name_is_refused(name: Any) -> None:
    with pytest.raises(UsageError, match="no name of a host that can be let in"):
        host_names([name])


def test_names_are_taken_as_people_write_them() -> None:
    assert host_names("tv.local") == ("tv.local",)
    assert host_names(["[::1]", "0:0::1", "a.", "A"]) == ("[::1]", "a")
    with pytest.raises(UsageError, match="At most 100"):
        host_names([f"tv{number}" for number in range(101)])


# --- of a sandbox


def ask(sandbox: Sandbox, host: str, method: str = "POST", path: str = "/api/v1/sessions") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=30)
    connection.request(method, path, b"{}", {"Host": host, "Origin": f"http://{host}"})
    response = connection.getresponse()
    words = response.read().decode()
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    connection.close()
    return response.status, words


def test_a_page_that_comes_under_a_name_of_its_own_gets_nothing() -> None:
    with Sandbox() as sandbox:
        for method, path in [
            ("POST", "/api/v1/sessions"),
            ("GET", "/"),
            ("OPTIONS", "/api/v1/sessions"),
            ("GET", "/x"),
        ]:
            status, words = ask(sandbox, f"evil.example:{sandbox.port}", method, path)
            assert status == 421
            assert "--allow-host evil.example," in words
        assert ask(sandbox, f"localhost:{sandbox.port}")[0] == 400


def test_the_refusal_names_the_option_and_escapes_the_name() -> None:
    with Sandbox() as sandbox:
        _, words = ask(sandbox, 'a"b\x9f<script>' + "x" * 5_000 + ":80")
        message = json.loads(words)["message"]
        assert len(message) < 700
        assert 'Sandbox(allow_hosts=["a"b' in message


def test_a_name_that_is_allowed_is_served() -> None:
    with Sandbox(allow_hosts=["company.hb-api.omtrdc.net"]) as sandbox:
        assert ask(sandbox, "company.hb-api.omtrdc.net")[0] == 400
        assert ask(sandbox, "other.hb-api.omtrdc.net")[0] == 421


def test_a_refused_request_leaves_the_connection_in_order() -> None:
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
