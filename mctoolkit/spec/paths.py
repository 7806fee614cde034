"""Paths of the API: how each is written, and how a session id is read out of one."""

from __future__ import annotations

import re
from typing import Final, Literal
from urllib.parse import unquote_plus

__all__ = [
    "API_PATH",
    "DOWNLOADED_PATH",
    "EVENTS_PATH",
    "SCHEMAS_PATH",
    "SESSIONS_PATH",
    "Endpoint",
    "endpoint_of",
    "events_path",
    "is_no_id",
    "session_id_from_location",
    "session_id_in",
    "session_id_of_response",
    "split_path",
]

Endpoint = Literal["sessions", "events", "downloaded", "schemas", "other"]

API_PATH: Final = "/api/v1"
SESSIONS_PATH: Final = f"{API_PATH}/sessions"
"""Where sessions begin."""
EVENTS_PATH: Final = f"{SESSIONS_PATH}/{{sid}}/events"
"""The template of the path of a session's events, as routers and OpenAPI write it."""
DOWNLOADED_PATH: Final = f"{API_PATH}/downloaded"
SCHEMAS_PATH: Final = f"{API_PATH}/schemas"

_PATH = re.compile(
    r"/api/v\d+/(?:(?P<sessions>sessions)|sessions/(?P<id>[^/]+)/events|(?P<downloaded>downloaded)"
    r"|(?P<schemas>schemas)/[^/]+)/*"
)
_BELOW_API = re.compile(r"(?i)/+api/+v(\d+)(/[^?#]*)?$")
_IN_ADDRESS = re.compile(r"[^?#]*/sessions/(?P<id>[^/?#\s]+)(?P<events>/events)?/*(?:[?#].*)?", re.DOTALL)
_NO_IDS: Final = frozenset({"", "undefined", "null", "nan", "none", "[object object]"})
_LONGEST_NO_ID: Final = 3 * max(map(len, _NO_IDS))  # with each letter as %xx


def events_path(session_id: str) -> str:
    """Return the path of the events of a session; the id goes in as it is.

    Examples
    --------
    >>> events_path("7f3a")
    '/api/v1/sessions/7f3a/events'
    """
    return EVENTS_PATH.replace("{sid}", session_id)


def endpoint_of(path: str) -> tuple[Endpoint, str | None]:
    """Return which endpoint the path of a URL is, whatever stands before it, and the session id in it.

    Any number of slashes may stand at the end.

    Examples
    --------
    >>> endpoint_of("/api/v1/sessions/7f3a/events"), endpoint_of("/mc/api/v1/sessions"), endpoint_of("/b/ss")
    (('events', '7f3a'), ('sessions', None), ('other', None))
    """
    start = path.find("/api/v")
    found = _PATH.fullmatch(path, start) if start >= 0 else None
    if found is None:
        return "other", None
    if found["id"] is not None:
        return "events", found["id"]
    return ("sessions" if found["sessions"] else "downloaded" if found["downloaded"] else "schemas"), None


def split_path(path: str) -> tuple[str, str | None, str]:
    """Split a path that a user typed at ``/api/v1``, in any letter case and with any number of slashes.

    Returns
    -------
    before : str
        What stands before; the whole path where the API is not in it.
    version : str or None
        The digits behind the ``v``; None where the API is not in it.
    below : str
        What stands behind, without slashes at its end.

    Examples
    --------
    >>> split_path("/mc/api/v1/sessions/"), split_path("/mc")
    (('/mc', '1', '/sessions'), ('/mc', None, ''))
    """
    found = _BELOW_API.search(path)
    if found is None:
        return path, None, ""
    return path[: found.start()], found[1], (found[2] or "").rstrip("/")


def session_id_from_location(location: str) -> str | None:
    """Return the session id in a header ``Location``: what follows ``/sessions/``; None where there is none.

    The header may hold a path or a whole URL, with a query, and with any number of slashes at the end.

    Examples
    --------
    >>> session_id_from_location("/api/v1/sessions/7f3a"), session_id_from_location("/api/v1/sessions")
    ('7f3a', None)
    """
    found = _IN_ADDRESS.fullmatch(location)
    return found["id"] if found and not found["events"] else None


def session_id_of_response(status: int | None, location: str | None) -> str | None:
    """Return the session id that a response names.

    Only a 201 begins a session. The ``Location`` of any other success (2xx) still says which session later events mean,
    as does one whose status is unknown; that of a redirect or an error does not.

    Examples
    --------
    >>> session_id_of_response(200, "/api/v1/sessions/7f3a"), session_id_of_response(302, "/api/v1/sessions/7f3a")
    ('7f3a', None)
    """
    success = status is None or 200 <= status < 300
    return session_id_from_location(location) if location and success else None


def session_id_in(address: str) -> str | None:
    """Return the session id in an address: that of a session, or of its events; None where there is none.

    Examples
    --------
    >>> session_id_in("/api/v1/sessions/7f3a"), session_id_in("https://localhost/api/v1/sessions/7f3a/events")
    ('7f3a', '7f3a')
    """
    found = _IN_ADDRESS.fullmatch(address)
    return found["id"] if found else None


def is_no_id(session_id: str) -> bool:
    """Tell whether the text in the place of a session id is what a program writes when it has none.

    Examples
    --------
    >>> is_no_id("undefined"), is_no_id("%5Bobject%20Object%5D"), is_no_id("7f3a")
    (True, True, False)
    """
    return len(session_id) <= _LONGEST_NO_ID and unquote_plus(session_id).strip().casefold() in _NO_IDS
