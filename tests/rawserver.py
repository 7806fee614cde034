"""A server on this computer that knows no HTTP: it keeps the bytes that come, and answers with the bytes it is given.

What a real server would never do (stop in the middle, say nothing, drip) is one line of a script here.
"""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LONGEST_WAIT_S = 10.0

Step = bytes | Callable[["Line"], None]
"""Bytes to send, or something to do with the line."""


class Line:
    """One connection, as a step of a script sees it."""

    def __init__(self, connection: socket.socket, ended: threading.Event) -> None:
        self.connection = connection
        self.ended = ended

    def until_gone(self) -> None:
        """Wait until the other side closes, or the test ends; what still comes is thrown away."""
        self.connection.settimeout(0.02)
        while not self.ended.is_set():
            try:
                if not self.connection.recv(65536):
                    return
            except TimeoutError:
                continue
            except OSError:
                return


def silence(line: Line) -> None:
    """Say nothing, and keep the line open until the other side closes it."""
    line.until_gone()


def reset(line: Line) -> None:
    """Drop the line as a crashing program does: with RST instead of FIN."""
    line.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hang_up(line: Line) -> None:
    """Close the line in good order."""


def drip(data: bytes, every_s: float = 0.02) -> Callable[[Line], None]:
    """Send a byte at a time, over and over, until the other side has enough."""

    def step(line: Line) -> None:
        with contextlib.suppress(OSError):
            while not line.ended.is_set():
                for number in range(len(data)):
                    line.connection.sendall(data[number : number + 1])
                    if line.ended.wait(every_s):
                        return

    return step


class RawServer:
    """Plays one script to each connection, after a request has come; keeps all bytes that came.

    Parameters
    ----------
    *script
        Bytes to send and things to do, in order; at the end it stays silent, unless the last step closes the line.
    tls
        A context for TLS.
    greet
        Play the script without waiting for a request.
    """

    def __init__(self, *script: Step, tls: ssl.SSLContext | None = None, greet: bool = False) -> None:
        self.received: list[bytes] = []
        self.connections = 0
        self._script = script
        self._tls = tls
        self._greet = greet
        self._ended = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.02)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._begin(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join(LONGEST_WAIT_S)
            assert not thread.is_alive(), "a thread of the test server does not end"
        self._listener.close()

    @property
    def request(self) -> bytes:
        """The one request that came, and nothing more than one."""
        assert len(self.received) == 1, f"{len(self.received)} requests came"
        return self.received[0]

    def _begin(self, work: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            self.connections += 1
            self._begin(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(LONGEST_WAIT_S)
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.callback(connection.close)
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
                stack.callback(connection.close)
            if not self._greet:
                self.received.append(_read_request(connection))
            line = Line(connection, self._ended)
            for step in self._script:
                if isinstance(step, bytes):
                    connection.sendall(step)
                else:
                    step(line)
            if not self._script or self._script[-1] not in (hang_up, reset):
                line.until_gone()


def _read_request(connection: socket.socket) -> bytes:
    """Read the head and as much body as it announces; what comes beyond is kept too, to be seen."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return data
        data += piece
    head, _, _ = data.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    whole = len(head) + 4 + int(length[1] if length else 0)
    while len(data) < whole:
        piece = connection.recv(65536)
        if not piece:
            break
        data += piece
    return data


def certificate(
    folder: Path,
    *,
    issuer: str = "Zscaler Root CA",
    host: str | None = None,
    expired: bool = False,
    organisation: bool = False,
) -> tuple[ssl.SSLContext, Path]:
    """Make a certificate authority and a certificate for 127.0.0.1 (or another host); context and authority's file.

    With ``organisation`` the issuer has no common name, as some have.
    """
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    kind = NameOID.ORGANIZATION_NAME if organisation else NameOID.COMMON_NAME
    root_name = x509.Name([x509.NameAttribute(kind, issuer)])
    root = (
        x509.CertificateBuilder()
        .subject_name(root_name)
        .issuer_name(root_name)
        .public_key(root_key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 30 * day)
        .not_valid_after(now + 30 * day)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    name: x509.GeneralName = x509.DNSName(host) if host else x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    leaf = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test server")]))
        .issuer_name(root_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 20 * day)
        .not_valid_after(now - day if expired else now + 20 * day)
        .add_extension(x509.SubjectAlternativeName([name]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    authority, both = folder / "authority.pem", folder / "server.pem"
    authority.write_bytes(root.public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    both.write_bytes(private + leaf.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context, authority
