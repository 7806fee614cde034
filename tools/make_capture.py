"""Write the example capture of the notebooks: ``python -m tools.make_capture``.

It is a HAR file as Chrome writes it, of a page with a player: 214 requests, 31 of them to the API, in two sessions. All
hosts and identifiers are invented. The first session has deliberate errors: ``play`` is sent before the pre-roll ad,
two events have the same time stamp, and the ad has a ping every ten seconds instead of every second. The second session
is correct.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mctoolkit import seeded_ids
from mctoolkit._core import clocks
from mctoolkit.models.draft import Draft

CAPTURE = Path(__file__).parents[1] / "notebooks" / "captures" / "example-player.har"
SEED = 2026
REQUESTS = 214
HOST = "https://company.hb-api.omtrdc.net"
FIRST_MS = round(datetime(2026, 11, 23, 8, 2, 11, 312_000, tzinfo=UTC).timestamp() * 1000)
SECOND_MS = FIRST_MS + 209_000
AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)

AD_BREAK = {"media.ad.podFriendlyName": "pre-roll", "media.ad.podIndex": 1, "media.ad.podSecond": 0}
AD = {
    "media.ad.podPosition": 1,
    "media.ad.id": "demo-ad-1",
    "media.ad.length": 15,
    "media.ad.playerName": "demo-html5",
    "media.ad.name": "A demo ad",
    "media.ad.advertiser": "demo-advertiser",
}
GOOD = {"media.qoe.bitrate": 2_400_000, "media.qoe.droppedFrames": 2}
POOR = {"media.qoe.bitrate": 1_200_000, "media.qoe.droppedFrames": 9}
BETTER = {"media.qoe.bitrate": 2_400_000, "media.qoe.droppedFrames": 11}

Step = tuple[float, str, float, dict[str, Any]]
"""Seconds since the start of the session, event type, playhead, other members."""

FIRST: list[Step] = [
    (0.528, "play", 0, {}),
    (0.593, "adBreakStart", 0, {"params": AD_BREAK}),
    (0.593, "adStart", 0, {"params": AD}),
    (10.593, "ping", 0, {}),
    (15.601, "adComplete", 0, {}),
    (15.604, "adBreakComplete", 0, {}),
    (15.731, "play", 0, {}),
    (25.731, "ping", 10.0, {"qoeData": GOOD}),
    (35.732, "ping", 20.0, {"qoeData": GOOD}),
    (45.731, "ping", 30.0, {"qoeData": GOOD}),
    (51.206, "pauseStart", 35.475, {}),
    (61.207, "ping", 35.475, {}),
    (66.914, "play", 35.475, {}),
    (76.914, "ping", 45.475, {"qoeData": GOOD}),
    (86.915, "ping", 55.476, {"qoeData": GOOD}),
    (93.402, "bufferStart", 61.963, {"qoeData": GOOD}),
    (95.118, "play", 61.963, {"qoeData": POOR}),
    (95.244, "bitrateChange", 62.089, {"qoeData": POOR}),
    (105.118, "ping", 71.963, {"qoeData": POOR}),
    (115.119, "ping", 81.964, {"qoeData": POOR}),
    (120.377, "bitrateChange", 87.222, {"qoeData": BETTER}),
    (125.118, "ping", 91.963, {"qoeData": BETTER}),
    (134.006, "sessionEnd", 100.851, {}),
]
SECOND: list[Step] = [
    (0.341, "play", 0, {}),
    (10.341, "ping", 10.0, {"qoeData": GOOD}),
    (20.342, "ping", 20.0, {"qoeData": GOOD}),
    (30.341, "ping", 30.0, {"qoeData": GOOD}),
    (40.342, "ping", 40.0, {"qoeData": GOOD}),
    (41.227, "sessionEnd", 40.885, {}),
]


def capture() -> dict[str, Any]:
    """Return the HAR."""
    ids = seeded_ids("example player")
    entries = [
        *_session(FIRST_MS, ids(), FIRST, {"media.name": "The first episode"}),
        *_session(SECOND_MS, ids(), SECOND, {"media.id": "demo-episode-2", "media.name": "The second episode"}),
    ]
    entries += list(_page())
    entries += list(_segments(REQUESTS - len(entries)))
    entries.sort(key=lambda entry: entry[0])
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "mctoolkit tools.make_capture, in the manner of Chrome DevTools", "version": "1"},
            "pages": [
                {
                    "startedDateTime": _written(FIRST_MS - 1400),
                    "id": "page_1",
                    "title": "https://www.example.com/watch/demo-episode-1",
                    "pageTimings": {"onContentLoad": 412.7, "onLoad": 903.1},
                }
            ],
            "entries": [entry for _, entry in entries],
        }
    }


def _session(start_ms: int, session_id: str, steps: list[Step], params: dict[str, Any]) -> Iterator[tuple[int, Any]]:
    draft = Draft(now_ms=start_ms)
    for key, value in {"media.length": 612.4, "media.streamType": "video", **params}.items():
        draft.set(key, value)
    location = ("location", f"/api/v1/sessions/{session_id}")
    preflight = ("access-control-allow-methods", "OPTIONS,POST,PUT")
    yield start_ms - 40, _entry(start_ms - 40, 31, "OPTIONS", f"{HOST}/api/v1/sessions", 204, [preflight])
    yield (
        start_ms,
        _entry(start_ms, 86, "POST", f"{HOST}/api/v1/sessions", 201, [location], draft.event.to_text().encode()),
    )
    url = f"{HOST}/api/v1/sessions/{session_id}/events"
    for number, (after_s, kind, playhead, members) in enumerate(steps):
        ts = start_ms + round(after_s * 1000)
        body = {"playerTime": {"playhead": playhead, "ts": ts}, "eventType": kind, **members}
        at_ms = ts + (
            number > 0 and steps[number - 1][0] == after_s
        )  # the clock of the player did not move, that of Chrome did
        yield at_ms, _entry(at_ms, 24 + number % 9, "POST", url, 204, [], json.dumps(body).encode())


def _page() -> Iterator[tuple[int, Any]]:
    files = [
        ("https://www.example.com/watch/demo-episode-1", "text/html"),
        ("https://www.example.com/static/site.css", "text/css"),
        ("https://www.example.com/static/player.js", "text/javascript"),
        ("https://www.example.com/static/app.js", "text/javascript"),
        ("https://img.example.com/poster/demo-episode-1.jpg", "image/jpeg"),
        ("https://img.example.com/logo.svg", "image/svg+xml"),
        ("https://www.example.com/api/v1/sessions", "application/json"),  # a login with the same path as the API
        ("https://cdn.example.com/demo-episode-1/main.m3u8", "application/vnd.apple.mpegurl"),
        ("https://cdn.example.com/demo-ad-1/main.m3u8", "application/vnd.apple.mpegurl"),
    ]
    for number, (url, kind) in enumerate(files):
        at_ms = FIRST_MS - 1400 + 130 * number
        yield at_ms, _entry(at_ms, 18 + 7 * number, "GET", url, 200, [], kind=kind)


def _segments(count: int) -> Iterator[tuple[int, Any]]:
    chance = random.Random(SEED)  # noqa: S311  must be reproducible
    spans = [(FIRST_MS + 700, FIRST_MS + 133_000, 1), (SECOND_MS + 400, SECOND_MS + 41_000, 2)]
    first = round(count * 0.75)
    moments = [
        (chance.randint(begin, end), part)
        for begin, end, part in spans
        for _ in range(first if part == 1 else count - first)
    ]
    for number, (at_ms, part) in enumerate(sorted(moments)):
        folder = f"https://cdn.example.com/demo-episode-{part}"
        if number % 6 == 0:
            url, kind = f"https://img.example.com/thumb/demo-episode-{part}/{number}.jpg", "image/jpeg"
        elif number % 11 == 0:
            url, kind = f"{folder}/2400k.m3u8", "application/vnd.apple.mpegurl"
        else:
            url, kind = f"{folder}/2400k/{number}.ts", "video/mp2t"
        yield at_ms, _entry(at_ms, chance.randint(9, 160), "GET", url, 200, [], kind=kind)


def _entry(
    at_ms: int,
    took_ms: int,
    method: str,
    url: str,
    status: int,
    headers: list[tuple[str, str]],
    body: bytes | None = None,
    kind: str = "",
) -> dict[str, Any]:
    request: dict[str, Any] = {
        "method": method,
        "url": url,
        "httpVersion": "h2",
        "headers": [{"name": "user-agent", "value": AGENT}],
        "queryString": [],
        "cookies": [],
        "headersSize": -1,
        "bodySize": 0 if body is None else len(body),
    }
    if body is not None:
        request["headers"].append({"name": "content-type", "value": "application/json"})
        request["postData"] = {"mimeType": "application/json", "text": body.decode()}
    response = {
        "status": status,
        "statusText": "",
        "httpVersion": "h2",
        "headers": [{"name": name, "value": value} for name, value in headers],
        "cookies": [],
        "content": {"size": 0, "mimeType": kind or "x-unknown"},
        "redirectURL": dict(headers).get("location", ""),
        "headersSize": -1,
        "bodySize": 0,
    }
    return {
        "startedDateTime": _written(at_ms),
        "time": took_ms,
        "request": request,
        "response": response,
        "cache": {},
        "timings": {"send": 0, "wait": took_ms, "receive": 0},
        "pageref": "page_1",
    }


def _written(at_ms: int) -> str:
    return clocks.utc(at_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def to_bytes() -> bytes:
    """Return the file, with one entry per line for readable diffs."""
    log = capture()["log"]
    entries = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in log.pop("entries"))
    head = json.dumps({"log": log}, ensure_ascii=False)
    return f'{head[:-2]}, "entries": [\n{entries}\n]}}}}\n'.encode()


def main() -> None:
    """Write the capture."""
    CAPTURE.parent.mkdir(exist_ok=True)
    CAPTURE.write_bytes(to_bytes())


if __name__ == "__main__":
    main()
