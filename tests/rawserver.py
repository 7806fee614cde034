"""A scripted TCP server for tests: it records the bytes it receives and sends the bytes of a script.

A script can do what no HTTP server does: stop in the middle of a response, stay silent, or send a byte at a time.
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

MAX_WAIT_S = 10.0

Step = bytes | Callable[["Connection"], None]
"""Bytes to send, or a function that gets the connection."""


class Connection:
    """A connection, as the functions of a script get it.

    Attributes
    ----------
    socket : socket.socket
        The accepted socket, with TLS if the server has it.
    ended : threading.Event
        Set at the end of the test.
    """

    def __init__(self, sock: socket.socket, ended: threading.Event) -> None:
        self.socket = sock
        self.ended = ended

    def wait_until_closed(self) -> None:
        """Wait until the client closes the connection or the test ends; discard what it still sends."""
        self.socket.settimeout(0.02)
        while not self.ended.is_set():
            try:
                if not self.socket.recv(65536):
                    return
            except TimeoutError:
                continue
            except OSError:
                return


def silence(connection: Connection) -> None:
    """Send nothing, and keep the connection open until the client closes it."""
    connection.wait_until_closed()


def reset(connection: Connection) -> None:
    """Close the connection as a crashing process does: with RST instead of FIN."""
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hang_up(connection: Connection) -> None:
    """Close the connection with FIN."""


def drip(data: bytes, every_s: float = 0.02) -> Callable[[Connection], None]:
    """Send the data one byte at a time, repeatedly, until the client closes the connection."""

    def step(connection: Connection) -> None:
        with contextlib.suppress(OSError):
            while not connection.ended.is_set():
                for number in range(len(data)):
                    connection.socket.sendall(data[number : number + 1])
                    if connection.ended.wait(every_s):
                        return

    return step


class RawServer:
    """Runs a script for each connection, after it has received a request, and records the requests.

    Parameters
    ----------
    *script
        Bytes to send and functions to call, in order. At the end the server stays silent, unless the last step closes
        the connection.
    tls
        The TLS context; plain TCP by default.
    greet
        Run the script without waiting for a request.
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
        self._start_thread(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join(MAX_WAIT_S)
            assert not thread.is_alive(), "a thread of the test server is still running"
        self._listener.close()

    @property
    def request(self) -> bytes:
        """The only request that was received."""
        assert len(self.received) == 1, f"{len(self.received)} requests were received"
        return self.received[0]

    def _start_thread(self, work: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                sock, _ = self._listener.accept()
            except TimeoutError:
                continue
            self.connections += 1
            self._start_thread(self._serve, sock)

    def _serve(self, sock: socket.socket) -> None:
        sock.settimeout(MAX_WAIT_S)
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.callback(sock.close)
            if self._tls is not None:
                sock = self._tls.wrap_socket(sock, server_side=True)
                stack.callback(sock.close)
            if not self._greet:
                self.received.append(_read_request(sock))
            connection = Connection(sock, self._ended)
            for step in self._script:
                if isinstance(step, bytes):
                    sock.sendall(step)
                else:
                    step(connection)
            if not self._script or self._script[-1] not in (hang_up, reset):
                connection.wait_until_closed()


def _read_request(sock: socket.socket) -> bytes:
    """Read the headers and a body of the length in Content-Length; excess bytes are kept, so that tests see them."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = sock.recv(65536)
        if not chunk:
            return data
        data += chunk
    head, _, _ = data.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    whole = len(head) + 4 + int(length[1] if length else 0)
    while len(data) < whole:
        chunk = sock.recv(65536)
        if not chunk:
            break
        data += chunk
    return data


def certificate(
    folder: Path,
    *,
    issuer: str = "Zscaler Root CA",
    host: str | None = None,
    expired: bool = False,
    organisation: bool = False,
) -> tuple[ssl.SSLContext, Path]:
    """Create a certificate authority and a certificate; return a server context and the file of the authority.

    Parameters
    ----------
    folder
        Where the files are written.
    issuer
        The name of the authority.
    host
        The DNS name in the certificate; the IP address 127.0.0.1 by default.
    expired
        Whether the certificate is expired.
    organisation
        Give the issuer an organisation name instead of a common name.
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
