"""Read the tables ``[hosts.NAME]`` of a ``mctoolkit.toml``, and list every problem of the file with its place."""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Iterable, Iterator
from types import MappingProxyType
from typing import Any

from mctoolkit._core import messages
from mctoolkit._core.errors import TargetError
from mctoolkit._core.html import shorten
from mctoolkit.client.profiles.profile import Profile
from mctoolkit.models.target import read_target
from mctoolkit.spec import catalog, schemas

__all__ = ["read"]

_KEYS = ("uri", "test_report_suites", "defaults")


def read(data: bytes) -> tuple[dict[str, Profile], list[str]]:
    r"""Read the bytes of a configuration file.

    Returns
    -------
    profiles : dict of str to Profile
        By name, in the order of the file; empty if there are problems.
    problems : list of str
        All problems, in the order of the file, each with its place; of a TOML syntax error, with line and column.

    Examples
    --------
    >>> read(b'[hosts.acme]\nuri = 7')[1]
    ['hosts.acme.uri: 7 is not a string. Write uri = "company.hb-api.omtrdc.net".']
    """
    try:
        content = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return {}, [messages.say("profiles.wrong.encoding")]
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return {}, [messages.say("profiles.wrong.toml", message=error)]
    if "hosts" not in content and any(isinstance(table, dict) and "host" in table for table in content.values()):
        return {}, [messages.say("profiles.wrong.old")]
    problems = list(_problems(content))
    return ({}, problems) if problems else ({name: _profile(name, table) for name, table in _hosts(content)}, [])


def _hosts(content: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    hosts = content.get("hosts", {})
    return hosts.items() if isinstance(hosts, dict) else ()


def _profile(name: str, table: dict[str, Any]) -> Profile:
    suites = tuple(suite.strip() for suite in table.get("test_report_suites", ()))
    defaults = {key: value for _, key, value in _defaults((), table.get("defaults", {}))}
    return Profile(name, table["uri"].strip(), suites, MappingProxyType(defaults))


def _problems(content: dict[str, Any]) -> Iterator[str]:
    yield from _unknown_keys((), content, ("hosts",))
    if not isinstance(content.get("hosts", {}), dict):
        yield _at(("hosts",), "not_a_table", value=_shown(content["hosts"]))
    for name, table in _hosts(content):
        place = ("hosts", name)
        if not isinstance(table, dict):
            yield _at(place, "not_a_table", value=_shown(table))
            continue
        yield from _unknown_keys(place, table, _KEYS)
        yield from _uri_problems((*place, "uri"), table.get("uri"))
        yield from _suite_problems((*place, "test_report_suites"), table.get("test_report_suites", []))
        yield from _default_problems((*place, "defaults"), table.get("defaults", {}))


def _unknown_keys(place: tuple[str, ...], table: dict[str, Any], known: tuple[str, ...]) -> Iterator[str]:
    for key in table:
        if key not in known:
            yield _at((*place, key), "key", hint=_nearest(key, known) or _known(known))


def _uri_problems(place: tuple[str, ...], uri: Any) -> Iterator[str]:
    if uri is None:
        yield _at(place, "no_uri")
    elif not isinstance(uri, str):
        yield _at(place, "not_a_uri", value=_shown(uri))
    else:
        try:
            read_target(uri)
        except TargetError as error:
            yield _at(place, "uri", problem=error)


def _suite_problems(place: tuple[str, ...], suites: Any) -> Iterator[str]:
    if not isinstance(suites, list):
        yield _at(place, "not_a_suites", value=_shown(suites))
        return
    for index, suite in enumerate(suites):
        if not isinstance(suite, str) or not suite.strip() or "," in suite:
            yield _at((*place, index), "suite", value=_shown(suite))


def _default_problems(place: tuple[str, ...], defaults: Any) -> Iterator[str]:
    if not isinstance(defaults, dict):
        yield _at(place, "not_a_table", value=_shown(defaults))
        return
    seen: set[str] = set()
    for way, key, value in _defaults(place, defaults):
        wanted = _wanted(key)
        if key in seen:
            yield _at(way, "default_twice", key=shorten(key, 80))
        elif key == "playerTime.ts":
            yield _at(way, "default_ts")
        elif wanted is None:
            yield _at(way, "default_key", key=shorten(key, 80), hint=_nearest(key, _fillable()))
        elif not _is_of_type(value, wanted):
            yield _at(way, "default_type", value=_shown(value), wanted=messages.say(f"kind.{wanted}"))
        seen.add(key)


def _defaults(place: tuple[str, ...], table: Any, above: str = "") -> Iterator[tuple[tuple[str, ...], str, Any]]:
    """Yield place, key and value of each default.

    In TOML ``media.channel = "web"`` without quotes around the key is a table inside a table; here it is one key.
    """
    for name, value in table.items():
        key = f"{above}{name}"
        if isinstance(value, dict) and value and _wanted(key) is None:
            yield from _defaults((*place, name), value, f"{key}.")
        else:
            yield (*place, name), key, value


def _fillable() -> list[str]:
    return [key for key, known in catalog.parameters().items() if known.status == "current" and len(known.place) == 2]


def _wanted(key: str) -> str | None:
    """Return the JSON type of a key that can have a default, or None if it cannot."""
    member, _, name = key.partition(".")
    if member == "customMetadata" and re.fullmatch(schemas.CUSTOM_NAME_PATTERN.strip("^$"), name):
        return "string"
    return catalog.parameter(key).type if key in _fillable() else None


def _is_of_type(value: Any, wanted: str) -> bool:
    if wanted in ("number", "integer"):
        kinds = int if wanted == "integer" else (int, float)
        return isinstance(value, kinds) and not isinstance(value, bool) and math.isfinite(value)
    return isinstance(value, {"string": str, "boolean": bool, "object": dict, "array": list}[wanted])


def _at(place: tuple[str | int, ...], message: str, **values: object) -> str:
    """Return a message with its place, written as in TOML: ``hosts.acme.defaults."media.channel"``."""
    shown = ""
    for part in place:
        if isinstance(part, int):
            shown += f"[{part}]"
        else:
            name = part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else json.dumps(part, ensure_ascii=False)
            shown += f".{shorten(name, 80)}" if shown else shorten(name, 80)
    return messages.say("profiles.at", place=shown, what=messages.say(f"profiles.wrong.{message}", **values)).rstrip()


def _nearest(name: str, known: Iterable[str]) -> str:
    close = catalog.nearest(name, known)
    return messages.say("profiles.did_you_mean", nearest=close) if close else ""


def _known(keys: Iterable[str]) -> str:
    return messages.say("profiles.known_keys", keys=", ".join(keys))


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return shorten(json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value), 60)
