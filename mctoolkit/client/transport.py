"""Carry one request over the network, within its time, and note how far it got.

Each request has a connection of its own: none is left over that a server may have dropped meanwhile, so nothing has
to be sent twice. It travels in a thread of its own, so that nothing (a name server, a server that responses a byte a
second) can hold up the caller beyond the time allowed. How far it got decides what can be said afterwards: before
the connection stood, nothing was sent; after that, the outcome is unknown.
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

__all__ = ["LARGEST_RESPONSE_BYTES", "Transport"]

LARGEST_RESPONSE_BYTES = 1024 * 1024
"""How much of the body of a response is kept; the API sends a sentence at most."""

_LONGEST_LOOK_S = 5.0
_GRACE_S = 1.0
_PIECE_BYTES = 65_536
_BLANK = (b"\r\n", b"\n")


class _AbandonedError(Exception):
    """Nobody waits any more, or what was wanted has been seen: go no further."""


class Transport:
    """One request on its way.

    Parameters
    ----------
    prepared : PreparedRequest
        The request with all its headers.
    timeout_s : float
        The longest that it may take, in seconds, from looking up the host to the last byte of the response.
    use_proxies : bool
        Whether the proxies of the environment are used.
    cancel : CancelToken, optional
        Ends the wait from another thread.
    look_only : bool
        Go no further than the secured connection, check no certificate, send nothing, and keep the certificate.

    Attributes
    ----------
    error : Exception or None
        What the network said when it went wrong by itself.
    certificate : bytes or None
        With ``look_only``: the certificate of the other side, in DER.
    """

    def __init__(
        self,
        prepared: requests.PreparedRequest,
        timeout_s: float,
        *,
        use_proxies: bool,
        cancel: CancelToken | None = None,
        look_only: bool = False,
    ) -> None:
        self.error: Exception | None = None
        self.certificate: bytes | None = None
        self._prepared = prepared
        self._timeout_s = timeout_s
        self._use_proxies = use_proxies
        self._token = cancel or CancelToken()
        self._look_only = look_only
        self._proxy: str | None = None
        self._bug: BaseException | None = None
        self._lock = threading.Lock()
        self._over = False
        self._given_up = False
        self._cancelled = False
        self._waited = threading.Event()
        self._socket: Any = None
        self._head: Response | None = None
        self._body = bytearray()
        self._thread = threading.Thread(target=self._travel, name="mctoolkit-request", daemon=True)

    def run(self) -> None:
        """Go and come back, or give up when the time is over or somebody cancels."""
        with self._token.calling(self._cancel):
            try:
                if not self._waited.is_set():
                    self._thread.start()
                self._waited.wait(self._timeout_s)
            finally:  # also when the person at the keyboard interrupts
                self._give_up()

    def result(self) -> tuple[Response | None, Failure | None]:
        """Return what came back, whole or not, and why there is no more of it."""
        if not self._cancelled:
            self._thread.join(min(_GRACE_S, self._timeout_s))
        if self._bug is not None:
            raise self._bug
        response = None
        if self._head is not None:
            kept = bytes(self._body[:LARGEST_RESPONSE_BYTES])
            response = dataclasses.replace(self._head, body=kept, cut_short=len(self._body) > len(kept))
        return response, self._failure(response)

    def connected(self, line: Any) -> None:
        """Take note that the connection stands: from here on, what is sent may arrive."""
        with self._lock:
            if self._look_only and isinstance(line, ssl.SSLSocket):
                self.certificate = line.getpeercert(binary_form=True)
            if self._look_only or self._given_up:
                raise _AbandonedError
            self._socket = line

    def _cancel(self) -> None:
        with self._lock:
            if not self._over and not self._given_up:
                self._cancelled = True
        self._waited.set()

    def _give_up(self) -> None:
        with self._lock:
            if self._over:
                return
            self._given_up = True
            line = getattr(self._socket, "socket", self._socket)  # the inner one, where TLS runs inside TLS
        if line is not None:
            with contextlib.suppress(OSError):  # closed meanwhile
                socket.socket.shutdown(line, socket.SHUT_RDWR)  # wakes the thread; not SSLSocket's own shutdown

    def _travel(self) -> None:
        error = None
        try:
            self._fetch()
        except _AbandonedError:
            pass
        except (requests.RequestException, HTTPError, OSError, http.client.HTTPException) as caught:
            error = caught
        except BaseException as caught:  # noqa: BLE001  raised again in the caller's thread
            self._bug = caught
        with self._lock:
            self._over = not self._given_up
            self.error = error if self._over else None
        self._waited.set()

    def _fetch(self) -> None:
        url = str(self._prepared.url)
        proxies = get_environ_proxies(url) if self._use_proxies else {}
        self._proxy = select_proxy(url, proxies)
        adapter = _Adapter(self, _unchecking() if self._look_only else _trusting() if _secure(url) else None)
        response = None
        try:
            timeout_s = self._timeout_s + _GRACE_S  # for one step; ends what nobody waits for any more
            response = adapter.send(
                self._prepared, stream=True, timeout=timeout_s, verify=not self._look_only, proxies=proxies
            )
            head = cast(_Head, response.raw._original_response)
            self._head = Response(head.status, head.reason, head.pairs, b"")
            while len(self._body) <= LARGEST_RESPONSE_BYTES:
                piece = response.raw.read1(_PIECE_BYTES, decode_content=True)
                if not piece:
                    break
                self._body += piece
        finally:
            if response is not None:
                response.close()
            adapter.close()

    def _failure(self, response: Response | None) -> Failure | None:
        sent = self._socket is not None
        if self._given_up and self._cancelled:
            return Failure("cancelled" if sent else "cancelled-unsent")
        if self._given_up:
            return Failure("answer-timeout" if sent else "connect-timeout", after_s=self._timeout_s)
        if self.error is None:
            return None
        if sent:
            return network_errors.after_sending(self.error, response, self._timeout_s)
        return network_errors.before_sending(self.error, self._proxy, self._timeout_s, self._look)

    def _look(self) -> bytes | None:
        """Fetch the certificate that was refused, to name who issued it."""
        look_s = min(self._timeout_s, _LONGEST_LOOK_S)
        look = Transport(self._prepared, look_s, use_proxies=self._use_proxies, cancel=self._token, look_only=True)
        look.run()
        return look.certificate


class _Adapter(HTTPAdapter):
    """The adapter of requests, with our connections and our idea of which certificates count."""

    def __init__(self, errand: Transport, context: ssl.SSLContext | None) -> None:
        self._errand = errand
        self._context = context
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=self._context)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        to_proxy = _trusting() if _secure(proxy) else None
        return super().proxy_manager_for(proxy, **kwargs, ssl_context=self._context, proxy_ssl_context=to_proxy)

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        """Leave it to the context: this would add the certificates that come with requests."""

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        kind = _SecureConnection if issubclass(pool.ConnectionCls, HTTPSConnection) else _Line
        pool.ConnectionCls = functools.partial(kind, errand=self._errand)  # called like the class
        return pool


class _Line(HTTPConnection):
    """A connection that tells its errand when it stands, and keeps the headers of the response as they came."""

    def __init__(self, *args: Any, errand: Transport, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.response_class = _Head
        self._errand = errand

    def connect(self) -> None:
        super().connect()
        self._errand.connected(self.sock)


class _SecureConnection(_Line, HTTPSConnection):
    """The same over TLS."""


class _Head(http.client.HTTPResponse):
    """A response whose headers are kept as they came, and whose head must have come to its end.

    ``pairs`` has names and values in order, repeated ones too. Interim answers (1xx) are skipped.
    """

    pairs: Headers = ()

    def __init__(self, line: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(line, *args, **kwargs)
        self._lines: list[bytes] = []
        self.fp = _Listener(self.fp.detach(), self._lines)

    def begin(self, **options: Any) -> None:
        super().begin(**options)
        cast(_Listener, self.fp).listening = False
        if self._lines[-1] not in _BLANK:  # the connection ended here; http.client takes that for the end of the head
            raise http.client.IncompleteRead(b"".join(self._lines))
        self.pairs = _pairs(self._lines[:-1])

    def _read_status(self) -> tuple[str, int, str]:
        found = super()._read_status()  # type: ignore[misc]  # not in the type stubs
        while http.HTTPStatus.SWITCHING_PROTOCOLS < found[1] < http.HTTPStatus.OK:
            while self.fp.readline(_PIECE_BYTES) not in (*_BLANK, b""):
                pass
            found = super()._read_status()  # type: ignore[misc]  # not in the type stubs
        return cast(tuple[str, int, str], found)


class _Listener(io.BufferedReader):
    """A buffered reader that keeps the lines that are read from it while ``listening``."""

    def __init__(self, raw: io.RawIOBase, lines: list[bytes]) -> None:
        super().__init__(raw)
        self.listening = True
        self._lines = lines

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        if self.listening:
            self._lines.append(line)
        return line


def _pairs(lines: list[bytes]) -> Headers:
    """Take apart the lines behind the last status line."""
    start = max((number for number, line in enumerate(lines) if line in _BLANK), default=-1) + 2
    pairs: list[tuple[str, str]] = []
    for line in lines[start:]:
        text = line.decode("iso-8859-1")
        if pairs and text[0] in " \t":  # goes on from the line before
            pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]} {text.strip()}".strip())
            continue
        name, _, value = text.partition(":")
        pairs.append((name.strip(), value.strip()))
    return tuple(pairs)


def _secure(url: str) -> bool:
    return url.lower().startswith("https:")


def _trusting() -> ssl.SSLContext:
    """Return a context that takes the system's certificates, and those of REQUESTS_CA_BUNDLE where it is set.

    Made anew for each errand: truststore lets only one handshake at a time go through a context.
    """
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    bundle = os.environ.get("REQUESTS_CA_BUNDLE")
    if bundle and Path(bundle).is_file():
        context.load_verify_locations(bundle)
    return context


def _unchecking() -> ssl.SSLContext:
    """Return a context that takes any certificate; nothing is ever sent over it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
