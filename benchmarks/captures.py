"""Read captures, compared with JSON parsers: a log with orjson for each line, a HAR with json.load.

The log has sessions with a sessionStart and 249 other events, as bare bodies or as lines with URL and status. One of
seven requests in the HAR goes to the API; the others have base64 video of 40 KB on average. A HAR of 1 GB is read in a
separate process, and the row shows its peak memory, compared with json.load of a tenth of it.
"""

from __future__ import annotations

import base64
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from benchmarks import Goal, Row, in_turns
from mctoolkit import example, seeded_ids
from mctoolkit.captures import read_requests

SESSIONS, EVENTS = 80, 250
MB = 10**6
HAR_MB, LARGE_MB, MOST_MB = 100, 1000, 150
ROUNDS = 9
START_MS = 1_795_421_642_000
BASE = "https://company.hb-api.omtrdc.net/api/v1/sessions"

_MEASURED = """
import sys
{work}
print(*[line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")])
"""
_OURS = "from mctoolkit.captures import read_requests\nfor request in read_requests(sys.argv[1]): pass"
_PEER = "import json\njson.load(open(sys.argv[1]))"


def rows() -> Iterator[Row]:
    """Yield the rows."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for what, with_urls in (("bare bodies", False), ("lines with URL and status", True)):
            log = folder / "log.ndjson"
            log.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in _lines(with_urls=with_urls)))
            row = in_turns(
                f"a log of {SESSIONS * EVENTS:,} {what}",
                partial(_pass, log),
                "orjson.loads for each line",
                partial(_bare_lines, log),
                rounds=ROUNDS,
            )
            yield row
            rate = SESSIONS * EVENTS / min(_cpu_s(log) for _ in range(ROUNDS))
            ratio = rate / 100_000
            yield Row(
                f"... events per second on one core, {what}",
                "goal",
                rate,
                1e5,
                ratio,
                ratio,
                ratio,
                Goal(1, at_least=True),
                " ",
            )
        har = folder / "capture.har"
        _write_har(har, HAR_MB)
        yield in_turns(
            f"a HAR of {HAR_MB} MB", partial(_pass, har), "json.load", partial(_bare_document, har), rounds=ROUNDS
        )
        if sys.platform == "linux":  # VmHWM, the peak memory, exists only there
            peer = _memory_mb(_PEER, har)
            _write_har(har, LARGE_MB)
            ours = _memory_mb(_OURS, har)
            ratio = ours / MOST_MB
            yield Row(f"memory for a HAR of {LARGE_MB} MB", "goal", ours, MOST_MB, ratio, ratio, ratio, Goal(1), "MB")
            ratio = ours / peer
            yield Row("... the same", f"json.load of {HAR_MB} MB", ours, peer, ratio, ratio, ratio, None, "MB")


def _pass(path: Path) -> None:
    deque(read_requests(path), maxlen=0)


def _cpu_s(path: Path) -> float:
    """Return the CPU seconds of a pass."""
    start = time.process_time()
    _pass(path)
    return time.process_time() - start


def _bare_lines(path: Path) -> None:
    with path.open("rb") as file:
        for line in file:
            orjson.loads(line)


def _bare_document(path: Path) -> None:
    with path.open(encoding="utf-8") as file:
        json.load(file)


def _memory_mb(work: str, path: Path) -> float:
    code = _MEASURED.format(work=work)
    found = subprocess.run([sys.executable, "-c", code, path], check=True, capture_output=True)  # noqa: S603
    return int(found.stdout) / 1024


def _lines(*, with_urls: bool) -> Iterator[dict[str, Any]]:
    ids = seeded_ids("benchmark")
    for session in range(SESSIONS):
        session_id = ids()
        for number in range(EVENTS):
            at_ms = START_MS + session * 60_000 + number * 10_000
            if number:
                kind = "play" if number == 1 else "ping"
                body: Any = {"playerTime": {"playhead": number * 10.0, "ts": at_ms}, "eventType": kind}
            else:
                body = example("sessionStart", now_ms=at_ms).value
            if with_urls:
                url = f"{BASE}/{session_id}/events" if number else BASE
                line = {"at": at_ms, "url": url, "status": 204 if number else 201, "elapsed_ms": 21, "body": body}
                yield line if number else {**line, "session": session_id}
            else:
                yield body


def _write_har(path: Path, megabytes: int) -> None:
    chance = random.Random(2026)  # noqa: S311  must be reproducible
    session_id = seeded_ids("benchmark")()
    video = base64.b64encode(chance.randbytes(120_000)).decode()
    headers = [{"name": f"x-header-{number}", "value": "v" * 5 * number} for number in range(12)]
    written = number = 0
    with path.open("w", encoding="utf-8") as file:
        file.write('{"log": {"version": "1.2", "pages": [], "entries": [\n')
        while written < megabytes * MB:
            entry: dict[str, Any] = {
                "startedDateTime": "2026-11-23T09:02:11.840Z",
                "time": 12.3,
                "request": {"method": "GET", "url": f"https://cdn.example.com/{number}.ts", "headers": headers},
                "response": {
                    "status": 200,
                    "headers": headers,
                    "content": {"text": video[: chance.randint(0, 80_000)], "encoding": "base64"},
                },
            }
            if number % 7 == 0:
                body = {"playerTime": {"playhead": number, "ts": START_MS + number * 1000}, "eventType": "ping"}
                entry["request"] |= {
                    "method": "POST",
                    "url": f"{BASE}/{session_id}/events",
                    "postData": {"mimeType": "application/json", "text": json.dumps(body)},
                }
                entry["response"] = {"status": 204, "headers": headers, "content": {"size": 0}}
            written += file.write((",\n" if number else "") + json.dumps(entry))
            number += 1
        file.write("]}}")
