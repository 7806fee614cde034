"""Hide identifiers of people and tenants in what is displayed, stored in a notebook or exported.

The catalog marks the identifying keys of the API (``identifies`` in ``parameters.toml``). A key of customMetadata is
identifying by its words: ``memberId``, ``crm_id``, ``hashedEmail``. Examples of the documentation, demo values and
placeholders such as ``<your-org-id>`` are not hidden.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

from mctoolkit._core import json_io
from mctoolkit.spec import catalog

__all__ = ["HIDDEN", "identifies", "mask", "mask_host", "mask_text"]

HIDDEN = "•••"
"""The replacement of a hidden value."""

_PLACEHOLDER = re.compile(r"<[^<>]*>")
_API_HOST = re.compile(r"(?i)\b[a-z0-9-]+(?=\.hb(?:-api)?\.omtrdc\.net\b)")
_NAME = re.compile(r"[\"']?(?P<name>[A-Za-z][\w.-]{1,60})[\"']?\s*[:=]\s*")
"""A key before its value, in text that is not JSON."""

_PUBLIC_NAMESPACES = frozenset({"company", "example"})

_WORD = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
"""One word of a key: ``user`` and ``IDs`` in ``userIDs_3``."""
_PERSON_WORDS = frozenset(
    {"user", "member", "subscriber", "customer", "visitor", "viewer", "person", "crm", "login", "logon", "email"}
    | {"mail", "phone", "telephone", "tel", "msisdn", "uid", "uuid", "idfa", "idfv", "gaid", "aaid", "adid", "maid"}
    | {"imei", "hhid", "surname", "firstname", "lastname", "fullname", "nickname"}
)
"""Words for a person, or for something that only a person has."""
_OWNED_WORDS = frozenset({"device", "account", "profile", "household", "hh", "ip"})
"""Words that identify a person alone or with one of ``_NAME_WORDS``, but not in ``deviceType``."""
_OWNED_WORDS_WITH_NAME = frozenset({"advertising", "cookie", "client", "subscription", "contract", "mobile", "loyalty"})
"""Words that identify a person only with one of ``_NAME_WORDS``."""
_NAME_WORDS = frozenset(
    {"id", "identifier", "key", "hash", "hashe", "hashed", "number", "num", "no", "nr", "name", "guid", "token"}
    | {"addres", "address", "sha", "md"}
)
"""Words for an identifier."""
_FIRST_NAME_WORDS = frozenset({"first", "last", "full", "given", "family", "nick"})
"""Words that make ``name`` the name of a person."""
_SHARED_WORDS = frozenset(
    {"type", "kind", "class", "category", "tier", "level", "statu", "status", "state", "count", "language", "locale"}
    | {"model", "version", "brand", "consent", "method", "provider", "plan"}
)
"""Last words of keys whose values are shared by many people: ``userType``, ``loginMethod``."""
_JOINED_WORD = re.compile(
    "(?:"
    + "|".join(
        sorted(
            _PERSON_WORDS | _OWNED_WORDS | _OWNED_WORDS_WITH_NAME | _NAME_WORDS | {"my", "app"}, key=len, reverse=True
        )
    )
    + ")"
)
"""A word inside joined words: ``memberid``."""


def identifies(key: str) -> bool:
    """Return whether the value of a key identifies a person or a tenant.

    The comparison is case-insensitive and includes misspelled keys of the API. Any other key is checked by its words.

    Examples
    --------
    >>> identifies("analytics.visitorId"), identifies("visitorID"), identifies("media.id")
    (True, True, False)
    >>> identifies("crm_id"), identifies("deviceId"), identifies("deviceType")
    (True, True, False)
    """
    return _identifies(key[:100])


def mask(value: Any) -> Any:
    """Return a copy of a JSON value with the identifiers of people and tenants hidden.

    Examples
    --------
    >>> mask({"params": {"analytics.reportSuite": "acme-prod", "media.id": "x"}})
    {'params': {'analytics.reportSuite': '•••', 'media.id': 'x'}}
    """
    if isinstance(value, dict):
        return {
            key: HIDDEN if isinstance(key, str) and identifies(key) and not _is_public_value(member) else mask(member)
            for key, member in value.items()
        }
    if isinstance(value, list):
        return [mask(item) for item in value]
    return value


def mask_text(data: bytes) -> str:
    """Return a body as text with identifiers hidden, JSON indented.

    In a body that is not JSON, everything after an identifying key is hidden up to the end of the line, or to the end
    of the text if the value is an object or a list.
    """
    value = json_io.read(data)
    if not isinstance(value, json_io.NotJson):
        return json_io.pretty(mask(value))
    text = data.decode("utf-8", "replace").replace("\0", "")  # zero bytes of UTF-16
    masked, end = "", 0
    for found in _NAME.finditer(text):
        if found.start() < end or not identifies(found["name"]):
            continue
        masked += text[end : found.end()] + HIDDEN
        line_end = text.find("\n", found.end())
        is_container = text[found.end() : found.end() + 1] in ("[", "{")
        end = len(text) if is_container or line_end < 0 else line_end
    return masked + text[end:]


def mask_host(text: str) -> str:
    """Return a text with the namespaces of API hosts hidden.

    Examples
    --------
    >>> mask_host("https://acme.hb-api.omtrdc.net/api/v1/sessions")
    'https://•••.hb-api.omtrdc.net/api/v1/sessions'
    """
    return _API_HOST.sub(lambda found: found[0] if found[0] in _PUBLIC_NAMESPACES else HIDDEN, text)


def _is_public_value(value: Any) -> bool:
    return (
        value is None
        or value == ""
        or (isinstance(value, str) and (value in _public_values() or _PLACEHOLDER.fullmatch(value) is not None))
    )


@cache
def _public_values() -> frozenset[str]:
    found = {shown for p in catalog.parameters().values() for shown in (p.example, p.demo) if isinstance(shown, str)}
    return frozenset(found | {HIDDEN})


@cache
def _identifying_keys() -> frozenset[str]:
    """Return the identifying keys with and without their prefix, in lower case."""
    keys = [p.key.casefold() for p in catalog.parameters().values() if p.identifies]
    return frozenset(keys) | frozenset(key.rpartition(".")[2] for key in keys)


@lru_cache(maxsize=4096)
def _identifies(key: str) -> bool:
    folded = key.casefold()
    if folded in {key.casefold() for key in catalog.parameters()}:
        return folded in _identifying_keys()
    misspelling = next((s for s in catalog.misspellings().values() if s.key.casefold() == folded), None)
    if misspelling is not None:
        return misspelling.meant is not None and identifies(misspelling.meant)
    if folded in _identifying_keys() or catalog.nearest(folded, _identifying_keys()) is not None:
        return True
    return _has_personal_words(key)


def _has_personal_words(key: str) -> bool:
    """Return whether the words of a custom key identify a person."""
    words = [word for written in _WORD.findall(key) for word in _split_word(written.lower())]
    if not words or words[-1] in _SHARED_WORDS:
        return False
    if not _PERSON_WORDS.isdisjoint(words):
        return True
    has_name = not _NAME_WORDS.isdisjoint(words)
    if not _OWNED_WORDS.isdisjoint(words):
        return has_name or len(words) == 1
    return (has_name and not _OWNED_WORDS_WITH_NAME.isdisjoint(words)) or (
        "name" in words and not _FIRST_NAME_WORDS.isdisjoint(words)
    )


def _split_word(word: str) -> list[str]:
    """Return the words that a joined word consists of, without a plural s."""
    if word in _PERSON_WORDS or word in _NAME_WORDS:
        return [word]
    word = word.removesuffix("s")
    return _JOINED_WORD.findall(word) if not _JOINED_WORD.sub("", word) else [word]
