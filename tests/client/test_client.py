"""The client against scripted servers: requests, responses, failures, cancellation, TLS and proxies."""

from __future__ import annotations

import contextlib
import errno
import gzip
import http.client
import json
import re
import signal
import socket
import sys
import threading
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
import urllib3.connection
from requests.adapters import HTTPAdapter

from mctoolkit import Client, Event, Exchange, ManualClock, NoResponse, NotSent, UsageError, example
from mctoolkit.client import transport
from mctoolkit.client.client import CancelToken
from mctoolkit.models.exchange import Failure, Response
from tests.rawserver import Connection, RawServer, certificate, drip, hang_up, reset, silence

CREATED = b"HTTP/1.1 201 Created\r\nServer: nginx\r\nContent-Length: 0\r\nLocation: /api/v1/sessions/7f3a\r\n\r\n"
LONG_S = 10.0
SHORT_S = 0.5
HEAD_S = 1.0
"""Long enough for the headers of a response to arrive on a busy computer."""
API = "company.hb-api.omtrdc.net"


@pytest.fixture(autouse=True)
def _isolate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove proxies and certificates of the environment, and resolve only names of this computer."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    resolve = socket.getaddrinfo

    def resolve_local(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host not in ("127.0.0.1", "localhost"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return resolve(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve_local)


def valid() -> Event:
    return example("sessionStart")


def send_to(server: RawServer, event: object = None, timeout_s: float = LONG_S) -> Exchange:
    """Send to a server and return the exchange, with or without a response."""
    client = Client(server.url, timeout_s=timeout_s)
    try:
        return client.start_session(valid() if event is None else event, send_anyway=True)
    except NoResponse as error:
        return error.exchange


def expect_failure(client: Client) -> tuple[Failure, NoResponse]:
    with pytest.raises(NoResponse) as found:
        client.start_session(valid())
    failure = found.value.exchange.failure
    assert failure is not None
    return failure, found.value


def as_bytes(exchange: Exchange) -> bytes:
    """Serialise the request of an exchange as HTTP/1.1."""
    request = exchange.request
    lines = [f"{request.method} {request.path} HTTP/1.1", *(f"{name}: {value}" for name, value in request.headers)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + request.body


# --- requests -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "event",
    [
        valid(),
        {"eventType": "sessionStart", "params": {"media.name": "Één ☃ \U0001f600"}},
        '{"eventType": "sessionStart"',
        b"\xff\xfe not JSON \x00\r\n\r\nGET / HTTP/1.1",
        b"",
        b"x" * 300_000,
        {"a": float("nan")},
    ],
    ids=["valid", "non-ascii", "truncated JSON", "bytes", "empty", "long", "NaN"],
)
def test_exchange_has_request_as_sent(event: object) -> None:
    with RawServer(CREATED) as server:
        exchange = send_to(server, event)
    assert server.request == as_bytes(exchange)
    assert exchange.request.body == Event(event).to_bytes()
    assert exchange.status == 201


@pytest.mark.parametrize("prefix", ["", "/mc", "/m%C3%A9/a%20b", "/%7Etilde/%zz", "/a;b=c/(d)'*!,", "/mé"])
def test_path_prefix_is_sent_unchanged(prefix: str) -> None:
    with RawServer(CREATED) as server:
        exchange = Client(server.url + prefix).start_session(valid())
    assert server.request == as_bytes(exchange)
    assert exchange.request.path.endswith("/api/v1/sessions")


def test_request_headers_and_their_order() -> None:
    with RawServer(CREATED) as server:
        exchange = send_to(server, b"{}")
    import mctoolkit

    assert exchange.request.headers == (
        ("Host", f"127.0.0.1:{server.port}"),
        ("User-Agent", f"mctoolkit/{mctoolkit.__version__}"),
        ("Accept", "*/*"),
        ("Accept-Encoding", "gzip, deflate"),
        ("Content-Type", "application/json"),
        ("Content-Length", "2"),
    )


def test_cookies_and_netrc_passwords_are_not_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login user password secret-77\ndefault login user password secret-77\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    response = CREATED.replace(b"Server: nginx", b"Set-Cookie: id=secret-77; Path=/\r\nSet-Cookie: b=2")
    with RawServer(response) as server:
        client = Client(server.url)
        for _ in range(2):
            client.start_session(valid())
    assert len(server.received) == 2
    for sent in server.received:
        assert b"secret-77" not in sent
        assert b"cookie" not in sent.lower()
        assert b"authorization" not in sent.lower()


def test_body_with_errors_needs_send_anyway() -> None:
    with RawServer(CREATED) as server:
        client = Client(server.url)
        with pytest.raises(NotSent) as found:
            client.start_session({"eventType": "sessionStart"})
        assert server.connections == 0
        exchange = client.start_session({"eventType": "sessionStart"}, send_anyway=True)
    assert len(found.value.verdict.errors) == 10
    assert exchange.verdict == found.value.verdict
    message = str(found.value)
    for text in ("127.0.0.1", "10 errors", "playerTime", "params", "send_anyway=True"):
        assert text in message


def test_not_sent_lists_five_errors_and_counts_the_rest() -> None:
    with pytest.raises(NotSent) as found:
        Client("localhost:1").start_session({"eventType": "sessionStart", "playerTime": {}, "params": {}})
    assert len(found.value.verdict.errors) == 10
    assert str(found.value).count("\n- ") == 5
    assert "and 5 more" in str(found.value)


def test_body_with_hints_is_sent() -> None:
    body = valid().value
    body["params"]["media.length"] = 60_390
    with RawServer(CREATED) as server:
        exchange = Client(server.url).start_session(body)
    assert exchange.verdict is not None
    assert [problem.level for problem in exchange.verdict.problems] == ["hint"]


# --- responses -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("location", "session_id"),
    [
        (b"Location: /api/v1/sessions/7f3a", "7f3a"),
        (b"location:/api/v1/sessions/7f3a  ", "7f3a"),
        (b"Location: https://company.hb-api.omtrdc.net/api/v1/sessions/7f3a", "7f3a"),
        (b"Location: /mc/eu/api/v1/sessions/7f3a/", "7f3a"),
        (b"Location: /api/v1/sessions/7f3a?x=/sessions/9#y", "7f3a"),
        (b"Location: /api/v1/sessions/AbC-d_9.x~", "AbC-d_9.x~"),
        (b"Location: /api/v1/sessions/7f3a\r\nLocation: /api/v1/sessions/9999", "7f3a"),
        (b"Location: https://[::1/api/v1/sessions/7f3a", "7f3a"),
        (b"X-Other: 1", None),
        (b"Location:", None),
        (b"Location: /api/v1/sessions", None),
        (b"Location: /api/v1/sessions/", None),
        (b"Location: /api/v1/sessions/7f3a/events", None),
        (b"Location: /api/v1/sessions/7f 3a", None),
        (b"Location: /?next=/sessions/7f3a", None),
        (b"Location: 7f3a", None),
        (b"Location: https://[", None),
    ],
)
def test_session_id_is_read_from_location(location: bytes, session_id: str | None) -> None:
    with RawServer(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n" + location + b"\r\n\r\n") as server:
        exchange = send_to(server)
    assert exchange.failure is None
    assert exchange.session_id == session_id
    assert exchange.outcome == ("no-id" if session_id is None else "accepted")
    assert str(exchange)
    assert exchange._repr_html_()


def test_response_headers_keep_order_case_and_repetition() -> None:
    head = (
        b"HTTP/1.1 201 Created indeed \r\nX-B: 1\r\nset-cookie: a=1\r\nx-a:2\r\nSet-Cookie: b=2\r\n"
        b"X-Folded: one\r\n two\r\n\tthree\r\nX-Empty:\r\nX-Latin: caf\xe9\r\nX-B: 3\r\nContent-Length: 0\r\n\r\n"
    )
    with RawServer(head) as server:
        exchange = send_to(server)
    assert exchange.response is not None
    assert exchange.response.reason == "Created indeed"
    assert exchange.response.headers == (
        ("X-B", "1"),
        ("set-cookie", "a=1"),
        ("x-a", "2"),
        ("Set-Cookie", "b=2"),
        ("X-Folded", "one two three"),
        ("X-Empty", ""),
        ("X-Latin", "café"),
        ("X-B", "3"),
        ("Content-Length", "0"),
    )
    assert exchange.headers["X-B"] == "3"


@pytest.mark.parametrize(
    "interim",
    [
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 102 Processing\r\nX-Noise: 1\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nLocation: /api/v1/sessions/wrong\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\nA: b\r\n\r\nHTTP/1.1 103 x\r\n\r\nHTTP/1.1 100 Again\r\n\r\nHTTP/1.1 103 y\r\n\r\n",
    ],
)
def test_interim_responses_are_skipped(interim: bytes) -> None:
    with RawServer(interim + CREATED) as server:
        exchange = send_to(server)
    assert (exchange.status, exchange.session_id) == (201, "7f3a")
    assert exchange.response is not None
    assert [name for name, _ in exchange.response.headers] == ["Server", "Content-Length", "Location"]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, "unexpected"),
        (204, "unexpected"),
        (299, "unexpected"),
        (301, "redirect"),
        (302, "redirect"),
        (304, "redirect"),
        (307, "redirect"),
        (400, "refused"),
        (401, "unexpected"),
        (403, "unexpected"),
        (404, "unexpected"),
        (405, "unexpected"),
        (407, "unexpected"),
        (410, "unexpected"),
        (413, "unexpected"),
        (429, "unexpected"),
        (500, "failed"),
        (503, "unexpected"),
        (999, "unexpected"),
        (101, "unexpected"),
    ],
)
def test_every_status_is_explained(status: int, outcome: str) -> None:
    with RawServer(b"HTTP/1.1 %d \r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n" % status) as server:
        exchange = Client(server.url).start_session(valid())
    assert (exchange.status, exchange.outcome, exchange.failure) == (status, outcome, None)
    assert str(status) in exchange.explanation.headline
    assert len(exchange.explanation.sentences) >= 2
    assert exchange.in_words


def test_redirect_is_not_followed() -> None:
    with RawServer(CREATED) as elsewhere:
        response = (
            f"HTTP/1.1 307 Moved\r\nLocation: {elsewhere.url}/login?SAMLRequest=secret-77\r\nContent-Length: 0\r\n\r\n"
        )
        with RawServer(response.encode()) as server:
            exchange = send_to(server)
            assert elsewhere.connections == 0
            assert server.connections == 1
    assert exchange.outcome == "redirect"
    assert f"{elsewhere.url}/login?•••" in str(exchange.explanation)
    assert "secret-77" not in str(exchange) + exchange._repr_html_()


def test_login_page_is_recognised() -> None:
    page = b"<html><head><TITLE>\n Sign &amp; in <b></TITLE></head><script>alert(1)</script></html>"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n" % len(page)
    with RawServer(head + page) as server:
        exchange = send_to(server)
    assert exchange.outcome == "page"
    assert exchange.response is not None
    assert exchange.response.title == "Sign & in <b>"
    assert 'title "Sign & in <b>"' in str(exchange.explanation)
    assert "<script>" not in exchange._repr_html_()
    assert exchange.body == page


def test_message_of_refusal_is_shown() -> None:
    body = b'{"message": "Request had improper format."}'
    head = b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    with RawServer(head + body) as server:
        exchange = send_to(server)
    assert exchange.body == body
    assert "Request had improper format." in str(exchange)
    assert "mctoolkit finds no error" in str(exchange.explanation)


def _chunked(data: bytes, size: int = 7) -> bytes:
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    return b"".join(b"%x;ext=1\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\nX-Trailer: 1\r\n\r\n"


ERROR_BODY = b'{"message": "' + b"text " * 50 + b'"}'


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (b"Content-Length: %d" % len(ERROR_BODY), ERROR_BODY),
        (b"Transfer-Encoding: chunked", _chunked(ERROR_BODY)),
        (b"Content-Encoding: gzip\r\nContent-Length: %d" % len(gzip.compress(ERROR_BODY)), gzip.compress(ERROR_BODY)),
        (b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked", _chunked(gzip.compress(ERROR_BODY))),
        (b"Content-Encoding: deflate\r\nTransfer-Encoding: chunked", _chunked(zlib.compress(ERROR_BODY))),
        (b"Content-Encoding: x-own\r\nContent-Length: %d" % len(ERROR_BODY), ERROR_BODY),
    ],
    ids=["plain", "chunked", "gzip", "gzip chunked", "deflate chunked", "unknown encoding"],
)
def test_body_is_decoded(headers: bytes, body: bytes) -> None:
    with RawServer(b"HTTP/1.1 500 No\r\n" + headers + b"\r\n\r\n" + body) as server:
        exchange = send_to(server)
    assert exchange.failure is None
    assert exchange.body == ERROR_BODY


def test_body_may_end_with_connection() -> None:
    with RawServer(b"HTTP/1.0 500 No\r\n\r\n" + ERROR_BODY, hang_up) as server:
        exchange = send_to(server)
    assert (exchange.failure, exchange.body) == (None, ERROR_BODY)


MIB = 1024 * 1024


@pytest.mark.parametrize(("size", "cut"), [(MIB - 1, False), (MIB, False), (MIB + 1, True), (3 * MIB, True)], ids=str)
def test_long_body_is_cut_at_1_mib(size: int, cut: bool) -> None:
    with RawServer(b"HTTP/1.1 500 No\r\nContent-Length: %d\r\n\r\n" % size, b"x" * size) as server:
        exchange = send_to(server)
    assert exchange.response is not None
    assert exchange.failure is None
    assert exchange.response.cut_short is cut
    assert exchange.body == b"x" * min(size, MIB)
    assert (f"Only the first {MIB} bytes" in str(exchange.explanation)) is cut


def test_decompressed_body_is_cut_at_1_mib() -> None:
    bomb = gzip.compress(bytes(60 * MIB))
    head = b"HTTP/1.1 500 No\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    with RawServer(head + bomb) as server:
        exchange = send_to(server)
    assert exchange.response is not None
    assert exchange.response.cut_short
    assert len(exchange.body) == MIB


def test_endless_body_is_cut_at_1_mib() -> None:
    def endless(connection: Connection) -> None:
        with contextlib.suppress(OSError):
            while not connection.ended.is_set():
                connection.socket.sendall(bytes(65_536))

    with RawServer(b"HTTP/1.1 500 No\r\n\r\n", endless) as server:
        exchange = send_to(server)
    assert exchange.response is not None
    assert (exchange.failure, exchange.response.cut_short, len(exchange.body)) == (None, True, MIB)


def test_response_during_upload_is_read() -> None:
    def refuse(connection: Connection) -> None:
        connection.socket.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    with RawServer(refuse, greet=True) as server:
        exchange = send_to(server, b"x" * 500_000)
    assert exchange.status == 413


# --- incomplete responses ----------------------------------------------------------------------------------------

WITH_ID = b"HTTP/1.1 201 Created\r\nLocation: /api/v1/sessions/7f3a\r\nContent-Length: 100\r\n\r\n"
BROKEN_GZIP = WITH_ID.replace(b"Content-Length: 100", b"Content-Encoding: gzip\r\nContent-Length: 5") + b"hello"
CHUNKED = b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("script", "kind", "detail", "status", "timeout_s"),
    [
        ((hang_up,), "cut", "before its first byte", None, LONG_S),
        ((reset,), "cut", "before its first byte", None, LONG_S),
        ((b"HT", hang_up), "cut", "its headers", None, LONG_S),
        ((b"HTTP/1.1 2", hang_up), "cut", "its headers", None, LONG_S),
        ((b"HTTP/1.1 201", hang_up), "cut", "its headers", None, LONG_S),
        ((b"HTTP/1.1 201 Created\r\n", hang_up), "cut", "its headers", None, LONG_S),
        ((b"HTTP/1.1 201 Created\r\nLocation: /api/v1/sessions/7f", hang_up), "cut", "its headers", None, LONG_S),
        ((b"HTTP/1.1 201 Created\r\nLocation: /api/v1/sessions/7f\r\n", hang_up), "cut", "its headers", None, LONG_S),
        ((b"HTTP/1.1 103 Hints\r\nLink: x\r\n", hang_up), "cut", "before its first byte", None, LONG_S),
        ((WITH_ID + b"hello", hang_up), "cut", "its body", 201, LONG_S),
        ((CHUNKED + b"5\r\nhel", hang_up), "cut", "its body", 500, LONG_S),
        ((CHUNKED, hang_up), "cut", "its body", 500, LONG_S),
        ((silence,), "response-timeout", "", None, SHORT_S),
        ((b"HTTP/1.1 201 Created\r\n", silence), "response-timeout", "", None, SHORT_S),
        ((WITH_ID + b"hello", silence), "response-timeout", "", 201, HEAD_S),
        ((drip(b"H"),), "response-timeout", "", None, SHORT_S),
        ((b"HTTP/1.1 200 OK\r\n", drip(b"X-More: 1\r\n"),), "response-timeout", "", None, SHORT_S),
        ((drip(b"HTTP/1.1 103 Hints\r\n\r\n", 0.001),), "response-timeout", "", None, SHORT_S),
        ((WITH_ID, drip(b"x")), "response-timeout", "", 201, HEAD_S),
        ((b"HTTP/1.1 200 OK\r\n\r\n", drip(b"x")), "response-timeout", "", 200, HEAD_S),
        ((CHUNKED, drip(b"1\r\nx\r\n")), "response-timeout", "", 500, HEAD_S),
        ((BROKEN_GZIP,), "unreadable", "Content-Encoding is gzip", 201, LONG_S),
        ((b"SSH-2.0-OpenSSH_9.6\r\n",), "unreadable", "SSH-2.0-OpenSSH_9.6", None, LONG_S),
        ((b"\x15\x03\x01\x00\x02\x02\x46", hang_up), "unreadable", "not HTTP", None, LONG_S),
        ((b"HTTP/1.1 abc\r\n\r\n",), "unreadable", "HTTP/1.1 abc", None, LONG_S),
        ((b"HTTP/2.0 201 Created\r\n\r\n",), "unreadable", "HTTP/2.0", None, LONG_S),
        ((b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 300 + b"\r\n",), "unreadable", "more than 100 headers", None, LONG_S),
        ((b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",), "unreadable", "header line", None, LONG_S),
    ],
)  # fmt: skip
def test_incomplete_response(
    script: tuple[Any, ...], kind: str, detail: str, status: int | None, timeout_s: float
) -> None:
    with RawServer(*script) as server:
        client = Client(server.url, timeout_s=timeout_s)
        failure, raised = expect_failure(client)
        assert server.connections == 1, "the request was sent again"
    exchange = raised.exchange
    assert failure.kind == kind
    assert detail in failure.detail
    assert not failure.nothing_was_sent
    assert (exchange.status, exchange.outcome) == (status, "no-response")
    assert exchange.session_id == ("7f3a" if status == 201 else None)
    assert server.request == as_bytes(exchange)
    assert str(raised) == str(exchange.explanation)
    assert "not sent again" in str(raised)
    assert ("unknown" if status is None else str(status)) in str(raised)
    assert failure.after_s == (timeout_s if kind == "response-timeout" else None)
    assert (raised.__cause__ is None) is (kind == "response-timeout"), "a timeout has no cause"


def test_incomplete_body_is_kept() -> None:
    with RawServer(WITH_ID + b"hello", hang_up) as server:
        exchange = send_to(server)
    assert exchange.body == b"hello"
    with RawServer(CHUNKED + b"5\r\nhello\r\n5\r\nwo", silence) as server:
        exchange = send_to(server, timeout_s=HEAD_S)
    assert exchange.body == b"hellowo"


def test_upload_to_server_that_does_not_read_times_out() -> None:
    def idle(connection: Connection) -> None:
        connection.ended.wait(LONG_S)

    with RawServer(idle, greet=True) as server:
        client = Client(server.url, timeout_s=SHORT_S)
        with pytest.raises(NoResponse) as found:
            client.start_session(b"x" * 30_000_000, send_anyway=True)
    assert found.value.exchange.failure == Failure("response-timeout", after_s=SHORT_S)


@pytest.fixture
def default_sigint() -> Iterator[None]:
    """Let SIGINT raise KeyboardInterrupt: a shell starts background processes with SIGINT ignored."""
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, previous)


@pytest.mark.usefixtures("default_sigint")
def test_ctrl_c_closes_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    received, closed = threading.Event(), threading.Event()

    def wait(connection: Connection) -> None:
        received.set()
        connection.wait_until_closed()
        closed.set()

    def interrupt(_: float) -> None:
        assert received.wait(LONG_S)
        signal.raise_signal(signal.SIGINT)

    class InterruptedTransport(transport.Transport):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            monkeypatch.setattr(self._wait_ended, "wait", interrupt)

    monkeypatch.setattr("mctoolkit.client.client.Transport", InterruptedTransport)
    with RawServer(wait) as server:
        with pytest.raises(KeyboardInterrupt):
            Client(server.url, timeout_s=60).start_session(valid())
        assert closed.wait(LONG_S), "the connection stays open"


# --- cancellation -----------------------------------------------------------------------------------


def send_and_cancel(client: Client, when: threading.Event) -> Exchange:
    """Send in this thread, cancel in another one after an event, and return the exchange."""
    token = CancelToken()

    def cancel() -> None:
        assert when.wait(LONG_S)
        token.cancel()
        token.cancel()

    thread = threading.Thread(target=cancel)
    thread.start()
    with pytest.raises(NoResponse) as found:
        client.start_session(valid(), cancel=token)
    thread.join(LONG_S)
    return found.value.exchange


def test_cancel_after_sending_leaves_result_unknown() -> None:
    received, closed = threading.Event(), threading.Event()

    def wait(connection: Connection) -> None:
        received.set()
        connection.wait_until_closed()
        closed.set()

    with RawServer(wait) as server:
        exchange = send_and_cancel(Client(server.url, timeout_s=600), received)
        assert closed.wait(LONG_S), "the connection stays open"
        assert server.connections == 1
    assert exchange.failure == Failure("cancelled")
    assert exchange.in_words == "cancelled"
    assert exchange.response is None
    assert "Whether the session started is unknown" in str(exchange.explanation)
    assert "not sent again, because the session could count twice" in str(exchange.explanation)


def test_cancel_during_response_keeps_its_start(monkeypatch: pytest.MonkeyPatch) -> None:
    read = threading.Event()

    class ReadingTransport(transport.Transport):
        @property
        def _head(self) -> Response | None:
            return self._received

        @_head.setter
        def _head(self, head: Response | None) -> None:
            self._received = head
            if head is not None:
                read.set()

    monkeypatch.setattr("mctoolkit.client.client.Transport", ReadingTransport)
    with RawServer(WITH_ID + b"hello", silence) as server:
        exchange = send_and_cancel(Client(server.url, timeout_s=600), read)
    assert exchange.failure == Failure("cancelled")
    assert exchange.status == 201
    assert exchange.outcome == "no-response"


def test_cancel_before_connection_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving, ended = threading.Event(), threading.Event()

    def resolve(*_: Any, **__: Any) -> Any:
        resolving.set()
        ended.wait(LONG_S)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    exchange = send_and_cancel(Client(API, timeout_s=600), resolving)
    ended.set()
    assert exchange.failure == Failure("cancelled-unsent")
    assert exchange.explanation.headline == "Cancelled before the request was sent"
    assert "Nothing was sent, so there is no session" in str(exchange.explanation)
    assert "unknown" not in str(exchange.explanation)


def test_cancelled_token_prevents_sending() -> None:
    token = CancelToken()
    token.cancel()
    with RawServer(CREATED) as server:
        for _ in range(2):
            with pytest.raises(NoResponse, match="Nothing was sent"):
                Client(server.url).start_session(valid(), cancel=token)
        assert server.connections == 0
    assert token.cancelled


def test_cancel_twice_and_response_before_end_of_wait() -> None:
    received = threading.Event()
    with RawServer(lambda _: received.set(), silence) as server:
        sender = transport.Transport(requests.Request("POST", server.url, data=b"x").prepare(), 600, use_proxies=False)
        thread = threading.Thread(target=sender.run)
        thread.start()
        assert received.wait(LONG_S)
        sender._cancel()
        thread.join(LONG_S)
        sender._cancel()
        assert sender.result() == (None, Failure("cancelled"))
    with RawServer(CREATED) as server:
        sender = transport.Transport(requests.Request("POST", server.url, data=b"x").prepare(), 600, use_proxies=False)
        sender._is_cancelled = True  # as if the response came between the cancellation and the end of the wait
        sender.run()
        response, failure = sender.result()
    assert response is not None
    assert failure is None


def test_cancel_after_response_has_no_effect() -> None:
    token = CancelToken()
    with RawServer(CREATED) as server:
        exchange = Client(server.url).start_session(valid(), cancel=token)
    token.cancel()
    assert exchange.status == 201
    assert exchange.failure is None


# --- connection failures -------------------------------------------------------------------------------------------------


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_closed_port() -> None:
    failure, raised = expect_failure(Client(f"127.0.0.1:{_free_port()}"))
    assert failure.kind == "refused"
    assert failure.nothing_was_sent
    assert raised.exchange.request.headers[0][0] == "Host"
    assert "Nothing was sent" in str(raised)


def test_stopped_sandbox_is_named() -> None:
    stopped = SimpleNamespace(url=f"http://127.0.0.1:{_free_port()}", is_sandbox=True)
    _, raised = expect_failure(Client(stopped))
    assert "The sandbox has stopped" in str(raised)
    assert "127.0.0.1" not in str(raised)
    assert "127.0.0.1" not in str(raised.exchange)
    assert "127.0.0.1" not in raised.exchange._repr_html_()


def test_unknown_host() -> None:
    failure, raised = expect_failure(Client("acme.hb-api.omtrdc.net"))
    assert failure == Failure("host-not-found", "Name or service not known")
    assert "Host •••.hb-api.omtrdc.net not found" in str(raised)
    assert "acme" not in str(raised)
    assert raised.exchange.request.url == "https://acme.hb-api.omtrdc.net/api/v1/sessions"


def test_failure_of_heartbeat_host_names_it() -> None:
    client = Client("acme.hb.omtrdc.net")
    assert client.target.hints
    _, raised = expect_failure(client)
    assert "the old heartbeat protocol" in str(raised)


def test_slow_dns_times_out_and_sends_nothing_later(monkeypatch: pytest.MonkeyPatch) -> None:
    resolved = threading.Event()
    with RawServer(CREATED) as server:

        def resolve_slowly(*_: Any, **__: Any) -> Any:
            assert resolved.wait(LONG_S)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))]

        monkeypatch.setattr(socket, "getaddrinfo", resolve_slowly)
        client = Client(f"localhost:{server.port}", timeout_s=SHORT_S)
        failure, raised = expect_failure(client)
        assert failure == Failure("connect-timeout", after_s=SHORT_S)
        assert "Nothing was sent" in str(raised)
        resolved.set()  # too late: a request that was reported as not sent must not be sent now
        for thread in threading.enumerate():
            if thread.name == "mctoolkit-request":
                thread.join(LONG_S)
    assert b"".join(server.received) == b""


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "unreachable"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "unreachable"),
        (PermissionError(errno.EACCES, "Permission denied"), "unreachable"),
        (TimeoutError("timed out"), "connect-timeout"),
        (TimeoutError(errno.ETIMEDOUT, "Connection timed out"), "connect-timeout"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "refused"),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), "host-not-found"),
        (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), "tls"),
    ],
)
def test_error_before_sending(error: OSError, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr("urllib3.util.connection.create_connection", fail)
    failure, raised = expect_failure(Client(API))
    assert failure.kind == kind
    assert failure.nothing_was_sent
    assert kind == "connect-timeout" or (error.strerror or "") in failure.detail
    assert "Nothing was sent" in str(raised)


def test_bug_is_not_reported_as_network_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("bug")

    monkeypatch.setattr("urllib3.util.connection.create_connection", broken)
    with pytest.raises(ZeroDivisionError, match="bug"):
        Client(API).start_session(valid())


# --- TLS -----------------------------------------------------------------------------------------------------------


def test_request_over_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, authority = certificate(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))
    with RawServer(CREATED, tls=context) as server:
        exchange = Client(server.url).start_session(valid())
    assert exchange.session_id == "7f3a"
    assert server.request == as_bytes(exchange)


@pytest.mark.filterwarnings(
    "ignore::urllib3.exceptions.InsecureRequestWarning"
)  # else it would be an error before sending
@pytest.mark.parametrize(
    ("options", "trusted", "message"),
    [
        ({}, False, 'the certificate was issued by "Zscaler Root CA", and this computer does not trust it'),
        ({"organisation": True, "issuer": "Acme Netherlands"}, False, 'issued by "Acme Netherlands"'),
        ({"host": "other.example"}, True, 'issued by "Zscaler Root CA", and it was issued for another host'),
        ({"expired": True}, True, 'issued by "Zscaler Root CA", and it has expired'),
        ({"issuer": '<b>"Evil"</b>'}, False, 'issued by "<b>"Evil"</b>"'),
    ],
    ids=["unknown", "organisation", "other host", "expired", "issuer with markup"],
)
def test_rejected_certificate_is_described(
    options: dict[str, Any], trusted: bool, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, authority = certificate(tmp_path, **options)
    if trusted:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))
    with RawServer(CREATED, tls=context) as server:
        failure, raised = expect_failure(Client(server.url))
    assert failure.kind == "tls"
    assert message in failure.detail
    assert "Nothing was sent" in str(raised)
    assert b"".join(server.received) == b"", "something was sent to a server whose certificate was refused"
    assert server.connections == 2
    assert "<b>" not in raised.exchange._repr_html_().replace("<b>Problem</b>", "")


def test_certificates_of_certifi_are_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, authority = certificate(tmp_path)
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(authority))
    with RawServer(CREATED, tls=context) as server:
        failure, _ = expect_failure(Client(server.url))
    assert failure.kind == "tls"


def test_certificates_of_the_system_are_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform in ("win32", "darwin"):
        pytest.skip("the certificates of this system are not in a file")
    context, authority = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))  # the system certificates of OpenSSL
    with RawServer(CREATED, tls=context) as server:
        assert Client(server.url).start_session(valid()).status == 201


def test_rejected_certificate_without_issuer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport.Transport, "_fetch_certificate", lambda _: None)
    context, _ = certificate(tmp_path)
    with RawServer(tls=context) as server:
        failure, _ = expect_failure(Client(server.url))
    assert failure.detail == ("the certificate of the server was rejected: this computer does not trust it")


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ((b"HTTP/1.1 400 Bad Request\r\n\r\n", silence), "does not use https on this port"),
        ((hang_up,), "closed the connection during the TLS handshake"),
        ((reset,), "closed the connection during the TLS handshake"),
        ((b"\x15\x03\x03\x00\x02\x02\x28", silence), "handshake failure"),
    ],
    ids=["plain http", "hang up", "reset", "alert"],
)
def test_failed_tls_handshake(script: tuple[Any, ...], message: str) -> None:
    def discard(connection: Connection) -> None:
        connection.socket.recv(65536)

    with RawServer(discard, *script, greet=True) as server:
        failure, raised = expect_failure(Client(f"https://127.0.0.1:{server.port}"))
    assert failure.kind == "tls"
    assert message in failure.detail
    assert "_ssl.c" not in failure.detail
    assert "Nothing was sent" in str(raised)


@pytest.mark.parametrize("step", [silence, drip(b"\x16\x03\x03\x40\x00")])
def test_endless_tls_handshake_times_out(step: Callable[[Connection], None]) -> None:
    with RawServer(step, greet=True) as server:
        failure, _ = expect_failure(Client(f"https://127.0.0.1:{server.port}", timeout_s=SHORT_S))
    assert failure == Failure("connect-timeout", after_s=SHORT_S)


# --- proxies -------------------------------------------------------------------------------------------------------


def _tunnel_to(context: Any, received: list[bytes]) -> Callable[[Connection], None]:
    """Return a step that acts as a proxy, then as the server behind it."""

    def step(connection: Connection) -> None:
        connection.socket.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with context.wrap_socket(connection.socket, server_side=True) as inside:
            data = b""
            while not data.endswith(b"}"):
                chunk = inside.recv(65536)
                if not chunk:
                    return
                data += chunk
            received.append(data)
            inside.sendall(CREATED)

    return step


def test_proxy_of_environment_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, authority = certificate(tmp_path, host=API)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))
    received: list[bytes] = []
    with RawServer(_tunnel_to(context, received)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:secret-77@127.0.0.1:{proxy.port}")
        exchange = Client(API).start_session(valid())
    assert exchange.session_id == "7f3a"
    assert proxy.request.startswith(b"CONNECT company.hb-api.omtrdc.net:443 HTTP/1.")
    assert b"Proxy-Authorization: Basic" in proxy.request
    assert received == [as_bytes(exchange)]
    assert b"Proxy" not in received[0]


def test_issuer_of_inspecting_proxy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, _ = certificate(tmp_path, host=API)
    received: list[bytes] = []
    with RawServer(_tunnel_to(context, received)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        failure, _ = expect_failure(Client(API))
    assert failure.kind == "tls"
    assert '"Zscaler Root CA"' in failure.detail
    assert received == []


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ((b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",), "responded 407 Proxy Authentication Required"),
        ((b"HTTP/1.1 403 Forbidden by policy\r\nContent-Length: 0\r\n\r\n",), "responded 403 Forbidden by policy"),
        ((hang_up,), "127.0.0.1:"),
        ((b"SSH-2.0-x\r\n",), "127.0.0.1:"),
    ],
    ids=["407", "403", "hang up", "not a proxy"],
)
def test_proxy_refuses(script: tuple[Any, ...], message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(*script) as proxy:
        monkeypatch.setenv("https_proxy", f"http://user:secret-77@127.0.0.1:{proxy.port}")
        failure, raised = expect_failure(Client(API))
        assert proxy.connections == 1
    assert failure.kind == "proxy"
    assert message in failure.detail
    assert f"127.0.0.1:{proxy.port}" in failure.detail
    assert "secret-77" not in str(raised)
    assert "user" not in failure.detail
    assert "Nothing was sent" in str(raised)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("http://127.0.0.1:{free}", "Connection refused"),
        ("http://proxy.invalid:8080", "Name or service not known"),
        ("socks5://127.0.0.1:1080", "SOCKS"),
        ("ftp://127.0.0.1:1080", "ftp"),
        ("http://127.0.0.1:port", "127.0.0.1:port"),
        ("http://", ""),
    ],
)
def test_unusable_proxy(address: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", address.format(free=_free_port()))
    failure, _ = expect_failure(Client(API))
    assert failure.kind == "proxy"
    assert message in failure.detail


def test_no_proxy_for_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{_free_port()}")
    with RawServer(CREATED) as server:
        assert Client(server.url).start_session(valid()).status == 201
        assert Client(f"localhost:{server.port}").start_session(valid()).status == 201


def test_no_proxy_variable_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{_free_port()}")
    monkeypatch.setenv("NO_PROXY", "omtrdc.net")
    failure, _ = expect_failure(Client(API))
    assert failure.kind == "host-not-found"


def test_plain_http_through_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(CREATED) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        exchange = Client("http://media.example.com", allow_http=True).start_session(valid())
    assert exchange.session_id == "7f3a"
    assert proxy.request.startswith(b"POST http://media.example.com/api/v1/sessions HTTP/1.1\r\n")


# --- clock, timeout, threads ---------------------------------------------------------------------------------------------


def test_times_come_from_clock() -> None:
    clock = ManualClock(1_509_045_324_153, step_ms=4.0)
    with RawServer(CREATED) as server:
        exchange = Client(server.url, clock=clock).start_session(valid())
    assert (exchange.sent_at_ms, exchange.elapsed_ms) == (1_509_045_324_153, 4.0)


def test_elapsed_time_excludes_certificate_fetch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = ManualClock(step_ms=4.0)
    monkeypatch.setattr(transport.Transport, "_fetch_certificate", lambda _: clock.advance(seconds=7))
    context, _ = certificate(tmp_path)
    with RawServer(tls=context) as server:
        _, raised = expect_failure(Client(server.url, clock=clock))
    assert raised.exchange.elapsed_ms == 4.0


def test_time_stamp_is_validated_with_clock() -> None:
    clock = ManualClock(1_509_045_324_153)
    body = valid().value
    body["playerTime"]["ts"] = clock.now_ms()
    with RawServer(CREATED) as server:
        exchange = Client(server.url, clock=clock).start_session(body)
    assert exchange.verdict is not None
    assert exchange.verdict.problems == ()


def test_repr_hides_tenant() -> None:
    assert repr(Client("acme.hb-api.omtrdc.net")) == "Client(•••.hb-api.omtrdc.net)"
    assert repr(Client(SimpleNamespace(url="http://127.0.0.1:9", is_sandbox=True))) == "Client(sandbox)"


def test_closed_client_raises_usage_error() -> None:
    with RawServer(CREATED) as server:
        with Client(server.url) as client:
            assert client.start_session(valid()).status == 201
        with pytest.raises(UsageError, match="closed"):
            client.start_session(valid())
        client.close()
    assert server.connections == 1


@pytest.mark.parametrize("timeout_s", [0, -1, True, "10", None, float("nan"), float("inf"), 3601])
def test_invalid_timeout_raises_usage_error(timeout_s: Any) -> None:
    with pytest.raises(UsageError, match="timeout_s"):
        Client("localhost", timeout_s=timeout_s)


def test_client_is_thread_safe() -> None:
    def response(connection: Connection) -> None:
        number = threading.get_ident()
        connection.socket.sendall(CREATED.replace(b"7f3a", b"%d" % number))

    with RawServer(response) as server:
        client = Client(server.url)
        bodies = [json.dumps({"n": number, "x": "y" * 1000 * number}) for number in range(12)]
        exchanges: list[Exchange] = []
        threads = [
            threading.Thread(target=lambda body=body: exchanges.append(client.start_session(body, send_anyway=True)))
            for body in bodies
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LONG_S)
    assert sorted(e.request.body for e in exchanges) == sorted(body.encode() for body in bodies)
    assert sorted(server.received) == sorted(as_bytes(e) for e in exchanges)
    assert all(e.status == 201 for e in exchanges)


def test_connection_is_closed_after_request() -> None:
    closed = threading.Semaphore(0)

    def wait(connection: Connection) -> None:
        connection.wait_until_closed()
        closed.release()

    with RawServer(CREATED, wait) as server:
        Client(server.url).start_session(valid())
        assert closed.acquire(timeout=LONG_S)


def test_overridden_methods_of_libraries_exist() -> None:
    """A new version of a library may rename a method that the transport overrides."""
    assert callable(http.client.HTTPResponse._read_status)  # type: ignore[attr-defined]
    assert callable(http.client.HTTPResponse.begin)
    assert callable(urllib3.connection.HTTPConnection.connect)
    assert hasattr(HTTPAdapter, "get_connection_with_tls_context")


@contextlib.contextmanager
def _sandbox() -> Iterator[Any]:
    from mctoolkit import Sandbox

    with Sandbox() as sandbox:
        yield sandbox


def test_sandbox_end_to_end() -> None:
    with _sandbox() as sandbox, Client(sandbox) as client:
        exchange = client.start_session(valid())
        refused = client.start_session("{", send_anyway=True)
    assert re.fullmatch("[0-9a-f]{64}", exchange.session_id or "")
    assert exchange.target == "sandbox"
    assert exchange.is_sandbox
    assert "{sandbox}/api/v1/sessions" in str(exchange)
    assert str(sandbox.port) not in str(exchange) + exchange._repr_html_()
    assert (refused.status, refused.outcome) == (400, "refused")
