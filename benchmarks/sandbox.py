"""The sandbox under load, compared with Prism, a Starlette server that only validates, and nginx.

Each server and the load generator are separate processes; the servers take turns. The sandbox runs with all features:
validation, session state, host check, limits, request log. The Starlette server has the same server, event loop,
parser and schemas. nginx sends a constant response and shows the limit of the load generator. Prism mocks the OpenAPI
document of mctoolkit; it is installed with npm if npm exists. A peer that is missing is skipped with a message.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from benchmarks import Goal, Row

KINDS = ("sessions", "events", "mix")
CONNECTIONS = (1, 32, 256)
SECONDS = 1.0
ROUNDS = 3
FEW, MANY = 100, 100_000
KEPT = 10_000
"""The exchanges that the sandbox keeps in memory, which do not count as memory of a session."""

PRISM = "@stoplight/prism-cli@5"
_Figure = Callable[[dict[str, float]], float]
GOALS = {"Prism": Goal(5, at_least=True), "bare Starlette": Goal(0.6, at_least=True)}


def rows() -> Iterator[Row]:
    """Yield the rows."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        _, ours = stack.enter_context(_sandbox())
        peers = {"bare Starlette": stack.enter_context(_server([sys.executable, "-m", "benchmarks._bare"]))[1]}
        for name, command in (("Prism", _prism(folder)), ("nginx, a constant", _nginx(folder))):
            if command is None:
                print(f"\nNo {name} found: skipped.", file=sys.stderr)
            else:
                peers[name] = stack.enter_context(_server(*command))[1]
        for kind in KINDS:
            for connections in CONNECTIONS:
                yield from _compare(kind, connections, ours, peers)
    yield from _growth()


def _compare(kind: str, connections: int, ours: str, peers: dict[str, str]) -> Iterator[Row]:
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in ("", *peers)}
    for _ in range(ROUNDS):
        for name, url in {"": ours, **peers}.items():
            runs[name].append(_load(url, kind, connections, SECONDS))
    what = f"{kind}, {connections} connection{'s' if connections > 1 else ''}"
    for name in peers:
        yield _row(f"{what}: per request", name, runs, lambda run: 1e6 / run["per_s"], GOALS.get(name))
    for mark in ("p50", "p99"):
        name = "bare Starlette"
        yield _row(f"{what}: {mark}", name, runs, lambda run, mark=mark: run[f"{mark}_us"], None)  # type: ignore[misc]


def _row(what: str, peer: str, runs: dict[str, list[dict[str, float]]], of: _Figure, goal: Goal | None) -> Row:
    ours, theirs = [of(run) for run in runs[""]], [of(run) for run in runs[peer]]
    faster = goal is not None and goal.at_least
    ratios = sorted(t / o if faster else o / t for o, t in zip(ours, theirs, strict=True))
    middle = statistics.median(ratios)
    return Row(what, peer, statistics.median(ours), statistics.median(theirs), middle, ratios[0], ratios[-1], goal)


def _growth() -> Iterator[Row]:
    """Measure the cost of open sessions: the time of an event with few and many of them, and bytes for each."""
    with _sandbox() as (process, url):
        _load(url, "sessions", 1, 0, FEW)
        few = [_load(url, "events", 32, SECONDS) for _ in range(ROUNDS)]
        _load(url, "sessions", 32, 0, 2 * KEPT)
        before = process.memory_info().rss
        _load(url, "sessions", 32, 0, MANY)
        per_session = (process.memory_info().rss - before) / MANY
        many = [_load(url, "events", 32, SECONDS) for _ in range(ROUNDS)]
    runs = {"": many, "few": few}
    yield _row(
        f"an event with {MANY:,} open sessions",
        "few",
        {**runs, f"among {FEW}": few},
        lambda run: 1e6 / run["per_s"],
        Goal(1.2),
    )
    ratio = per_session / 2048
    yield Row("memory of an open session", "2 KiB", per_session, 2048, ratio, ratio, ratio, Goal(1), "bytes")


def _load(url: str, kind: str, connections: int, seconds: float, requests: int = 0) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks._load", url, kind, str(connections), str(seconds), str(requests)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)  # noqa: S603
    found: dict[str, float] = json.loads(done.stdout)
    return found


@contextlib.contextmanager
def _sandbox() -> Iterator[tuple[psutil.Process, str]]:
    with _server([sys.executable, "-m", "mctoolkit", "sandbox", "--port", "0"]) as found:
        yield found


@contextlib.contextmanager
def _server(command: list[str], url: str = "") -> Iterator[tuple[psutil.Process, str]]:
    """Run a server; its address is ``url``, or the first one in its output."""
    environment = {**os.environ, "MCTOOLKIT_JOURNAL": "off"}
    environment.pop("MCTOOLKIT_SEED", None)
    with subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as process:
        try:
            for line in process.stdout or ():
                found = re.search(r"http://127\.0\.0\.1:\d+", line)
                if found or url:
                    yield psutil.Process(process.pid), found[0] if found else url
                    break
            else:
                raise RuntimeError(f"{command[0]} did not start")
        finally:
            process.terminate()


def _prism(folder: Path) -> tuple[list[str]] | None:
    """Install Prism and write the OpenAPI document; return its command, or None without npm."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), PRISM]
    if subprocess.run(command, capture_output=True, check=False, timeout=600).returncode:  # noqa: S603
        return None
    written = subprocess.run(
        [sys.executable, "-m", "mctoolkit", "openapi"], check=True, capture_output=True, text=True, timeout=60
    )
    document = folder / "api.json"
    document.write_text(written.stdout, encoding="utf-8")
    program = folder / "node_modules" / ".bin" / "prism"
    return ([str(program), "mock", "-h", "127.0.0.1", "-p", str(_free_port()), "-m", "false", str(document)],)


def _nginx(folder: Path) -> tuple[list[str], str] | None:
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        return None
    port = _free_port()
    (folder / "nginx.conf").write_text(
        f"daemon off; worker_processes 1; pid {folder}/pid; error_log /dev/null;\n"
        "events { worker_connections 1024; }\n"
        "http { access_log off; keepalive_requests 1000000000;\n"
        f" client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};\n"
        f" uwsgi_temp_path {folder}; scgi_temp_path {folder};\n"
        f" server {{ listen 127.0.0.1:{port};\n"
        '  location / { add_header Location "/api/v1/sessions/' + "0" * 64 + '" always; return 201; } } }\n',
        encoding="utf-8",
    )
    script = f'echo up; exec "{program}" -c "{folder}/nginx.conf" -p "{folder}"'
    return ["/bin/sh", "-c", script], f"http://127.0.0.1:{port}"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port
