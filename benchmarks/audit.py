"""Audit a log, compared with parsing and validating the same lines with orjson and jsonschema-rs.

The sessions have 100 events: an ad with a ping per second, a chapter, a pause, a player state, quality on some pings.
The log contains bare bodies, session after session, or lines with URL and status, of hundreds of sessions at the same
time. One session in ten has an error. mctoolkit reads and validates each body, puts the events in order and audits
each session; the peer parses each line and validates it. A million events are audited in a separate process, and the
row shows its peak memory.
"""

from __future__ import annotations

import heapq
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson

from benchmarks import Goal, Row, in_turns
from mctoolkit import audit, example, seeded_ids
from mctoolkit.spec import catalog, schemas

SESSIONS, EVENTS = 300, 100
MILLION, MOST_MB, LEAST_A_SECOND = 10_000, 500, 100_000
ROUNDS = 7
START_MS = 1_795_421_642_000
BASE = "https://company.hb-api.omtrdc.net/api/v1/sessions"

_MEASURED = """
import sys
from mctoolkit import audit
found = audit(sys.argv[1])
assert sum(session.events for session in found.sessions) == int(sys.argv[2])
print(*[line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")])
"""


def rows() -> Iterator[Row]:
    """Yield the rows."""
    with tempfile.TemporaryDirectory() as name:
        log = Path(name) / "log.ndjson"
        for what, lines in (("bare bodies", _bare(SESSIONS)), ("lines with URL and status", _with_urls(SESSIONS))):
            _write(log, lines)
            count = SESSIONS * EVENTS
            yield in_turns(
                f"{count:,} events audited, {what}",
                partial(audit, log),
                "orjson, jsonschema-rs",
                partial(_parse_and_check, log),
                rounds=ROUNDS,
            )
            rate = count / min(_cpu_s(log) for _ in range(ROUNDS))
            ratio = rate / LEAST_A_SECOND
            goal = Goal(1, at_least=True)
            yield Row(f"... events per second on one core, {what}", "goal", rate, 1e5, ratio, ratio, ratio, goal, " ")
        if sys.platform == "linux":  # VmHWM, the peak memory, exists only there
            _write(log, _with_urls(MILLION))
            taken = subprocess.run(  # noqa: S603
                [sys.executable, "-c", _MEASURED, log, str(MILLION * EVENTS)], check=True, capture_output=True
            )
            ours = int(taken.stdout) / 1024
            ratio = ours / MOST_MB
            yield Row(
                f"memory for {MILLION * EVENTS:,} events", "goal", ours, MOST_MB, ratio, ratio, ratio, Goal(1), "MB"
            )


def _cpu_s(path: Path) -> float:
    """Return the CPU seconds of an audit."""
    start = time.process_time()
    audit(path)
    return time.process_time() - start


def _parse_and_check(path: Path) -> int:
    checks = {name: jsonschema_rs.Draft4Validator(schemas.schema(name)) for name in catalog.event_types()}
    wrong = 0
    with path.open("rb") as file:
        for line in file:
            value = orjson.loads(line)
            body = value.get("body", value)
            wrong += not checks[body["eventType"]].is_valid(body)
    return wrong


def _write(path: Path, lines: Iterable[Any]) -> None:
    with path.open("wb") as file:
        file.writelines(orjson.dumps(line) + b"\n" for line in lines)


def _bare(sessions: int) -> Iterator[dict[str, Any]]:
    for number in range(sessions):
        for _, body in _session(number, START_MS + number * 900_000):
            yield body


def _with_urls(sessions: int) -> Iterator[dict[str, Any]]:
    """Yield the lines of parallel sessions in order of time."""
    ids = seeded_ids("benchmark")
    streams = [_lines(number, START_MS + number * 1_800, ids()) for number in range(sessions)]
    for _, _, line in heapq.merge(*streams):
        yield line


def _lines(number: int, start_ms: int, session_id: str) -> Iterator[tuple[int, int, dict[str, Any]]]:
    for at_ms, body in _session(number, start_ms):
        starts = body["eventType"] == "sessionStart"
        line = {"at": at_ms, "url": BASE if starts else f"{BASE}/{session_id}/events", "elapsed_ms": 21, "body": body}
        line |= {"status": 201, "session": session_id} if starts else {"status": 204}
        yield at_ms, number, line


def _session(number: int, start_ms: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the events of a session of 800 s; in one of ten the ad is not closed."""

    def event(at_ms: int, kind: str, playhead: float, **members: Any) -> tuple[int, dict[str, Any]]:
        time_ = {"playhead": playhead, "ts": start_ms + at_ms}
        return start_ms + at_ms, {"playerTime": time_, "eventType": kind, **members}

    start: dict[str, Any] = example("sessionStart", now_ms=start_ms).value
    params = start["params"] | {"media.length": 1800, "analytics.visitorId": f"viewer-{number}"}
    yield event(0, "sessionStart", 0, params=params)
    yield event(100, "adBreakStart", 0, params={"media.ad.podIndex": 0, "media.ad.podSecond": 0})
    ad = {"media.ad.id": "1", "media.ad.length": 12, "media.ad.podPosition": 1, "media.ad.playerName": "player"}
    yield event(200, "adStart", 0, params=ad)
    for second in range(1, 12):
        yield event(200 + second * 1000, "ping", 0)
    yield event(12_200, "ping" if number % 10 == 3 else "adComplete", 0)
    yield event(12_300, "adBreakComplete", 0)
    yield event(12_400, "play", 0)
    yield event(12_500, "stateStart", 0, params={"media.state.name": "fullScreen"})
    chapter = {"media.chapter.index": 1, "media.chapter.offset": 0, "media.chapter.length": 790}
    yield event(12_600, "chapterStart", 0, params=chapter)
    for ten in range(1, 77):
        quality = {"media.qoe.bitrate": 3_000_000, "media.qoe.droppedFrames": ten} if ten % 6 == 0 else {}
        yield event(12_400 + ten * 10_000, "ping", ten * 10, **({"qoeData": quality} if quality else {}))
    yield event(774_000, "stateEnd", 761.6, params={"media.state.name": "fullScreen"})
    yield event(775_000, "pauseStart", 762.6)
    yield event(778_000, "play", 762.6)
    yield event(800_000 - 12_000, "chapterSkip", 772.6)
    yield event(800_000 - 11_900, "sessionEnd", 772.7)
