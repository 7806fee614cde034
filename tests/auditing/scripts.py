"""Sessions written as scripts: steps separated by lines or semicolons, with time, event, playhead and values.

``0 start; 0.5 play; 10 ping 9.5; 12 sessionEnd`` is a session of a correct player. The default playhead is that of the
previous step; ``@b`` before a step puts it in another session. Some words create several steps:

``pings 10 40 9.5``
    a ping every 10 s from second 10 to 40, with a playhead from 9.5; ``=9.5`` for one that does not move
``break 20 3``
    at 20 s an ad break with one ad of 3 s and a ping every second
``until 2000``
    the capture continues to second 2000 with other requests

``path=/api/v1/sessions/a/event`` is the path of a request that does not use that of its session.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mctoolkit.auditing import Auditor
from mctoolkit.models.captured_request import CapturedRequest
from mctoolkit.models.finding import AuditedSession
from mctoolkit.spec.paths import endpoint_of

T0 = 1_795_421_642_000
HOST = "company.hb-api.omtrdc.net"
START: dict[str, Any] = {
    "analytics.trackingServer": "company.sc.omtrdc.net",
    "analytics.reportSuite": "company-test",
    "analytics.visitorId": "viewer-1",
    "visitor.marketingCloudOrgId": "0123456789ABCDEF@AdobeOrg",
    "media.id": "programme-1",
    "media.length": 600,
    "media.contentType": "VOD",
    "media.playerName": "player",
    "media.channel": "channel",
}
KEYS = {
    "length": "media.length",
    "type": "media.contentType",
    "id": "media.id",
    "channel": "media.channel",
    "resume": "media.resume",
    "viewer": "analytics.visitorId",
    "podIndex": "media.ad.podIndex",
    "podSecond": "media.ad.podSecond",
    "podPosition": "media.ad.podPosition",
    "podName": "media.ad.podFriendlyName",
    "adLength": "media.ad.length",
    "index": "media.chapter.index",
    "offset": "media.chapter.offset",
    "chapterLength": "media.chapter.length",
    "state": "media.state.name",
    "bitrate": "media.qoe.bitrate",
    "frames": "media.qoe.droppedFrames",
    "toStart": "media.qoe.timeToStart",
    "errorID": "media.qoe.errorID",
}
DAY_S = 86_400


def _steps(script: str) -> Iterator[list[str]]:
    for line in script.replace("\n", ";").split(";"):
        words = line.split()
        if not words:
            continue
        session = [words.pop(0)] if words[0].startswith("@") else ["@a"]
        if words[0] == "pings":
            begin, end, playhead = float(words[1]), float(words[2]), words[3]
            still, first = playhead.startswith("="), float(playhead.removeprefix("="))
            count = int((end - begin) // 10) + 1
            for n in range(count):
                at_s = first if still else (first + 10 * n) % DAY_S
                yield [*session, f"{begin + 10 * n}", "ping", f"{at_s:g}", *words[4:]]
        elif words[0] == "break":
            begin, length = float(words[1]), int(words[2])
            yield [*session, f"{begin}", "adBreakStart", *words[3:]]
            yield [*session, f"{begin + 0.1}", "adStart", f"adLength={length}"]
            for n in range(1, length):
                yield [*session, f"{begin + 0.1 + n}", "ping"]
            yield [*session, f"{begin + 0.1 + length}", "adComplete"]
            yield [*session, f"{begin + 0.2 + length}", "adBreakComplete"]
        else:
            yield [*session, *words]


def _value(text: str) -> Any:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return {"true": True, "false": False}.get(text, text)


def _params(event_type: str, playhead: float, given: dict[str, Any]) -> dict[str, Any]:
    defaults: dict[str, dict[str, Any]] = {
        "sessionStart": START,
        "adBreakStart": {"media.ad.podIndex": 0, "media.ad.podSecond": playhead},
        "adStart": {
            "media.ad.id": "ad-1",
            "media.ad.length": 3,
            "media.ad.podPosition": 1,
            "media.ad.playerName": "player",
        },
        "chapterStart": {
            "media.chapter.index": 1,
            "media.chapter.offset": playhead,
            "media.chapter.length": 20,
        },
    }
    return defaults.get(event_type, {}) | given


def calls(script: str, *, arrival: bool = True) -> list[CapturedRequest]:
    """Return the requests of a script in order; with ``arrival=False`` without the times of sending, as in a bare log."""
    playheads: dict[str, float] = {}
    made: list[CapturedRequest] = []
    for number, (session, *words) in enumerate(_steps(script), 1):
        key = session[1:]
        if words[0] == "until":
            body: dict[str, Any] = {"eventType": "ping", "playerTime": {"playhead": 0, "ts": _ms(words[1])}}
            made.append(CapturedRequest(number, "events", body, None, _ms(words[1]), "z", "z"))
            continue
        at_s, event_type, *rest = words
        event_type = "sessionStart" if event_type == "start" else event_type
        if rest and "=" not in rest[0]:
            playheads[key] = _value(rest.pop(0))
        given = dict(each.split("=", 1) for each in rest)
        values = {KEYS[name]: _value(text) for name, text in given.items() if name in KEYS}
        quality = {name: values.pop(name) for name in list(values) if name.startswith("media.qoe.")}
        if "id" in given:
            values["media.id"] = given["id"]
        playhead = playheads.setdefault(key, 0)
        body = {"eventType": event_type, "playerTime": {"playhead": playhead, "ts": _ms(given.get("ts", at_s))}}
        params = _params(event_type, playhead, values)
        if params:
            body["params"] = params
        if quality:
            body["qoeData"] = quality
        starts = event_type == "sessionStart"
        status = int(given["status"]) if "status" in given else 201 if starts else 204
        known = "noid" not in given and 0 < status < 300
        path = given.get("path", "")
        made.append(
            CapturedRequest(
                number,
                endpoint_of(path)[0] if path else "sessions" if starts else "events",
                body,
                None,
                _ms(at_s) if arrival else None,
                key if (known or not starts) and not path else None,
                key if not path else "",
                url=f"https://{HOST}{path}" if path else "",
                status=status or None if arrival else None,
                without_response=arrival and status == 0,
                host=given.get("host", HOST) if arrival else "",
                secure=given.get("secure", "1") == "1" if arrival else None,
                elapsed_ms=float(given.get("took", 20)),
                response_headers=(("Date", "now"),) if arrival else (),
                request_headers=(("Content-Type", given.get("header", "application/json")),) if arrival else (),
            )
        )
    return made


def _ms(seconds: str) -> int:
    return T0 + round(float(seconds) * 1000)


def audited(made: list[CapturedRequest]) -> tuple[AuditedSession, ...]:
    """Audit requests."""
    auditor = Auditor()
    for call in made:
        auditor.feed(call)
    return auditor.finish()


def rules(script: str, *, arrival: bool = True) -> set[str]:
    """Return the rules that a script violates."""
    return {finding.rule for session in audited(calls(script, arrival=arrival)) for finding in session.findings}
