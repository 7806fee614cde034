"""A player for tests: sends requests over one connection and reads the responses exactly."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from mctoolkit.sandbox import Sandbox

SESSIONS = "/api/v1/sessions"
DOWNLOADED = "/api/v1/downloaded"

PARAMS: dict[str, Any] = {
    "analytics.reportSuite": "suite",
    "analytics.trackingServer": "company.sc.omtrdc.net",
    "media.channel": "channel",
    "media.contentType": "VOD",
    "media.id": "id",
    "media.length": 60.39,
    "media.playerName": "player",
    "visitor.marketingCloudOrgId": "0123456789ABCDEF01234567@AdobeOrg",
}

REQUIRED: dict[str, dict[str, Any]] = {
    "adBreakStart": {"media.ad.podIndex": 0, "media.ad.podSecond": 0},
    "adStart": {"media.ad.id": "1", "media.ad.length": 15, "media.ad.podPosition": 1, "media.ad.playerName": "p"},
    "chapterStart": {"media.chapter.index": 1, "media.chapter.offset": 0, "media.chapter.length": 20},
    "stateStart": {"media.state.name": "mute"},
    "stateEnd": {"media.state.name": "mute"},
    "statesUpdate": {"statesStart": [{"media.state.name": "mute"}]},
}


def event(kind: str = "play", playhead: float = 0, ts: int = 1_509_045_324_153, **members: Any) -> dict[str, Any]:
    """Return a valid event, with members added or replaced."""
    body: dict[str, Any] = {"eventType": kind, "playerTime": {"playhead": playhead, "ts": ts}}
    if kind == "sessionStart":
        body["params"] = dict(PARAMS)
    elif kind in REQUIRED:
        body["params"] = dict(REQUIRED[kind])
    return body | members


def start(**params: Any) -> dict[str, Any]:
    """Return a valid sessionStart, with params added or replaced; ``media__id`` is ``media.id``."""
    return event("sessionStart", params=PARAMS | {key.replace("__", "."): value for key, value in params.items()})


@dataclass(frozen=True)
class Received:
    """A response: status, headers in order and spelling, body."""

    status: int
    pairs: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        return dict(self.pairs)

    @property
    def content(self) -> Any:
        return json.loads(self.body)

    @property
    def message(self) -> str:
        found = self.content["message"]
        assert isinstance(found, str)
        return found

    @property
    def session_id(self) -> str:
        return self.headers["Location"].split("/")[4]


class Player:
    """Sends requests over one connection."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._wire = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=30)

    def request(self, method: str, path: str, body: object = None, **headers: str) -> Received:
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        self._wire.request(method, path, data, {name.replace("_", "-"): value for name, value in headers.items()})
        response = self._wire.getresponse()
        return Received(response.status, tuple(response.getheaders()), response.read())

    def start_session(self, body: object = None) -> Received:
        return self.request("POST", SESSIONS, start() if body is None else body)

    def send(self, session_id: str, body: object) -> Received:
        return self.request("POST", f"{SESSIONS}/{session_id}/events", body)

    def close(self) -> None:
        self._wire.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()
