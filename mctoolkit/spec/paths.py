"""Build and parse the paths of the API."""

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
    "is_placeholder_id",
    "session_id_from_location",
    "session_id_from_url",
    "session_id_of_response",
    "split_path",
]

Endpoint = Literal["sessions", "events", "downloaded", "schemas", "other"]

API_PATH: Final = "/api/v1"
SESSIONS_PATH: Final = f"{API_PATH}/sessions"
"""The path to which a sessionStart is sent."""
EVENTS_PATH: Final = f"{SESSIONS_PATH}/{{sid}}/events"
"""The path template of the events of a session, as routers and OpenAPI write it."""
DOWNLOADED_PATH: Final = f"{API_PATH}/downloaded"
SCHEMAS_PATH: Final = f"{API_PATH}/schemas"

_PATH = re.compile(
    r"/api/v\d+/(?:(?P<sessions>sessions)|sessions/(?P<id>[^/]+)/events|(?P<downloaded>downloaded)"
    r"|(?P<schemas>schemas)/[^/]+)/*"
)
_BELOW_API = re.compile(r"(?i)/+api/+v(\d+)(/[^?#]*)?$")
_SESSION_URL = re.compile(r"[^?#]*/sessions/(?P<id>[^/?#\s]+)(?P<events>/events)?/*(?:[?#].*)?", re.DOTALL)
_PLACEHOLDERS: Final = frozenset({"", "undefined", "null", "nan", "none", "[object object]"})
_MAX_PLACEHOLDER_LENGTH: Final = 3 * max(map(len, _PLACEHOLDERS))  # each character percent-encoded


def events_path(session_id: str) -> str:
    """Return the path of the events of a session. The id is not escaped.

    Examples
    --------
    >>> events_path("7f3a")
    '/api/v1/sessions/7f3a/events'
    """
    return EVENTS_PATH.replace("{sid}", session_id)


def endpoint_of(path: str) -> tuple[Endpoint, str | None]:
    """Return the endpoint of the path of a URL, and the session id in it.

    A prefix and trailing slashes are ignored.

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
    """Split a path that a user entered at ``/api/v1``, in any letter case and with any number of slashes.

    Returns
    -------
    before : str
        The part before the API path; the whole path if it has none.
    version : str or None
        The digits after the ``v``; None if there is no API path.
    below : str
        The part after the version, without trailing slashes.

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
    """Return the session id in a ``Location`` header, or None if it has none.

    The header can be a path or a URL, with a query and trailing slashes.

    Examples
    --------
    >>> session_id_from_location("/api/v1/sessions/7f3a"), session_id_from_location("/api/v1/sessions")
    ('7f3a', None)
    """
    found = _SESSION_URL.fullmatch(location)
    return found["id"] if found and not found["events"] else None


def session_id_of_response(status: int | None, location: str | None) -> str | None:
    """Return the session id that a response has in its ``Location`` header.

    Only a 201 starts a session, but the ``Location`` of any success (2xx) or unknown status has the id of a session.
    That of a redirect or an error does not.

    Examples
    --------
    >>> session_id_of_response(200, "/api/v1/sessions/7f3a"), session_id_of_response(302, "/api/v1/sessions/7f3a")
    ('7f3a', None)
    """
    success = status is None or 200 <= status < 300
    return session_id_from_location(location) if location and success else None


def session_id_from_url(url: str) -> str | None:
    """Return the session id in the URL or path of a session or of its events; None if it has none.

    Examples
    --------
    >>> session_id_from_url("/api/v1/sessions/7f3a"), session_id_from_url("https://localhost/api/v1/sessions/7f3a/events")
    ('7f3a', '7f3a')
    """
    found = _SESSION_URL.fullmatch(url)
    return found["id"] if found else None


def is_placeholder_id(session_id: str) -> bool:
    """Return whether a session id is what a program writes for a missing value, such as ``undefined``.

    Examples
    --------
    >>> is_placeholder_id("undefined"), is_placeholder_id("%5Bobject%20Object%5D"), is_placeholder_id("7f3a")
    (True, True, False)
    """
    return len(session_id) <= _MAX_PLACEHOLDER_LENGTH and unquote_plus(session_id).strip().casefold() in _PLACEHOLDERS
