"""Read planned events in tests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mctoolkit.models.session.state_machine import SessionState
from mctoolkit.simulation import PlannedEvent

NOW_MS = 1_795_421_642_000


def bodies(events: Iterable[PlannedEvent]) -> list[tuple[str, dict[str, Any]]]:
    """Return the session and body of each event; a list of events counts as its events."""
    return [
        (event.session, body)
        for event in events
        for body in (event.body if isinstance(event.body, list) else [event.body])
    ]


def summary(events: Iterable[PlannedEvent]) -> list[tuple[float, str, float]]:
    """Return second, type and playhead of each event, from its body."""
    return [
        ((body["playerTime"]["ts"] - NOW_MS) // 10 / 100, body["eventType"], body["playerTime"]["playhead"])
        for _, body in bodies(events)
    ]


def violated_rules(events: Iterable[PlannedEvent]) -> set[str]:
    """Return the rules about the order of events that the sessions violate."""
    states: dict[str, SessionState] = {}
    found: set[str] = set()
    for session, body in bodies(events):
        at_ms = body["playerTime"]["ts"]
        if body["eventType"] == "sessionStart":
            states[session] = SessionState(at_ms, body)
        else:
            found |= set(states[session].apply(body, at_ms))
    return found
