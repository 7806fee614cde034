"""docs/point-a-player.md: its commands, limits and faults match the code."""

from __future__ import annotations

import re
import shlex
import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mctoolkit import Sandbox
from mctoolkit.cli.main import app
from mctoolkit.sandbox import command as command_module
from mctoolkit.sandbox import protocol, server
from mctoolkit.sandbox.app import MAX_BODY_BYTES
from mctoolkit.sandbox.config import SandboxConfig
from mctoolkit.sandbox.faults import _PARSERS, KINDS, Fault
from mctoolkit.sandbox.host_check import host_names

PAGE = (Path(__file__).parents[2] / "docs" / "point-a-player.md").read_text(encoding="utf-8")
COMMANDS = sorted(set(re.findall(r"mctoolkit (sandbox[^`\n]*)", PAGE)))
REAL = "company.hb-api.omtrdc.net"


@pytest.mark.parametrize("command", COMMANDS)
def test_documented_commands_run(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    started: list[SandboxConfig] = []

    def serve(config: SandboxConfig) -> int:
        started.append(config)
        return 0

    monkeypatch.setattr(command_module, "serve", serve)
    done = CliRunner().invoke(app, shlex.split(command))
    assert done.exit_code == 0, done.output
    (config,) = started
    host_names(config.allow_hosts)
    for fault in config.faults:
        Fault.parse(str(fault))
    words = shlex.split(command)
    assert ("--lan" in words, "--tls" in words) == (config.lan, config.tls)
    assert ("--tls-cert" in words, "--tls-key" in words) == (config.tls_cert is not None, config.tls_key is not None)


def test_page_documents_the_main_commands() -> None:
    assert {
        "sandbox",
        "sandbox --tls",
        "sandbox --tls-cert cert.pem --tls-key key.pem",
        f"sandbox --allow-host {REAL}",
        "sandbox --lan",
    } <= set(COMMANDS)


def test_documented_limits_match_the_code() -> None:
    rows = dict(re.findall(r"^\| ([^|]+?) \| ([^|]+?) \| [^|]+ \|$", PAGE, re.MULTILINE))
    assert rows["request line and headers"] == f"{protocol._MAX_HEAD_BYTES:,} bytes, {protocol._MAX_HEADERS} headers"
    assert rows["body"] == f"{MAX_BODY_BYTES:,} bytes"
    assert rows["time for the headers to arrive"] == f"{protocol._HEAD_S:.0f} seconds"
    assert rows["time for the body to arrive"] == f"{protocol._BODY_S:.0f} seconds"
    assert rows["open connections"] == f"{server._MAX_CONNECTIONS}"
    assert rows["idle time of a connection"] == f"{server._KEEP_ALIVE_S} seconds"
    assert rows["time for the client to read a response"] == f"{protocol._UNREAD_S:.0f} seconds"


def test_every_fault_and_option_is_documented() -> None:
    assert all(f"`{kind}`" in PAGE for kind in KINDS)
    assert all(f"{option}=" in PAGE for option in _PARSERS if option != "status")


def response(sandbox: Sandbox, head: str) -> bytes:
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=30) as wire:
        wire.sendall(f"{head}\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{{}}".encode())
        received = b""
        while piece := wire.recv(65536):
            received += piece
    return received


def test_mapping_proxy_needs_the_allowed_host() -> None:
    """Charles sends the sandbox's host with "preserve host" off, and the real host with it on."""
    line = "POST /api/v1/sessions HTTP/1.1"
    with Sandbox() as sandbox:
        assert response(sandbox, f"{line}\r\nHost: 127.0.0.1:{sandbox.port}").startswith(b"HTTP/1.1 400 ")
        rejected = response(sandbox, f"{line}\r\nHost: {REAL}")
        assert rejected.startswith(b"HTTP/1.1 421 ")
        assert f"mctoolkit sandbox --allow-host {REAL}".encode() in rejected
    with Sandbox(allow_hosts=[REAL]) as sandbox:
        assert response(sandbox, f"{line}\r\nHost: {REAL}").startswith(b"HTTP/1.1 400 ")


def test_absolute_url_of_an_http_proxy_client() -> None:
    line = f"POST http://{REAL}/api/v1/sessions HTTP/1.1"
    with Sandbox() as sandbox:
        rejected = response(sandbox, f"{line}\r\nHost: {REAL}")
        assert rejected.startswith(b"HTTP/1.1 421 ")
        assert f"--allow-host {REAL}".encode() in rejected
    with Sandbox(allow_hosts=[REAL]) as sandbox:
        assert response(sandbox, f"{line}\r\nHost: {REAL}").startswith(b"HTTP/1.1 400 ")
        assert b"Map Remote" in response(sandbox, f"CONNECT {REAL}:443 HTTP/1.1\r\nHost: {REAL}:443")
