"""Sessions as text: one event per line, with its seconds, playhead, type and members."""

from __future__ import annotations

import contextlib
from typing import Any

from mctoolkit.models.captured_request import CapturedRequest
from mctoolkit.models.session import Session

NOW_MS = 1_509_045_324_000

TIMELINE_1 = """
0   0  sessionStart media.length=60.33 media.name=ClickMe
0   0  adBreakStart media.ad.podFriendlyName=ad_pod1
0   0  adStart media.ad.name=First
1   0  ping
15  0  adComplete
15  0  adStart media.ad.name=Second
22  0  adComplete
22  0  adBreakComplete
22  0  play
30  8  ping
33 11  bufferStart
36 11  play
40 15  ping
46 21  adBreakStart media.ad.podFriendlyName=ad_pod2
46 21  adStart media.ad.name=Third
50 21  ping
54 21  adComplete
54 21  adBreakComplete
60 27  ping
64 31  pauseStart
70 31  ping
74 31  play
80 37  ping
88 45  sessionComplete
"""
"""Timeline 1 of Adobe's documentation: a pre-roll of two ads, buffering, a mid-roll, a pause, then completion."""


def calls(lines: str, *, key: str = "7f3a", first: int = 1, **fields: Any) -> list[CapturedRequest]:
    """Return the requests of a session. ``name=value`` sets a key of ``params``, or of ``qoeData`` for quality."""
    found = []
    for number, line in enumerate(filter(None, map(str.strip, lines.split("\n"))), first):
        at_s, playhead, event_type, *rest = line.split()
        body: dict[str, Any] = {"eventType": event_type, "playerTime": {"playhead": float(playhead)}}
        body["playerTime"]["ts"] = NOW_MS + round(float(at_s) * 1000)
        for name, _, written in (each.partition("=") for each in rest):
            value: Any = written.replace("_", " ")
            with contextlib.suppress(ValueError):
                value = float(written)
            body.setdefault("qoeData" if name.startswith("media.qoe.") else "params", {})[name] = value
        endpoint: Any = "sessions" if event_type == "sessionStart" else "events"
        status = fields.get("status", 201 if endpoint == "sessions" else 204)
        given = {name: value for name, value in fields.items() if name != "status"}
        found.append(CapturedRequest(number, endpoint, body, session_id=key, session_key=key, status=status, **given))
    return found


def session(lines: str, *, key: str = "7f3a", **fields: Any) -> Session:
    """Return a Session of the same text."""
    return Session(key, calls(lines, key=key, **fields))
