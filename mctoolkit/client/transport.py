"""Send one prepared request within a total time, and report how far it got.

requests is used for headers, proxies and TLS, but not for the connection, because a client of this API needs more than
it offers. Measured with requests 2.34 and a server on this computer:

- ``timeout`` limits each read, not the request: with 0.5 s, a response sent byte by byte took 3.1 s, and a DNS lookup
  of 2 s was not limited at all. Here one thread sends the request and another waits at most the total time.
- A response whose headers are cut off after ``Location: /api/v1/sessions/7f`` was returned as a complete 201 with a
  wrong session id. Here it is a failure.
- Repeated headers were joined into one. Here they are kept as they were sent.

A request also cannot be cancelled from another thread there, and an error does not say whether the request was sent.
Each request has a connection of its own: a connection that is reused may be closed already, so that the request would
have to be sent twice.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import http.client
import io
import os
import socket
import ssl
import threading
from pathlib import Path
from typing import Any, cast

import requests
import truststore
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies, select_proxy
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from mctoolkit.client import network_errors
from mctoolkit.client.cancel import CancelToken
from mctoolkit.models.exchange import Failure, Headers, Response

__all__ = ["MAX_RESPONSE_BYTES", "Transport"]

MAX_RESPONSE_BYTES = 1024 * 1024
"""How much of the body of a response is kept, in bytes; the API sends a sentence at most."""

_MAX_CERTIFICATE_FETCH_S = 5.0
_GRACE_PERIOD_S = 1.0
_CHUNK_BYTES = 65_536
_BLANK_LINES = (b"\r\n", b"\n")


class _AbortedError(Exception):
    """The caller no longer waits, or only wanted the certificate: send nothing."""


class Transport:
    """Sends one request in a thread of its own.

    Parameters
    ----------
    prepared : PreparedRequest
        The request with all its headers.
    timeout_s : float
        The total time in seconds, from the DNS lookup to the last byte of the response.
    use_proxies : bool
        Whether to use the proxies of the environment.
    cancel : CancelToken, optional
        Ends the wait from another thread.
    certificate_only : bool
        Connect, keep the certificate without verifying it, and send nothing.

    Attributes
    ----------
    error : Exception or None
        The error of the network; None if the wait ended by a timeout or a cancellation.
    certificate : bytes or None
        With ``certificate_only``: the certificate of the server, in DER.
    """

    def __init__(
        self,
        prepared: requests.PreparedRequest,
        timeout_s: float,
        *,
        use_proxies: bool,
        cancel: CancelToken | None = None,
        certificate_only: bool = False,
    ) -> None:
        self.error: Exception | None = None
        self.certificate: bytes | None = None
        self._prepared = prepared
        self._timeout_s = timeout_s
        self._use_proxies = use_proxies
        self._token = cancel or CancelToken()
        self._certificate_only = certificate_only
        self._proxy: str | None = None
        self._bug: BaseException | None = None
        self._lock = threading.Lock()
        self._is_finished = False
        self._is_abandoned = False
        self._is_cancelled = False
        self._wait_ended = threading.Event()
        self._socket: Any = None
        self._head: Response | None = None
        self._body = bytearray()
        self._thread = threading.Thread(target=self._run_thread, name="mctoolkit-request", daemon=True)

    def run(self) -> None:
        """Send the request, and wait until the response is complete, the time is over, or the request is cancelled."""
        with self._token.on_cancel(self._cancel):
            try:
                if not self._wait_ended.is_set():
                    self._thread.start()
                self._wait_ended.wait(self._timeout_s)
            finally:  # also after Ctrl+C
                self._abandon()

    def result(self) -> tuple[Response | None, Failure | None]:
        """Return the response, complete or not, and the reason if it is missing or incomplete."""
        if not self._is_cancelled:
            self._thread.join(min(_GRACE_PERIOD_S, self._timeout_s))
        if self._bug is not None:
            raise self._bug
        response = None
        if self._head is not None:
            kept = bytes(self._body[:MAX_RESPONSE_BYTES])
            response = dataclasses.replace(self._head, body=kept, cut_short=len(self._body) > len(kept))
        return response, self._failure(response)

    def on_connected(self, sock: Any) -> None:
        """Note that the connection is open; the request may be sent from here on."""
        with self._lock:
            if self._certificate_only and isinstance(sock, ssl.SSLSocket):
                self.certificate = sock.getpeercert(binary_form=True)
            if self._certificate_only or self._is_abandoned:
                raise _AbortedError
            self._socket = sock

    def _cancel(self) -> None:
        with self._lock:
            if not self._is_finished and not self._is_abandoned:
                self._is_cancelled = True
        self._wait_ended.set()

    def _abandon(self) -> None:
        """Close the connection unless the thread is finished."""
        with self._lock:
            if self._is_finished:
                return
            self._is_abandoned = True
            sock = getattr(self._socket, "socket", self._socket)  # the inner socket of TLS in TLS
        if sock is not None:
            with contextlib.suppress(OSError):  # already closed
                socket.socket.shutdown(sock, socket.SHUT_RDWR)  # SSLSocket.shutdown would not unblock the thread

    def _run_thread(self) -> None:
        error = None
        try:
            self._send()
        except _AbortedError:
            pass
        except (requests.RequestException, HTTPError, OSError, http.client.HTTPException) as caught:
            error = caught
        except BaseException as caught:  # noqa: BLE001  result() raises it in the caller's thread
            self._bug = caught
        with self._lock:
            self._is_finished = not self._is_abandoned
            self.error = error if self._is_finished else None
        self._wait_ended.set()

    def _send(self) -> None:
        url = str(self._prepared.url)
        proxies = get_environ_proxies(url) if self._use_proxies else {}
        self._proxy = select_proxy(url, proxies)
        context = _unverified_context() if self._certificate_only else _verified_context() if _is_https(url) else None
        adapter = _Adapter(self, context)
        response = None
        try:
            response = adapter.send(
                self._prepared,
                stream=True,
                timeout=self._timeout_s + _GRACE_PERIOD_S,  # of each step; ends the thread after an abandoned wait
                verify=not self._certificate_only,
                proxies=proxies,
            )
            raw = cast(_RawResponse, response.raw._original_response)
            self._head = Response(raw.status, raw.reason, raw.header_pairs, b"")
            while len(self._body) <= MAX_RESPONSE_BYTES:
                chunk = response.raw.read1(_CHUNK_BYTES, decode_content=True)
                if not chunk:
                    break
                self._body += chunk
        finally:
            if response is not None:
                response.close()
            adapter.close()

    def _failure(self, response: Response | None) -> Failure | None:
        was_sent = self._socket is not None
        if self._is_abandoned and self._is_cancelled:
            return Failure("cancelled" if was_sent else "cancelled-unsent")
        if self._is_abandoned:
            return Failure("response-timeout" if was_sent else "connect-timeout", after_s=self._timeout_s)
        if self.error is None:
            return None
        if was_sent:
            return network_errors.explain_incomplete_response(self.error, response, self._timeout_s)
        return network_errors.explain_no_connection(self.error, self._proxy, self._timeout_s, self._fetch_certificate)

    def _fetch_certificate(self) -> bytes | None:
        """Return the certificate that was rejected, to name its issuer."""
        transport = Transport(
            self._prepared,
            min(self._timeout_s, _MAX_CERTIFICATE_FETCH_S),
            use_proxies=self._use_proxies,
            cancel=self._token,
            certificate_only=True,
        )
        transport.run()
        return transport.certificate


class _Adapter(HTTPAdapter):
    """The adapter of requests with our connections and the certificates of the system."""

    def __init__(self, transport: Transport, context: ssl.SSLContext | None) -> None:
        self._transport = transport
        self._context = context
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=self._context)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        proxy_context = _verified_context() if _is_https(proxy) else None
        return super().proxy_manager_for(proxy, **kwargs, ssl_context=self._context, proxy_ssl_context=proxy_context)

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing: the base class would add the certificates of certifi."""

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        kind = _SecureConnection if issubclass(pool.ConnectionCls, HTTPSConnection) else _Connection
        pool.ConnectionCls = functools.partial(kind, transport=self._transport)
        return pool


class _Connection(HTTPConnection):
    """A connection that reports to its transport when it is open."""

    def __init__(self, *args: Any, transport: Transport, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.response_class = _RawResponse
        self._transport = transport

    def connect(self) -> None:
        super().connect()
        self._transport.on_connected(self.sock)


class _SecureConnection(_Connection, HTTPSConnection):
    """The same over TLS."""


class _RawResponse(http.client.HTTPResponse):
    """A response that keeps its headers as they were sent, and whose headers must be complete.

    Attributes
    ----------
    header_pairs : tuple of (str, str)
        Names and values in order, with repeated ones. Interim responses (1xx) are skipped.
    """

    header_pairs: Headers = ()

    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._lines: list[bytes] = []
        self.fp = _HeaderCapture(self.fp.detach(), self._lines)

    def begin(self, **options: Any) -> None:
        super().begin(**options)
        cast(_HeaderCapture, self.fp).is_active = False
        if self._lines[-1] not in _BLANK_LINES:  # http.client takes the end of the connection for the end of headers
            raise http.client.IncompleteRead(b"".join(self._lines))
        self.header_pairs = _parse_headers(self._lines[:-1])

    def _read_status(self) -> tuple[str, int, str]:
        status_line = super()._read_status()  # type: ignore[misc]  # not in the type stubs
        while http.HTTPStatus.SWITCHING_PROTOCOLS < status_line[1] < http.HTTPStatus.OK:
            while self.fp.readline(_CHUNK_BYTES) not in (*_BLANK_LINES, b""):
                pass
            status_line = super()._read_status()  # type: ignore[misc]  # not in the type stubs
        return cast(tuple[str, int, str], status_line)


class _HeaderCapture(io.BufferedReader):
    """A buffered reader that records the lines read from it while ``is_active``."""

    def __init__(self, raw: io.RawIOBase, lines: list[bytes]) -> None:
        super().__init__(raw)
        self.is_active = True
        self._lines = lines

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        if self.is_active:
            self._lines.append(line)
        return line


def _parse_headers(lines: list[bytes]) -> Headers:
    """Parse the lines after the last status line."""
    start = max((number for number, line in enumerate(lines) if line in _BLANK_LINES), default=-1) + 2
    pairs: list[tuple[str, str]] = []
    for line in lines[start:]:
        text = line.decode("iso-8859-1")
        if pairs and text[0] in " \t":  # continuation of the previous line
            pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]} {text.strip()}".strip())
            continue
        name, _, value = text.partition(":")
        pairs.append((name.strip(), value.strip()))
    return tuple(pairs)


def _is_https(url: str) -> bool:
    return url.lower().startswith("https:")


def _verified_context() -> ssl.SSLContext:
    """Return a context with the certificates of the system and of ``REQUESTS_CA_BUNDLE``.

    Every transport gets a new one: truststore allows only one handshake at a time for a context.
    """
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    bundle = os.environ.get("REQUESTS_CA_BUNDLE")
    if bundle and Path(bundle).is_file():
        context.load_verify_locations(bundle)
    return context


def _unverified_context() -> ssl.SSLContext:
    """Return a context that accepts any certificate; no request is ever sent over it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
