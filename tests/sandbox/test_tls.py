"""The certificate of a sandbox: the user's own, or a temporary one."""

from __future__ import annotations

import socket
import ssl
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from mctoolkit import Client, InputError, NoResponse, Sandbox, SandboxError, UsageError
from mctoolkit.models.target import read_target
from mctoolkit.sandbox.tls import temporary_certificate, user_certificate
from tests.validation.test_validate import GOOD

NAMES = ("127.0.0.1", "localhost", "[::1]")


@pytest.fixture
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def own(ca: trustme.CA, tmp_path: Path) -> tuple[Path, Path]:
    pair = ca.issue_cert("127.0.0.1", "tv.local")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    pair.cert_chain_pems[0].write_to_path(cert)
    pair.private_key_pem.write_to_path(key)
    return cert, key


# --- the user's certificate


def test_user_certificate_without_files_is_none() -> None:
    assert user_certificate(None, None) is None


def test_sandbox_serves_the_user_certificate(ca: trustme.CA, own: tuple[Path, Path], tmp_path: Path) -> None:
    cert, key = own
    trusted = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(trusted)
    with Sandbox(tls_cert=cert, tls_key=str(key)) as sandbox:
        assert sandbox.url == f"https://127.0.0.1:{sandbox.port}"
        assert sandbox.certificate is None
        assert requests.get(sandbox.url, verify=str(trusted), timeout=30).status_code == 200
    assert cert.exists()
    assert key.exists()


@pytest.mark.parametrize(("cert", "key"), [("server.pem", None), (None, "server.pem")])
def test_only_one_tls_file_raises(cert: str | None, key: str | None) -> None:
    with pytest.raises(UsageError, match="--tls-cert FILE --tls-key FILE"):
        Sandbox(tls_cert=cert, tls_key=key)


@pytest.mark.parametrize("broken", ["cert.pem", "key.pem"])
@pytest.mark.parametrize(
    "content", [None, b"", b"\xff\xfe", "the other file", b"-----BEGIN CERTIFICATE-----\nPRIVATE KEY-----"]
)
def test_unusable_tls_file_is_named(own: tuple[Path, Path], broken: str, content: bytes | str | None) -> None:
    path = own[0].with_name(broken)
    other = own[1] if path == own[0] else own[0]
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content if isinstance(content, bytes) else other.read_bytes())
    with pytest.raises(InputError) as caught:
        user_certificate(*own)
    assert str(path) in str(caught.value)
    assert ("Cannot read" in str(caught.value)) == (content is None)


def test_folder_as_certificate_raises(own: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Cannot read"):
        user_certificate(tmp_path, own[1])


def test_mismatched_key_raises(ca: trustme.CA, own: tuple[Path, Path]) -> None:
    ca.issue_cert("127.0.0.1").private_key_pem.write_to_path(own[1])
    with pytest.raises(InputError, match="does not match the certificate"):
        user_certificate(*own)


def test_key_with_passphrase_raises_without_prompt(own: tuple[Path, Path]) -> None:
    key = serialization.load_pem_private_key(own[1].read_bytes(), None)
    own[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )
    with pytest.raises(InputError, match="has a passphrase"):
        user_certificate(*own)


# --- a temporary certificate


def test_temporary_certificate_has_names_and_ca() -> None:
    files = temporary_certificate([*NAMES, "tv.local"])
    assert files.ca is not None
    leaf = x509.load_pem_x509_certificate(files.cert.read_bytes())
    leaf.verify_directly_issued_by(x509.load_pem_x509_certificate(files.ca.read_bytes()))
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert sorted(names.get_values_for_type(x509.DNSName)) == ["localhost", "tv.local"]
    assert sorted(map(str, names.get_values_for_type(x509.IPAddress))) == ["127.0.0.1", "::1"]
    assert leaf.not_valid_before_utc < datetime.now(UTC) < leaf.not_valid_after_utc
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= timedelta(days=398), "iOS rejects longer ones"


def test_ca_private_key_is_not_written() -> None:
    files = temporary_certificate(NAMES)
    assert files.ca is not None
    assert sorted(path.name for path in files.ca.parent.iterdir()) == ["ca.pem", "server.pem"]
    assert b"PRIVATE" not in files.ca.read_bytes()
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(files.cert, files.key)  # it contains the key of the server


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_temporary_files_are_private() -> None:
    files = temporary_certificate(NAMES)
    assert files.key.parent.stat().st_mode & 0o777 == 0o700


def test_unwritable_temporary_folder_raises(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    with pytest.raises(SandboxError, match="Cannot write"):
        temporary_certificate(NAMES)


def test_name_not_allowed_in_certificates_raises() -> None:
    with pytest.raises(SandboxError, match=r"my_tv.*--tls-cert"):
        Sandbox(tls=True, allow_hosts=["my_tv"])


def test_client_that_trusts_the_ca_can_send(monkeypatch: pytest.MonkeyPatch) -> None:
    with Sandbox(tls=True) as sandbox:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(sandbox.certificate))
        for host in ("127.0.0.1", "localhost"):
            response = requests.post(f"https://{host}:{sandbox.port}/api/v1/sessions", data=b"{}", timeout=30)
            assert response.status_code == 400
        with Client(sandbox) as client:
            assert client.start_session(GOOD).status == 201


def test_temporary_files_are_deleted_on_stop() -> None:
    with Sandbox(tls=True) as sandbox:
        assert sandbox.certificate is not None
        assert sandbox.certificate.exists()
    assert not sandbox.certificate.parent.exists()


def test_temporary_files_are_deleted_on_failed_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Sandbox() as other, pytest.raises(SandboxError):
        Sandbox(tls=True, port=other.port)
    assert list(tmp_path.iterdir()) == []


def test_client_without_the_ca_does_not_send(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    with Sandbox(tls=True) as sandbox, Client(sandbox) as client:
        with pytest.raises(NoResponse, match="mctoolkit sandbox"):
            client.start_session(GOOD)
        assert sandbox.log.total == 0


def test_https_sandbox_is_a_target() -> None:
    with Sandbox(tls=True) as sandbox:
        target = read_target(sandbox)
    assert target.is_sandbox
    assert target.base == sandbox.url


def test_allowed_hosts_are_in_the_certificate() -> None:
    with Sandbox(tls=True, allow_hosts=["tv.local"]) as sandbox:
        context = ssl.create_default_context(cafile=str(sandbox.certificate))
        with (
            socket.create_connection(("127.0.0.1", sandbox.port), timeout=30) as raw,
            context.wrap_socket(raw, server_hostname="tv.local") as connection,
        ):
            connection.sendall(b"GET / HTTP/1.1\r\nHost: tv.local\r\nConnection: close\r\n\r\n")
            assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")


def test_plain_connection_to_https_is_closed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with Sandbox(tls=True) as sandbox:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(sandbox.certificate))
        for data in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"x" * 100, b""):
            with socket.create_connection(("127.0.0.1", sandbox.port), timeout=30) as connection:
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
                assert not connection.recv(1000).startswith(b"HTTP")
        assert requests.get(sandbox.url, timeout=30).status_code == 200
    assert caplog.messages == []
    assert capfd.readouterr() == ("", "")
