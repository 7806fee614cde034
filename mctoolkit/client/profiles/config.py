"""Read the tables ``[hosts.NAME]`` of a ``mctoolkit.toml``, and list every problem of the file with its place."""

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

__all__ = ["read"]

_KEYS = ("uri", "test_report_suites", "defaults")


_WANTED_KINDS = {
    "string": Message("text"),
    "number": Message("a number"),
    "integer": Message("a whole number"),
    "boolean": Message("true or false, without quotes"),
    "object": Message("an object, {{ ... }}"),
    "array": Message("a list, [ ... ]"),
}
_WRONGS = {
    "no_file": Message("this file does not exist. Correct its path."),
    "unreadable": Message("this file cannot be read ({reason})."),
    "encoding": Message("this file is not UTF-8. Save it as UTF-8."),
    "toml": Message("not valid TOML: {message}."),
    "old": Message(
        "this file is in the old format. Write each table [NAME] as [hosts.NAME], its "
        "key host as uri, and [NAME.defaults] as [hosts.NAME.defaults]."
    ),
    "old_file": Message(
        "this file is not read any more. Write it as {path}: each table [NAME] as "
        "[hosts.NAME], its key host as uri, and [NAME.defaults] as [hosts.NAME.defaults]."
    ),
    "key": Message("unknown key. {hint}"),
    "not_a_table": Message(
        "{value} is not a table. Write its name in square brackets on a line of its own, such as [hosts.acme]."
    ),
    "no_uri": Message('missing. Write uri = "company.hb-api.omtrdc.net".'),
    "not_a_uri": Message('{value} is not a string. Write uri = "company.hb-api.omtrdc.net".'),
    "uri": Message("{problem}"),
    "not_a_suites": Message('{value} is not a list. Write test_report_suites = ["company-test"].'),
    "suite": Message(
        "{value} is not the name of one report suite. Write a string that is not empty "
        'and has no comma, such as "company-test".'
    ),
    "default_key": Message('{key} cannot have a default. A label of your own is written "customMetadata.name". {hint}'),
    "default_twice": Message("{key} has two defaults. Remove one."),
    "default_type": Message("{value} has the wrong type. The value is {wanted}."),
    "default_ts": Message("the time of sending cannot have a default. Remove it."),
    "taken": Message(
        "[hosts.{name}] has the name of the profile from MCTOOLKIT_HOST or MC_URI. Rename it, or unset the variable."
    ),
    "suites_alone": Message("this lists test report suites, but no host is set. Set MCTOOLKIT_HOST too."),
}


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
        return {}, [_("this file is not UTF-8. Save it as UTF-8.")]
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return {}, [_("not valid TOML: {message}.").format(message=error)]
    if "hosts" not in content and any(isinstance(table, dict) and "host" in table for table in content.values()):
        return {}, [
            _(
                "this file is in the old format. Write each table [NAME] as [hosts.NAME], its key host "
                "as uri, and [NAME.defaults] as [hosts.NAME.defaults]."
            )
        ]
    problems = list(_problems(content))
    return ({}, problems) if problems else ({name: _profile(name, table) for name, table in _hosts(content)}, [])


def _hosts(content: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    hosts = content.get("hosts", {})
    return hosts.items() if isinstance(hosts, dict) else ()


def _profile(name: str, table: dict[str, Any]) -> Profile:
    suites = tuple(suite.strip() for suite in table.get("test_report_suites", ()))
    defaults = {key: value for _unused, key, value in _defaults((), table.get("defaults", {}))}
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
        except HostError as error:
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
            yield _at(way, "default_type", value=_shown(value), wanted=str(_WANTED_KINDS[wanted]))
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
    return _("{place}: {what}").format(place=shown, what=_WRONGS[message].format(**values)).rstrip()


def _nearest(name: str, known: Iterable[str]) -> str:
    close = catalog.nearest(name, known)
    return _("Did you mean {nearest}?").format(nearest=close) if close else ""


def _known(keys: Iterable[str]) -> str:
    return _("Known keys: {keys}.").format(keys=", ".join(keys))


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return shorten(json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value), 60)
