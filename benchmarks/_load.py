"""Send requests as fast as a server responds, over many connections: ``python -m benchmarks._load URL KIND ...``.

It is a separate process, so that it does not share an interpreter with the server. Each connection sends its next
request after the response to the previous one. The result is printed as a JSON object.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from typing import Any, cast
from urllib.parse import urlsplit

from mctoolkit._core import json_io
from mctoolkit.simulation.presets import preset

try:
    import uvloop

    _run: Any = uvloop.run
except ImportError:  # Windows
    _run = asyncio.run

TS = 1_795_421_642_000
SID = b"0" * 64


class _Connection(asyncio.Protocol):
    """One connection: repeats a start and its events."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._left = b""
        self._sent = 0
        self._sent_at = 0.0
        self._path = SID
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop has its own classes
        self._next()

    def _next(self) -> None:
        if self._transport is None or self._run.over:
            return
        starting = self._run.starts_at(self._sent)
        request = self._run.start if starting else self._run.event.replace(SID, self._path, 1)
        self._sent += 1
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._left += data
        head, found, body = self._left.partition(b"\r\n\r\n")
        if not found:
            return
        lower = head.lower()
        at = lower.find(b"content-length:")
        length = int(lower[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if b"transfer-encoding: chunked" in lower:
            if not body.endswith(b"0\r\n\r\n"):
                return
        elif len(body) < length:
            return
        self._left = b""
        status = head[9:12]
        self._run.record(status, time.perf_counter() - self._sent_at)
        at = lower.find(b"location: /api/v1/sessions/")
        if at >= 0:
            self._path = head[at + 27 :].split(b"\r\n", 1)[0]
        self._next()

    def connection_lost(self, _: Exception | None) -> None:
        if not self._run.over:
            self._run.lost += 1


class _Run:
    """The requests and the counters that all connections share."""

    def __init__(self, host: str, kind: str) -> None:
        start = json_io.write(preset("minimal", TS).value)
        ping = json_io.write({"playerTime": {"playhead": 10, "ts": TS}, "eventType": "ping"})
        self.start = _request(host, b"/api/v1/sessions", start)
        self.event = _request(host, b"/api/v1/sessions/" + SID + b"/events", ping)
        self._every = {"sessions": 1, "events": 0, "mix": 10}[kind]
        self.over = False
        self.lost = 0
        self.counting = False
        self.times: list[float] = []
        self.statuses: dict[str, int] = {}

    def starts_at(self, number: int) -> bool:
        return number == 0 or (self._every > 0 and number % self._every == 0)

    def record(self, status: bytes, took_s: float) -> None:
        if self.counting:
            self.times.append(took_s)
            name = status.decode()
            self.statuses[name] = self.statuses.get(name, 0) + 1


def _request(host: str, path: bytes, body: bytes) -> bytes:
    head = b"POST %b HTTP/1.1\r\nHost: %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % (path, host.encode(), len(body)) + body


async def _load(url: str, kind: str, connections: int, seconds: float, requests: int) -> dict[str, object]:
    parts = urlsplit(url)
    run = _Run(parts.netloc, kind)
    loop = asyncio.get_running_loop()
    connected = [
        (await loop.create_connection(lambda: _Connection(run), parts.hostname or "", parts.port or 80))[0]
        for _ in range(connections)
    ]
    if not requests:
        await asyncio.sleep(seconds / 4)
    run.counting = True
    start = time.perf_counter()
    while (requests and len(run.times) < requests) or (not requests and time.perf_counter() - start < seconds):
        await asyncio.sleep(0.005)
    took_s = time.perf_counter() - start
    run.over = True
    for transport in connected:
        transport.abort()
    marks = statistics.quantiles(run.times, n=100) if len(run.times) > 1 else [0.0] * 99
    return {
        "per_s": len(run.times) / took_s,
        "p50_us": marks[49] * 1e6,
        "p99_us": marks[98] * 1e6,
        "statuses": run.statuses,
        "lost": run.lost,
    }


def main(arguments: list[str]) -> None:
    """Run with the arguments URL, sessions | events | mix, connections, seconds, and requests instead of seconds."""
    url, kind, connections, seconds, *more = arguments
    work = _load(url, kind, int(connections), float(seconds), int(more[0]) if more else 0)
    print(json.dumps(_run(work)))


if __name__ == "__main__":
    main(sys.argv[1:])
