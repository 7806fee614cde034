"""Sandbox and serve: start, stop, ports, network, reproducibility and the process around them."""

from __future__ import annotations

import asyncio
import dataclasses
import errno
import gc
import inspect
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from unittest.mock import ANY

import pytest
import requests

import mctoolkit
from mctoolkit._core.clocks import ManualClock, OffsetClock, SystemClock, seeded_ids
from mctoolkit._core.errors import SandboxError, UsageError
from mctoolkit.sandbox import Sandbox, server
from mctoolkit.sandbox.command import serve
from mctoolkit.sandbox.config import SandboxConfig

BODY = (
    b'{"eventType":"sessionStart","playerTime":{"playhead":0,"ts":1509045324153},"params":{'
    b'"analytics.reportSuite":"suite","analytics.trackingServer":"company.sc.omtrdc.net","media.channel":"channel",'
    b'"media.contentType":"VOD","media.id":"id","media.length":60.39,"media.playerName":"player",'
    b'"visitor.marketingCloudOrgId":"0123456789ABCDEF01234567@AdobeOrg"}}'
)
WAIT_S = 60
Threads = Callable[[], list[threading.Thread]]


def location(url: str, session: requests.Session | None = None) -> str:
    response = (session or requests).post(f"{url}/api/v1/sessions", data=BODY, timeout=WAIT_S)
    assert response.status_code == 201
    return response.headers["Location"]


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def new_threads() -> Threads:
    """Return the sandbox threads that a test has started and that still run."""
    before = set(threading.enumerate())
    return lambda: [each for each in threading.enumerate() if each.name == "mctoolkit-sandbox" and each not in before]


# --- options


def test_signature_lists_every_option() -> None:
    expected = {field.name: field.default for field in dataclasses.fields(SandboxConfig)}
    found = inspect.signature(Sandbox).parameters
    assert {name: parameter.default for name, parameter in found.items()} == expected
    assert {parameter.kind for parameter in found.values()} == {inspect.Parameter.KEYWORD_ONLY}


def test_unknown_option_raises() -> None:
    with pytest.raises(TypeError, match="'prot'"):
        Sandbox(prot=8765)  # type: ignore[call-arg]


# --- start and stop


def test_sandbox_is_public() -> None:
    assert mctoolkit.Sandbox is Sandbox


def test_context_manager_starts_and_stops() -> None:
    with Sandbox() as sandbox:
        assert sandbox.running
        assert sandbox.is_sandbox is True
        assert sandbox.url == f"http://127.0.0.1:{sandbox.port}"
        assert re.fullmatch(r"/api/v1/sessions/[0-9a-f]{64}", location(sandbox.url))
    assert not sandbox.running
    assert not listens(sandbox.port)


def test_stop_ends_the_thread(new_threads: Threads) -> None:
    sandbox = Sandbox()
    assert location(sandbox.url)
    sandbox.stop()
    assert not sandbox.running
    sandbox.stop()
    assert not listens(sandbox.port)
    assert new_threads() == []


def test_context_manager_stops_on_exception() -> None:
    with pytest.raises(ZeroDivisionError), Sandbox() as sandbox:
        raise ZeroDivisionError
    assert not sandbox.running


def test_constructor_returns_when_listening() -> None:
    for _ in range(10):
        with Sandbox() as sandbox:
            assert listens(sandbox.port)
            assert location(sandbox.url)


def test_default_binds_loopback_only() -> None:
    with Sandbox() as sandbox, socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        assert probe.connect_ex(("127.0.0.2", sandbox.port)) != 0


def test_repr_does_not_contain_the_port() -> None:
    with Sandbox() as sandbox:
        assert repr(sandbox) == "Sandbox(sandbox on this computer, running)"
        assert str(sandbox.port) not in repr(sandbox)
    assert repr(sandbox) == "Sandbox(sandbox on this computer, stopped)"


def test_thread_is_a_daemon(new_threads: Threads) -> None:
    with Sandbox():
        assert [thread.daemon for thread in new_threads()] == [True]


def test_two_sandboxes_run_in_parallel() -> None:
    with Sandbox() as one, Sandbox() as other:
        assert one.port != other.port
        assert location(one.url) != location(other.url)


def test_starts_inside_a_running_event_loop() -> None:
    async def cell() -> str:
        with Sandbox() as sandbox:
            return await asyncio.to_thread(location, sandbox.url)

    assert asyncio.run(cell())


def test_stop_with_incomplete_requests() -> None:
    sandbox = Sandbox()
    heads = [b"", b"POST /api", b"POST /api/v1/sessions HTTP/1.1\r\nContent-Length: 10\r\n\r\nab"]
    wires = [socket.create_connection(("127.0.0.1", sandbox.port), timeout=WAIT_S) for _ in heads]
    with requests.Session() as session:
        location(sandbox.url, session)  # this connection stays open
        for wire, head in zip(wires, heads, strict=True):
            wire.sendall(head)
        sandbox.stop()
        assert not listens(sandbox.port)
    for wire in wires:
        while wire.recv(4096):
            pass
        wire.close()


def test_stop_with_unread_responses(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    sandbox = Sandbox()
    with socket.socket() as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.connect(("127.0.0.1", sandbox.port))
        refused = b"POST /api/v1/sessions HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"
        wire.sendall(refused * 9_000)  # the responses exceed the buffers of the connection
        assert location(sandbox.url)
        sandbox.stop()
    assert not listens(sandbox.port)
    gc.collect()  # a task that was not awaited is reported when it is collected
    assert capfd.readouterr() == ("", "")
    assert caplog.messages == []


def test_stop_that_times_out_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    hold, held = threading.Event(), threading.Event()

    def slow() -> str:
        held.set()
        hold.wait(WAIT_S)
        return "ab" * 32

    monkeypatch.setattr(server, "_STOP_S", 0.01)
    sandbox = Sandbox(ids=slow)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(location, sandbox.url)
        assert held.wait(WAIT_S)
        with pytest.raises(SandboxError, match="still running"):
            sandbox.stop()
        assert sandbox.running
        hold.set()
    monkeypatch.setattr(server, "_STOP_S", WAIT_S)
    sandbox.stop()


# --- ports


def test_port_is_free_after_stop() -> None:
    with Sandbox() as sandbox:
        port = sandbox.port
        raw_responses(sandbox)  # leaves a connection in TIME_WAIT, which must not block the port
    for _ in range(3):
        with Sandbox(port=port) as again:
            assert again.port == port
            assert location(again.url)


def test_port_in_use_raises_with_next_step(new_threads: Threads) -> None:
    with Sandbox() as sandbox:
        with pytest.raises(SandboxError) as caught:
            Sandbox(port=sandbox.port)
        assert str(sandbox.port) in str(caught.value)
        assert "0 selects a free one" in str(caught.value)
        assert location(sandbox.url)
        assert len(new_threads()) == 1


def test_bound_but_not_listening_port_raises() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        with pytest.raises(SandboxError, match=str(port)):
            Sandbox(port=port)


def test_listen_reserves_the_port() -> None:
    with server._listen(0) as first, pytest.raises(SandboxError):
        server._listen(first.getsockname()[1])


def test_port_without_permission_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing(socket.socket):
        def bind(self, address: object) -> None:
            raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket, "socket", Refusing)
    with pytest.raises(SandboxError, match=r"Cannot listen on port 80: Permission denied\."):
        Sandbox(port=80)


@pytest.mark.parametrize("port", [-1, 65536, 10**20, True, "8765", 80.0, None])
def test_invalid_port_raises(port: int) -> None:
    with pytest.raises(UsageError, match="not a port"):
        Sandbox(port=port)


def test_failed_startup_raises(
    new_threads: Threads, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(server._Server, "startup", broken)
    with pytest.raises(SandboxError, match="did not start"):
        Sandbox()
    assert new_threads() == []
    assert [record.name for record in caplog.records] == ["mctoolkit.sandbox"]


# --- network


ADDRESS = server._lan_address()


def test_lan_binds_all_addresses_and_warns(capfd: pytest.CaptureFixture[str]) -> None:
    with Sandbox(lan=True) as sandbox, socket.socket() as probe:
        assert sandbox._server.servers[0].sockets[0].getsockname()[0] == "0.0.0.0"
        assert probe.connect_ex(("127.0.0.2", sandbox.port)) == (0 if sys.platform == "linux" else ANY)
        assert sandbox.url == f"http://127.0.0.1:{sandbox.port}"
        assert location(sandbox.url)
        out, err = capfd.readouterr()
    assert out == ""
    assert "Every device in the same network can now send" in err
    assert "allow_hosts=" in err
    assert str(sandbox.port) in err
    assert (sandbox.addresses[0] in err) == (ADDRESS is not None)


@pytest.mark.parametrize("found", ["192.168.1.5", None])
def test_lan_prints_the_address(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], found: str | None
) -> None:
    monkeypatch.setattr(server, "_lan_address", lambda: found)
    with Sandbox(lan=True) as sandbox:
        shown = f"http://{found}:{sandbox.port}" if found else sandbox.url
        assert sandbox.addresses == (shown,)
        err = capfd.readouterr().err
    expected = f"Enter this address in the player: {shown}." if found else f"with the port {sandbox.port}"
    assert expected in err


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have a single loopback address")
def test_lan_accepts_address_but_no_name() -> None:
    with Sandbox(lan=True) as sandbox:
        assert requests.get(f"http://127.0.0.9:{sandbox.port}/", timeout=WAIT_S).status_code == 200
        for host in ("127.0.0.8", "tv.local"):
            response = requests.get(f"http://127.0.0.9:{sandbox.port}/", headers={"Host": host}, timeout=WAIT_S)
            assert response.status_code == 421


def test_default_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with Sandbox() as sandbox:
        assert sandbox.addresses == (sandbox.url,)
    assert capfd.readouterr() == ("", "")


def test_lan_address_is_not_loopback() -> None:
    assert ADDRESS is None or not ADDRESS.startswith("127.")


def test_lan_address_without_network_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    class Unreachable(socket.socket):
        def connect(self, address: object) -> None:
            raise OSError(errno.ENETUNREACH, "Network is unreachable")

    monkeypatch.setattr(socket, "socket", Unreachable)
    assert server._lan_address() is None


@pytest.mark.parametrize("hosts", [["http://tv.local"], "tv local"])
def test_invalid_host_starts_no_sandbox(new_threads: Threads, hosts: list[str] | str) -> None:
    with pytest.raises(UsageError, match="not a valid host name"):
        Sandbox(allow_hosts=hosts)
    assert new_threads() == []


# --- time and ids


def test_ids_are_unique_over_threads() -> None:
    with Sandbox() as sandbox, ThreadPoolExecutor(16) as pool:
        locations = list(pool.map(lambda _: location(sandbox.url), range(200)))
    assert len(set(locations)) == 200
    assert all(re.fullmatch(r"/api/v1/sessions/[0-9a-f]{64}", found) for found in locations)


def raw_responses(sandbox: Sandbox) -> bytes:
    """Return the bytes of the responses to three requests."""
    head = b"POST /api/v1/sessions HTTP/1.1\r\nConnection: %s\r\nContent-Length: %d\r\n\r\n"
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=WAIT_S) as wire:
        for body, connection in ((BODY, b"keep-alive"), (b"{}", b"keep-alive"), (BODY, b"close")):
            wire.sendall(head % (connection, len(body)) + body)
        received = b""
        while piece := wire.recv(65536):
            received += piece
    return received


def test_same_clock_and_seed_give_same_bytes() -> None:
    responses = []
    for _ in range(2):
        with Sandbox(clock=ManualClock(), ids=seeded_ids(7)) as sandbox:
            responses.append(raw_responses(sandbox))
    assert responses[0] == responses[1]
    assert responses[0].count(b"201 Created") == 2
    assert b"Date: Mon, 23 Nov 2026 08:14:02 GMT" in responses[0]
    with Sandbox(clock=ManualClock(), ids=seeded_ids(8)) as sandbox:
        assert raw_responses(sandbox) != responses[0]


def test_date_header_uses_the_sandbox_clock() -> None:
    clock = ManualClock()
    with Sandbox(clock=clock) as sandbox:
        assert sandbox.clock is clock
        clock.advance(minutes=11)
        response = requests.get(sandbox.url, timeout=WAIT_S)
    assert response.headers["Date"] == "Mon, 23 Nov 2026 08:25:02 GMT"


@pytest.mark.parametrize("clock", [None, SystemClock()])
def test_system_clock_can_be_advanced(clock: SystemClock | None) -> None:
    with Sandbox(clock=clock) as sandbox:
        before = sandbox.clock.now_ms()
        sandbox.clock.advance(minutes=11)
        assert 0 <= sandbox.clock.now_ms() - before - 11 * 60_000 < WAIT_S * 1000
        response = requests.get(sandbox.url, timeout=WAIT_S)
        shown = parsedate_to_datetime(response.headers["Date"]).timestamp() * 1000
    assert shown - before > 10 * 60_000


def test_seed_variable_makes_it_reproducible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mctoolkit._core.clocks.SEED", "2026")
    responses = []
    for _ in range(2):
        with Sandbox() as sandbox:
            responses.append(raw_responses(sandbox))
    assert responses[0] == responses[1]
    assert responses[0].count(b"Date: Mon, 23 Nov 2026 08:14:02 GMT") == 3
    monkeypatch.setattr("mctoolkit._core.clocks.SEED", "")
    with Sandbox() as sandbox:
        assert isinstance(sandbox.clock, OffsetClock)
        assert raw_responses(sandbox) != responses[0]


# --- process


def run(script: str, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *options, "-c", script],
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        env={**os.environ, **environment},
        check=False,
    )


LEFT_RUNNING = f"""
import socket
from mctoolkit import Sandbox
sandbox = Sandbox()
for data in (b"garbage\\r\\n\\r\\n", b"POST / HTTP/1.1\\r\\nContent-Length: 9999\\r\\n\\r\\n{{"):
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout={WAIT_S}) as wire:
        wire.sendall(data)
wire = socket.create_connection(("127.0.0.1", sandbox.port), timeout={WAIT_S})
wire.sendall(b"GET / HTTP/1.1\\r\\n\\r\\n")
assert wire.recv(1000).startswith(b"HTTP/1.1 200 ")
wire.close()
"""


@pytest.mark.parametrize("options", [(), ("-X", "dev", "-W", "error")])
def test_process_exit_without_stop_is_silent(options: tuple[str, ...]) -> None:
    done = run(LEFT_RUNNING, *options)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_no_log_handlers_are_added() -> None:
    with Sandbox() as sandbox:
        location(sandbox.url)
    assert [logging.getLogger(name).handlers for name in ("uvicorn", "uvicorn.access", "mctoolkit")] == [[], [], []]


def test_user_log_gets_no_server_messages() -> None:
    done = run("import logging; logging.basicConfig(level=logging.INFO)\n" + LEFT_RUNNING + "sandbox.stop()")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


FORKED = f"""
import os, sys, urllib.request
from mctoolkit import Sandbox
sandbox = Sandbox()
child = os.fork()
if child == 0:
    assert not sandbox.running
    sandbox.stop()
    sys.exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
assert urllib.request.urlopen(sandbox.url, timeout={WAIT_S}).status == 200
sandbox.stop()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_fork_does_not_affect_the_parent() -> None:
    done = run(FORKED, "-W", "ignore")
    assert (done.returncode, done.stderr) == (0, "")


# --- serve


@contextmanager
def serving(port: int = 0, **environment: str) -> Iterator[subprocess.Popen[str]]:
    script = (
        "from mctoolkit.sandbox.config import SandboxConfig; from mctoolkit.sandbox.command import serve; "
        f"raise SystemExit(serve(SandboxConfig(port={port})))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "", **environment},  # so that serve must flush the output
    )
    guard = threading.Timer(WAIT_S, process.kill)
    guard.start()
    try:
        with process:
            yield process
            process.kill()
    finally:
        guard.cancel()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends signals in another way")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("language", ["en", "nl", "zz"])
def test_serve_prints_url_and_stops_on_signal(number: int, language: str) -> None:
    with serving(MCTOOLKIT_LANGUAGE=language) as process:
        line = first_line(process)
        found = re.fullmatch(r"Sandbox listening on (http://127\.0\.0\.1:\d+)\n", line)
        assert found
        assert location(found[1])
        process.send_signal(number)
        out, err = process.communicate()
        assert process.returncode == 0
        assert out == ""
        assert "Ctrl+C" in err
        assert "Traceback" not in err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends signals in another way")
def test_serve_stops_on_repeated_signals() -> None:
    with serving() as process:
        first_line(process)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT):
            process.send_signal(number)
        process.communicate()
        assert process.returncode == 0


def test_serve_with_port_in_use_returns_2(capfd: pytest.CaptureFixture[str]) -> None:
    with Sandbox() as sandbox:
        assert serve(SandboxConfig(port=sandbox.port)) == 2
        out, err = capfd.readouterr()
        assert out == ""
        assert str(sandbox.port) in err
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        with serving(sandbox.port) as process:
            assert process.communicate() == ("", err)
            assert process.returncode == 2


def test_serve_restores_signal_handlers(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    timer = threading.Timer(0.5, signal.raise_signal, [signal.SIGTERM])
    timer.start()
    assert serve(SandboxConfig()) == 0
    timer.join()
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
    assert capfd.readouterr().out.startswith("Sandbox listening on http://127.0.0.1:")


def test_serve_returns_1_when_server_ends(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    async def brief(_: object) -> None:
        pass

    monkeypatch.setattr(server._Server, "main_loop", brief)
    assert serve(SandboxConfig()) == 1
    assert "ended unexpectedly" in capfd.readouterr().err
