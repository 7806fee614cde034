"""The certificate of a sandbox: whom it serves, who can read it, and that it is kept."""

from __future__ import annotations

import os
import socket
import ssl
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from cryptography import x509

from mctoolkit import Client, NoAnswer, Sandbox, SandboxError
from mctoolkit.sandbox import certificates
from mctoolkit.sandbox.certificates import certificate
from mctoolkit.targets import read_target
from tests.validation.test_validate import GOOD

NAMES = ("127.0.0.1", "localhost", "[::1]")


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr("platformdirs.user_data_path", lambda name, appauthor: tmp_path / name)
    return tmp_path / "mctoolkit" / "certificates"


def test_it_is_made_for_the_names_and_signed_by_the_authority() -> None:
    made = certificate([*NAMES, "tv.local"])
    leaf = x509.load_pem_x509_certificate(made.server.read_bytes())
    authority = x509.load_pem_x509_certificate(made.authority.read_bytes())
    leaf.verify_directly_issued_by(authority)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert sorted(names.get_values_for_type(x509.DNSName)) == ["localhost", "tv.local"]
    assert sorted(map(str, names.get_values_for_type(x509.IPAddress))) == ["127.0.0.1", "::1"]
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert authority.extensions.get_extension_for_class(x509.BasicConstraints).value == x509.BasicConstraints(True, 0)
    assert timedelta(days=390) < made.until - datetime.now(UTC) < timedelta(days=398)


def test_the_key_of_the_authority_is_nowhere(folder: Path) -> None:
    made = certificate(NAMES)
    assert sorted(path.name for path in made.server.parent.iterdir()) == ["authority.pem", "server.pem"]
    assert b"PRIVATE" not in made.authority.read_bytes()
    assert made.server.read_bytes().count(b"BEGIN PRIVATE KEY") == 1
    assert made.server.is_relative_to(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.server)  # the key belongs to the certificate, not to the authority


@pytest.mark.skipif(sys.platform == "win32", reason="other rights there")
def test_only_the_user_can_read_the_key() -> None:
    former = os.umask(0)
    try:
        made = certificate(NAMES)
    finally:
        os.umask(former)
    assert made.server.stat().st_mode & 0o777 == 0o600
    assert made.server.parent.stat().st_mode & 0o777 == 0o700


def test_it_is_kept_for_the_same_names_in_any_order_and_made_anew_for_others() -> None:
    first = certificate(NAMES)
    kept = first.server.read_bytes()
    assert certificate(NAMES[::-1]) == first
    assert first.server.read_bytes() == kept
    other = certificate([*NAMES, "tv.local"])
    assert other.server != first.server
    assert first.server.read_bytes() == kept


@pytest.mark.parametrize("life_days", [10, 0])
def test_it_is_made_anew_before_it_ends(monkeypatch: pytest.MonkeyPatch, life_days: int) -> None:
    monkeypatch.setattr(certificates, "_LIFE", timedelta(days=life_days, seconds=1))
    old = certificate(NAMES)
    monkeypatch.undo()
    new = certificate(NAMES, old.server.parent.parent)
    assert new.until - datetime.now(UTC) > timedelta(days=390)


@pytest.mark.parametrize("broken", ["authority.pem", "server.pem"])
@pytest.mark.parametrize("content", [None, b"", b"x", "other"])
def test_a_broken_one_is_made_anew(broken: str, content: bytes | str | None) -> None:
    made, other = certificate(NAMES), certificate(["tv.local"])
    path = made.server.with_name(broken)
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content if isinstance(content, bytes) else (other.server.with_name(broken)).read_bytes())
    again = certificate(NAMES)
    leaf = x509.load_pem_x509_certificate(again.server.read_bytes())
    leaf.verify_directly_issued_by(x509.load_pem_x509_certificate(again.authority.read_bytes()))
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(again.server)


def test_one_with_the_key_of_another_is_made_anew() -> None:
    made, other = certificate(NAMES), certificate(["tv.local"])
    mark = b"-----BEGIN PRIVATE KEY"
    mixed = made.server.read_bytes().partition(mark)[0] + b"".join(other.server.read_bytes().partition(mark)[1:])
    made.server.write_bytes(mixed)
    again = certificate(NAMES)
    assert again.server.read_bytes() != mixed
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(again.server)


def test_a_folder_that_cannot_be_written_is_told(folder: Path) -> None:
    folder.parent.mkdir(parents=True)
    folder.write_text("a file is in the way")
    with pytest.raises(SandboxError, match="cannot be written to"):
        certificate(NAMES)


# --- of a sandbox


def test_a_client_that_trusts_it_can_send(monkeypatch: pytest.MonkeyPatch) -> None:
    with Sandbox(tls=True) as sandbox:
        assert sandbox.url == f"https://127.0.0.1:{sandbox.port}"
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(sandbox.certificate))
        for host in ("127.0.0.1", "localhost"):
            answer = requests.post(f"https://{host}:{sandbox.port}/api/v1/sessions", data=b"{}", timeout=30)
            assert answer.status_code == 400
        with Client(sandbox) as client:
            assert client.start_session(GOOD).status == 201


def test_a_client_that_does_not_trust_it_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    with Sandbox(tls=True) as sandbox, Client(sandbox) as client:
        with pytest.raises(NoAnswer, match="mctoolkit practice server"):
            client.start_session(GOOD)
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(sandbox.url, timeout=30)


def test_it_is_the_practice_server_with_https_too() -> None:
    with Sandbox(tls=True) as sandbox:
        target = read_target(sandbox)
    assert target.practice
    assert target.base == sandbox.url


def test_the_names_that_are_let_in_stand_in_the_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    with Sandbox(tls=True, allow_hosts=["tv.local"]) as sandbox:
        context = ssl.create_default_context(cafile=str(sandbox.certificate))
        with (
            socket.create_connection(("127.0.0.1", sandbox.port), timeout=30) as wire,
            context.wrap_socket(wire, server_hostname="tv.local") as line,
        ):
            line.sendall(b"GET / HTTP/1.1\r\nHost: tv.local\r\nConnection: close\r\n\r\n")
            assert line.recv(1000).startswith(b"HTTP/1.1 200 ")


def test_who_speaks_no_tls_is_let_go_and_the_others_are_served(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with Sandbox(tls=True) as sandbox:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(sandbox.certificate))
        for data in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"x" * 100, b""):
            with socket.create_connection(("127.0.0.1", sandbox.port), timeout=30) as wire:
                wire.sendall(data)
                wire.shutdown(socket.SHUT_WR)
                assert not wire.recv(1000).startswith(b"HTTP")
        assert requests.get(sandbox.url, timeout=30).status_code == 200
    assert caplog.messages == []
    assert capfd.readouterr() == ("", "")


def test_a_sandbox_without_https_has_none(folder: Path) -> None:
    with Sandbox() as sandbox:
        assert sandbox.certificate is None
    assert not folder.exists()
