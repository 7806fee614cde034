"""Parse the tables ``[hosts.NAME]`` of a ``mctoolkit.toml``, and list every problem with its place."""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Iterable, Iterator
from types import MappingProxyType
from typing import Any

from mctoolkit._core.errors import HostError
from mctoolkit._core.html import shorten
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit.client.profiles.profile import Profile
from mctoolkit.models.target import read_target
from mctoolkit.spec import catalog, schemas

__all__ = ["parse_config"]

_KEYS = ("uri", "test_report_suites", "defaults")


_TYPES = {
    "string": Message("text"),
    "number": Message("a number"),
    "integer": Message("an integer"),
    "boolean": Message("true or false, without quotes"),
    "object": Message("an object, {{ ... }}"),
    "array": Message("a list, [ ... ]"),
}
_MESSAGES = {
    "unknown_key": Message("unknown key. {hint}"),
    "not_a_table": Message(
        "{value} is not a table. Write its name in square brackets on a line of its own, such as [hosts.acme]."
    ),
    "no_uri": Message('missing. Write uri = "company.hb-api.omtrdc.net".'),
    "uri_type": Message('{value} is not a string. Write uri = "company.hb-api.omtrdc.net".'),
    "uri": Message("{problem}"),
    "suites_type": Message('{value} is not a list. Write test_report_suites = ["company-test"].'),
    "suite": Message(
        "{value} is not the name of one report suite. Write a string that is not empty and has no comma, such as "
        '"company-test".'
    ),
    "default_key": Message(
        '{key} cannot have a default. Write a metadata label of your own as "customMetadata.name". {hint}'
    ),
    "default_twice": Message("{key} has two defaults. Remove one."),
    "default_type": Message("{value} has the wrong type; use {type}."),
    "default_ts": Message("the time of sending cannot have a default. Remove it."),
}


def parse_config(data: bytes) -> tuple[dict[str, Profile], list[str]]:
    r"""Parse the bytes of a configuration file.

    Returns
    -------
    profiles : dict of str to Profile
        By name, in the order of the file; empty if there are problems.
    problems : list of str
        All problems in the order of the file, each with its place; for a TOML syntax error, line and column.

    Examples
    --------
    >>> parse_config(b'[hosts.acme]\nuri = 7')[1]
    ['hosts.acme.uri: 7 is not a string. Write uri = "company.hb-api.omtrdc.net".']
    """
    try:
        content = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return {}, [_("the file is not UTF-8. Save it as UTF-8.")]
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return {}, [_("not valid TOML: {message}.").format(message=error)]
    if "hosts" not in content and any(isinstance(table, dict) and "host" in table for table in content.values()):
        return {}, [
            _(
                "the file has the old format. Write each table [NAME] as [hosts.NAME], its key host "
                "as uri, and [NAME.defaults] as [hosts.NAME.defaults]."
            )
        ]
    problems = list(_find_problems(content))
    return ({}, problems) if problems else ({name: _build_profile(name, table) for name, table in _hosts(content)}, [])


def _hosts(content: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    hosts = content.get("hosts", {})
    return hosts.items() if isinstance(hosts, dict) else ()


def _build_profile(name: str, table: dict[str, Any]) -> Profile:
    suites = tuple(suite.strip() for suite in table.get("test_report_suites", ()))
    defaults = {key: value for _unused, key, value in _defaults((), table.get("defaults", {}))}
    return Profile(name, table["uri"].strip(), suites, MappingProxyType(defaults))


def _find_problems(content: dict[str, Any]) -> Iterator[str]:
    yield from _unknown_keys((), content, ("hosts",))
    if not isinstance(content.get("hosts", {}), dict):
        yield _format_problem(("hosts",), "not_a_table", value=_format_value(content["hosts"]))
    for name, table in _hosts(content):
        place = ("hosts", name)
        if not isinstance(table, dict):
            yield _format_problem(place, "not_a_table", value=_format_value(table))
            continue
        yield from _unknown_keys(place, table, _KEYS)
        yield from _uri_problems((*place, "uri"), table.get("uri"))
        yield from _suite_problems((*place, "test_report_suites"), table.get("test_report_suites", []))
        yield from _default_problems((*place, "defaults"), table.get("defaults", {}))


def _unknown_keys(place: tuple[str, ...], table: dict[str, Any], known: tuple[str, ...]) -> Iterator[str]:
    for key in table:
        if key not in known:
            yield _format_problem((*place, key), "unknown_key", hint=_suggest(key, known) or _list_keys(known))


def _uri_problems(place: tuple[str, ...], uri: Any) -> Iterator[str]:
    if uri is None:
        yield _format_problem(place, "no_uri")
    elif not isinstance(uri, str):
        yield _format_problem(place, "uri_type", value=_format_value(uri))
    else:
        try:
            read_target(uri)
        except HostError as error:
            yield _format_problem(place, "uri", problem=error)


def _suite_problems(place: tuple[str, ...], suites: Any) -> Iterator[str]:
    if not isinstance(suites, list):
        yield _format_problem(place, "suites_type", value=_format_value(suites))
        return
    for index, suite in enumerate(suites):
        if not isinstance(suite, str) or not suite.strip() or "," in suite:
            yield _format_problem((*place, index), "suite", value=_format_value(suite))


def _default_problems(place: tuple[str, ...], defaults: Any) -> Iterator[str]:
    if not isinstance(defaults, dict):
        yield _format_problem(place, "not_a_table", value=_format_value(defaults))
        return
    seen: set[str] = set()
    for key_place, key, value in _defaults(place, defaults):
        json_type = _json_type_of(key)
        if key in seen:
            yield _format_problem(key_place, "default_twice", key=shorten(key, 80))
        elif key == "playerTime.ts":
            yield _format_problem(key_place, "default_ts")
        elif json_type is None:
            yield _format_problem(
                key_place, "default_key", key=shorten(key, 80), hint=_suggest(key, _keys_with_default())
            )
        elif not _is_of_type(value, json_type):
            yield _format_problem(key_place, "default_type", value=_format_value(value), type=str(_TYPES[json_type]))
        seen.add(key)


def _defaults(place: tuple[str, ...], table: Any, prefix: str = "") -> Iterator[tuple[tuple[str, ...], str, Any]]:
    """Yield place, key and value of each default.

    In TOML, ``media.channel = "web"`` without quotes around the key is a nested table; here it is one key.
    """
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict) and value and _json_type_of(key) is None:
            yield from _defaults((*place, name), value, f"{key}.")
        else:
            yield (*place, name), key, value


def _keys_with_default() -> list[str]:
    return [key for key, known in catalog.parameters().items() if known.status == "current" and len(known.place) == 2]


def _json_type_of(key: str) -> str | None:
    """Return the JSON type of a key that can have a default, or None if it cannot."""
    member, _, name = key.partition(".")
    if member == "customMetadata" and re.fullmatch(schemas.CUSTOM_NAME_PATTERN.strip("^$"), name):
        return "string"
    return catalog.parameter(key).type if key in _keys_with_default() else None


def _is_of_type(value: Any, json_type: str) -> bool:
    if json_type in ("number", "integer"):
        kinds = int if json_type == "integer" else (int, float)
        return isinstance(value, kinds) and not isinstance(value, bool) and math.isfinite(value)
    return isinstance(value, {"string": str, "boolean": bool, "object": dict, "array": list}[json_type])


def _format_problem(place: tuple[str | int, ...], message: str, **values: object) -> str:
    """Return a problem with its place in TOML notation: ``hosts.acme.defaults."media.channel"``."""
    path = ""
    for part in place:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            name = part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else json.dumps(part, ensure_ascii=False)
            path += f".{shorten(name, 80)}" if path else shorten(name, 80)
    return _("{place}: {message}").format(place=path, message=_MESSAGES[message].format(**values)).rstrip()


def _suggest(name: str, known: Iterable[str]) -> str:
    nearest = catalog.nearest(name, known)
    return _("Did you mean {nearest}?").format(nearest=nearest) if nearest else ""


def _list_keys(keys: Iterable[str]) -> str:
    return _("Known keys: {keys}.").format(keys=", ".join(keys))


def _format_value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return shorten(json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value), 60)
