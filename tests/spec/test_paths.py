"""Paths: all parsers find the same session id."""

from __future__ import annotations

import json

import pytest

from mctoolkit.captures import read_requests
from mctoolkit.models.exchange import Exchange, Request, Response
from mctoolkit.spec import openapi
from mctoolkit.spec.paths import (
    DOWNLOADED_PATH,
    EVENTS_PATH,
    SESSIONS_PATH,
    endpoint_of,
    events_path,
    session_id_from_url,
    split_path,
)
from tests.captures.builders import entry, har

URL = f"https://company.hb-api.omtrdc.net{SESSIONS_PATH}"
START = {"eventType": "sessionStart", "playerTime": {"playhead": 0, "ts": 1509045324153}, "params": {}}

LOCATIONS = {
    "/api/v1/sessions/7f3a": "7f3a",
    "/api/v1/sessions/7f3a/": "7f3a",
    "/api/v1/sessions/7f3a//": "7f3a",
    "https://company.hb-api.omtrdc.net/api/v1/sessions/7f3a": "7f3a",
    "/mc/eu/api/v1/sessions/7f3a//?x=/sessions/9#y": "7f3a",
    "/api/v1/sessions//7f3a": None,
    "/api/v1/sessions/7f3a/events": None,
    "/api/v1/sessions/": None,
    "/?next=/sessions/7f3a": None,
    "7f3a": None,
    "": None,
}


@pytest.mark.parametrize(
    ("status", "location", "session_id"),
    [
        *((201, location, session_id) for location, session_id in LOCATIONS.items()),
        (200, "/api/v1/sessions/7f3a", "7f3a"),
        (299, "/api/v1/sessions/7f3a", "7f3a"),
        (199, "/api/v1/sessions/7f3a", None),
        (302, "/api/v1/sessions/7f3a", None),
        (500, "/api/v1/sessions/7f3a", None),
    ],
)
def test_exchange_har_and_log_have_same_session_id(status: int, location: str, session_id: str | None) -> None:
    body = json.dumps(START).encode()
    response = Response(status, "", (("Location", location),), b"")
    exchange = Exchange("company", Request("POST", URL, (), body), response, None, 1509045324153, 4.0)
    line = {"url": URL, "status": status, "location": location, "body": START}
    recorded = har(entry(START, URL, status=status, location=location))
    found = [call.session_id for origin in (exchange, line, recorded) for call in read_requests(origin)]
    assert [exchange.session_id, *found] == [session_id] * 4


def test_location_without_status_has_session_id() -> None:
    (call,) = read_requests({"url": URL, "location": "/api/v1/sessions/7f3a", "body": START})
    assert call.session_id == "7f3a"


@pytest.mark.parametrize(
    ("path", "endpoint"),
    [
        (SESSIONS_PATH, ("sessions", None)),
        (f"/mc{SESSIONS_PATH}//", ("sessions", None)),
        (events_path("7f3a"), ("events", "7f3a")),
        (DOWNLOADED_PATH, ("downloaded", None)),
        ("/api/v1/schemas/ping", ("schemas", None)),
        ("/api/v1/sessions//events", ("other", None)),
        ("/api/v1/sessions/7f3a", ("other", None)),
    ],
)
def test_endpoint_of_path(path: str, endpoint: tuple[str, str | None]) -> None:
    assert endpoint_of(path) == endpoint


def test_session_id_from_events_url() -> None:
    assert session_id_from_url(f"https://localhost{events_path('7f3a')}/") == "7f3a"


def test_split_path_is_case_insensitive() -> None:
    assert split_path("/mc//API//V2/Sessions/") == ("/mc", "2", "/Sessions")


def test_openapi_has_all_paths() -> None:
    assert {SESSIONS_PATH, EVENTS_PATH, DOWNLOADED_PATH} < openapi.document()["paths"].keys()
