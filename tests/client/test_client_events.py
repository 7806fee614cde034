"""Sending the events of a session."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mctoolkit import Client, NotSent, Sandbox, UsageError
from tests.validation.test_validate import GOOD

PLAY = {"eventType": "play", "playerTime": {"playhead": 0, "ts": 1_795_421_642_000}}


def test_event_is_sent_to_its_session() -> None:
    with Sandbox() as sandbox, Client(sandbox) as client:
        started = client.start_session(GOOD)
        sent = client.send_event(started, PLAY)
        assert (sent.status, sent.endpoint, sent.outcome, sent.in_words) == (
            204,
            "events",
            "accepted",
            "event accepted",
        )
        assert sent.request.path == f"/api/v1/sessions/{started.session_id}/events"
        assert json.loads(sent.request.body) == PLAY
        assert started.session_id is not None
        for session in (started.session_id, f" {started.headers['Location']}", sent.request.url):
            assert client.send_event(session, PLAY).status == 204
        assert [entry.event_type for entry in sandbox.log.entries] == ["sessionStart", *["play"] * 4]


def test_event_for_unknown_or_closed_session() -> None:
    with Sandbox() as sandbox, Client(sandbox) as client:
        unknown = client.send_event("ab" * 32, PLAY)
        started = client.start_session(GOOD)
        sandbox.clock.advance(minutes=11)
        closed = client.send_event(started, {}, send_anyway=True)
    assert (unknown.status, unknown.outcome, unknown.in_words) == (404, "refused", "session unknown")
    assert (closed.status, closed.outcome, closed.in_words) == (410, "refused", "session closed")
    for lost in (unknown, closed):
        assert "Start a new session with sessionStart" in str(lost)
        assert "finds no error" not in str(lost)
        assert "Reasons, as found by mctoolkit" not in str(lost)


def test_event_with_errors_is_not_sent() -> None:
    with Sandbox() as sandbox, Client(sandbox) as client:
        started = client.start_session(GOOD)
        with pytest.raises(NotSent, match=r"send_event\(session, event, send_anyway=True\)") as caught:
            client.send_event(started, GOOD)
        assert [problem.rule for problem in caught.value.verdict.errors] == ["endpoint"]
        refused = client.send_event(started, GOOD, send_anyway=True)
        assert (refused.status, refused.in_words) == (400, "refused: eventType")
        assert sandbox.log.total == 2


@pytest.mark.parametrize(
    "session", ["", "  ", "a b", "a/b", "a?b", "a\r\nX: 1", "\ud800", None, 7, "/api/v1/sessions/"]
)
def test_invalid_session_id_raises_usage_error(session: Any) -> None:
    with Sandbox() as sandbox, Client(sandbox) as client:
        with pytest.raises(UsageError, match="header Location"):
            client.send_event(session, PLAY)
        failed = client.start_session("{}", send_anyway=True)
        with pytest.raises(UsageError, match="has no session id"):
            client.send_event(failed, PLAY)


def test_session_id_is_percent_encoded() -> None:
    with Sandbox() as sandbox, Client(sandbox) as client:
        sent = client.send_event("é~a%b+c", PLAY)
        assert sent.status == 404
        assert sandbox.log.entries[-1].session_id == "é~a%b+c"
