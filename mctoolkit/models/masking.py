"""Hide who somebody is where a past request is shown, stored in a notebook or exported.

Which keys of the API say so is a fact (``identifies`` in ``parameters.toml``). Of the keys that a company makes up for
its customMetadata the words say it: ``memberId``, ``crm_id``, ``hashedEmail``. Values that are the documentation's
examples or our own demo values are nobody's and stay readable, and so do placeholders such as ``<your-org-id>``.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

from mctoolkit._core import json_io
from mctoolkit.spec import catalog

__all__ = ["HIDDEN", "identifies", "mask", "mask_host", "mask_text"]

HIDDEN = "•••"
"""What stands in the place of a hidden value."""

_PLACEHOLDER = re.compile(r"<[^<>]*>")
_API_HOST = re.compile(r"(?i)\b[a-z0-9-]+(?=\.hb(?:-api)?\.omtrdc\.net\b)")
_NAME = re.compile(r"[\"']?(?P<name>[A-Za-z][\w.-]{1,60})[\"']?\s*[:=]\s*")
"""A name before its value, in text that is no JSON."""

_PUBLIC_NAMESPACES = frozenset({"company", "example"})

_WORD = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
"""One word of a key: ``user`` and ``IDs`` in ``userIDs_3``."""
_PERSONS = frozenset(
    {"user", "member", "subscriber", "customer", "visitor", "viewer", "person", "crm", "login", "logon", "email"}
    | {"mail", "phone", "telephone", "tel", "msisdn", "uid", "uuid", "idfa", "idfv", "gaid", "aaid", "adid", "maid"}
    | {"imei", "hhid", "surname", "firstname", "lastname", "fullname", "nickname"}
)
"""Words for a person, or for what only a person has."""
_HELD = frozenset({"device", "account", "profile", "household", "hh", "ip"})
"""Words for what belongs to a person: alone, or with one of ``_NAMES``; a ``deviceType`` is nobody."""
_HELD_IF_NAMED = frozenset({"advertising", "cookie", "client", "subscription", "contract", "mobile", "loyalty"})
"""Words that say who somebody is with one of ``_NAMES`` only."""
_NAMES = frozenset(
    {"id", "identifier", "key", "hash", "hashe", "hashed", "number", "num", "no", "nr", "name", "guid", "token"}
    | {"addres", "address", "sha", "md"}
)
"""Words for what tells one from the others."""
_GIVEN = frozenset({"first", "last", "full", "given", "family", "nick"})
"""Words before ``name`` in the name of a person."""
_KINDS = frozenset(
    {"type", "kind", "class", "category", "tier", "level", "statu", "status", "state", "count", "language", "locale"}
    | {"model", "version", "brand", "consent", "method", "provider", "plan"}
)
"""Words at the end of a key which say that its value is of many people: ``userType``, ``loginMethod``."""
_GLUED = re.compile(
    "(?:" + "|".join(sorted(_PERSONS | _HELD | _HELD_IF_NAMED | _NAMES | {"my", "app"}, key=len, reverse=True)) + ")"
)
"""A word in a row of words that nothing divides: ``memberid``."""


def identifies(key: str) -> bool:
    """Tell whether the value of a key says who a person or a tenant is.

    A key that is almost the name of such a key counts too, whatever its letter case; of a key that is none of the
    API's, the words in it count.

    Examples
    --------
    >>> identifies("analytics.visitorId"), identifies("visitorID"), identifies("media.id")
    (True, True, False)
    >>> identifies("crm_id"), identifies("deviceId"), identifies("deviceType")
    (True, True, False)
    """
    return _identifies(key[:100])


def mask(value: Any) -> Any:
    """Return a JSON value in which the identifiers of people and tenants are hidden.

    Examples
    --------
    >>> mask({"params": {"analytics.reportSuite": "acme-prod", "media.id": "x"}})
    {'params': {'analytics.reportSuite': '•••', 'media.id': 'x'}}
    """
    if isinstance(value, dict):
        return {
            key: HIDDEN if isinstance(key, str) and identifies(key) and not _is_nobodys(member) else mask(member)
            for key, member in value.items()
        }
    if isinstance(value, list):
        return [mask(item) for item in value]
    return value


def mask_text(data: bytes) -> str:
    """Return the body of a request as text with identifiers hidden, on indented lines where it is JSON.

    In bytes that are no JSON, the value behind each identifying key is hidden up to the end of its line; where an
    object or a list begins there, up to the end of the text, for where it ends cannot be told.
    """
    value = json_io.read(data)
    if not isinstance(value, json_io.NotJson):
        return json_io.pretty(mask(value))
    text = data.decode("utf-8", "replace").replace("\0", "")  # as UTF-16 has them
    shown, done = "", 0
    for found in _NAME.finditer(text):
        if found.start() < done or not identifies(found["name"]):
            continue
        shown += text[done : found.end()] + HIDDEN
        line_end = text.find("\n", found.end())
        goes_on = text[found.end() : found.end() + 1] in ("[", "{")
        done = len(text) if goes_on or line_end < 0 else line_end
    return shown + text[done:]


def mask_host(text: str) -> str:
    """Return a text in which the namespace of an API host is hidden.

    Examples
    --------
    >>> mask_host("https://acme.hb-api.omtrdc.net/api/v1/sessions")
    'https://•••.hb-api.omtrdc.net/api/v1/sessions'
    """
    return _API_HOST.sub(lambda found: found[0] if found[0] in _PUBLIC_NAMESPACES else HIDDEN, text)


def _is_nobodys(value: Any) -> bool:
    return (
        value is None
        or value == ""
        or (isinstance(value, str) and (value in _nobodys() or _PLACEHOLDER.fullmatch(value) is not None))
    )


@cache
def _nobodys() -> frozenset[str]:
    found = {shown for p in catalog.parameters().values() for shown in (p.example, p.demo) if isinstance(shown, str)}
    return frozenset(found | {HIDDEN})


@cache
def _identifying_names() -> frozenset[str]:
    """Return the keys concerned, and the last words of their names (people forget the prefix), in lower case."""
    keys = [p.key.casefold() for p in catalog.parameters().values() if p.identifies]
    return frozenset(keys) | frozenset(key.rpartition(".")[2] for key in keys)


@lru_cache(maxsize=4096)
def _identifies(key: str) -> bool:
    folded = key.casefold()
    if folded in {key.casefold() for key in catalog.parameters()}:
        return folded in _identifying_names()
    slip = next((s for s in catalog.misspellings().values() if s.key.casefold() == folded), None)
    if slip is not None:
        return slip.meant is not None and identifies(slip.meant)
    if folded in _identifying_names() or catalog.nearest(folded, _identifying_names()) is not None:
        return True
    return _is_of_a_person(key)


def _is_of_a_person(key: str) -> bool:
    """Tell by its words whether a key that a company made up says who somebody is."""
    words = [word for written in _WORD.findall(key) for word in _parted(written.lower())]
    if not words or words[-1] in _KINDS:
        return False
    if not _PERSONS.isdisjoint(words):
        return True
    named = not _NAMES.isdisjoint(words)
    if not _HELD.isdisjoint(words):
        return named or len(words) == 1
    return (named and not _HELD_IF_NAMED.isdisjoint(words)) or ("name" in words and not _GIVEN.isdisjoint(words))


def _parted(word: str) -> list[str]:
    """Return the words that a word is made of, without the s of a plural."""
    if word in _PERSONS or word in _NAMES:
        return [word]
    word = word.removesuffix("s")
    return _GLUED.findall(word) if not _GLUED.sub("", word) else [word]
