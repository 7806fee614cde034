"""Read profiles from the text of a file, and say all that is wrong with it, each with its line."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Iterator
from types import MappingProxyType
from typing import Any

from mctoolkit import texts
from mctoolkit.errors import TargetError
from mctoolkit.facts import catalog, schemas
from mctoolkit.markup import shorten
from mctoolkit.profiles.entry import Profile
from mctoolkit.targets import read_target

__all__ = ["read"]

Place = tuple[str, ...]
"""The way to a table or key of the file: name of the profile, member, key."""

_MEMBERS = ("host", "test_report_suites", "defaults")


def read(data: bytes) -> tuple[dict[str, Profile], list[tuple[int | None, str]]]:
    r"""Read the bytes of a file of profiles.

    Returns
    -------
    profiles : dict of str to Profile
        By name, in the order of the file; without those with which something is wrong.
    slips : list of (int or None, str)
        All that is wrong: the line where it is known, counted from 1, and the words. In the order of the lines.

    Examples
    --------
    >>> read(b'[test]\nhost = "company.hb-api.omtrdc.net"\nhots = 1')[1][0][0]
    3
    """
    try:
        text = data.decode("utf-8-sig")
        content = tomllib.loads(text)
    except UnicodeDecodeError:
        return {}, [(None, texts.say("profiles.wrong.encoding"))]
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        at = re.search(r"\(at line (\d+)", str(error))  # else it says "(at end of document)"
        message = re.sub(r" \(at .*\)$", "", str(error))
        return {}, [
            (int(at[1]) if at else len(text.splitlines()) or None, texts.say("profiles.wrong.toml", message=message))
        ]
    lines = _lines(text)
    found: dict[str, Profile] = {}
    slips: list[tuple[int | None, str]] = []
    for name, block in content.items():
        wrong = [(_line(place, lines), words) for place, words in _slips(name, block)]
        slips += wrong
        if not wrong:
            suites = tuple(suite.strip() for suite in block.get("test_report_suites", ()))
            defaults = {key: value for _, key, value in _defaults(block.get("defaults", {}))}
            found[name] = Profile(name, block["host"].strip(), suites, MappingProxyType(defaults))
    return found, sorted(slips, key=lambda slip: slip[0] or 0)


def _slips(name: str, block: Any) -> Iterator[tuple[Place, str]]:
    """Give all that is wrong with one profile: where and in words."""
    shown = shorten(name, 80)
    if not isinstance(block, dict):
        yield (name,), texts.say("profiles.wrong.not_a_table", name=shown)
        return
    for member in block:
        if member not in _MEMBERS:
            words = texts.say("profiles.wrong.member", member=shorten(member, 80))
            yield (name, member), words + _nearest(member, _MEMBERS)
    if "host" not in block:
        yield (name,), texts.say("profiles.wrong.no_host", name=shown)
    else:
        yield from _host_slips(name, block["host"])
    yield from _suite_slips(name, block.get("test_report_suites", []))
    defaults = block.get("defaults", {})
    if isinstance(defaults, dict):
        yield from _default_slips(name, defaults)
    else:
        yield (name, "defaults"), texts.say("profiles.wrong.defaults_type", name=shown, kind=_kind(defaults))


def _host_slips(name: str, host: Any) -> Iterator[tuple[Place, str]]:
    if not isinstance(host, str):
        yield (name, "host"), texts.say("profiles.wrong.host_type", kind=_kind(host))
        return
    try:
        read_target(host)
    except TargetError as error:
        yield (name, "host"), str(error)


def _suite_slips(name: str, suites: Any) -> Iterator[tuple[Place, str]]:
    place = (name, "test_report_suites")
    if not isinstance(suites, list):
        yield place, texts.say("profiles.wrong.suites_type", kind=_kind(suites))
        return
    for suite in suites:
        if not isinstance(suite, str) or not suite.strip() or "," in suite:
            yield place, texts.say("profiles.wrong.suite_type", value=_shown(suite))


def _default_slips(name: str, defaults: dict[str, Any]) -> Iterator[tuple[Place, str]]:
    seen: set[str] = set()
    for way, key, value in _defaults(defaults):
        place, shown = (name, "defaults", *way), shorten(key, 80)
        wanted = _wanted(key)
        if key in seen:
            yield place, texts.say("profiles.wrong.default_twice", key=shown, name=shorten(name, 80))
        elif key == "playerTime.ts":
            yield place, texts.say("profiles.wrong.default_ts", key=key)
        elif wanted is None:
            yield place, texts.say("profiles.wrong.default_key", key=shown) + _nearest(key, _fillable())
        elif not _is_of_type(value, wanted):
            kind = texts.say(f"kind.{wanted}")
            yield place, texts.say("profiles.wrong.default_type", key=shown, wanted=kind, value=_shown(value))
        seen.add(key)


def _defaults(table: Any, above: Place = ()) -> Iterator[tuple[Place, str, Any]]:
    """Give the keys of a table of defaults: where each stands, its name on the wire, and its value.

    In TOML ``media.channel = "web"`` without quotes around the key is a table in a table; here it is what it looks
    like.
    """
    for name, value in table.items():
        way = (*above, name)
        key = ".".join(way)
        if isinstance(value, dict) and _wanted(key) is None and value:
            yield from _defaults(value, way)
        else:
            yield way, key, value


def _fillable() -> list[str]:
    return [key for key, known in catalog.parameters().items() if known.status == "current" and len(known.place) == 2]


def _wanted(key: str) -> str | None:
    """Return the JSON type of a key that a form can be filled with, or None where there is no such key."""
    member, _, name = key.partition(".")
    if member == "customMetadata" and re.fullmatch(schemas.CUSTOM_NAME_PATTERN.strip("^$"), name):
        return "string"
    return catalog.parameter(key).type if key in _fillable() else None


def _is_of_type(value: Any, wanted: str) -> bool:
    if wanted in ("number", "integer"):
        kinds = int if wanted == "integer" else (int, float)
        return isinstance(value, kinds) and not isinstance(value, bool) and math.isfinite(value)
    return isinstance(value, {"string": str, "boolean": bool, "object": dict, "array": list}[wanted])


def _nearest(name: str, known: Iterable[str]) -> str:
    close = catalog.nearest(name, known)
    return f" {texts.say('profiles.did_you_mean', nearest=close)}" if close else ""


def _kind(value: Any) -> str:
    for types, name in ((bool, "boolean"), (str, "string"), (int | float, "number"), (dict, "object"), (list, "array")):
        if isinstance(value, types):
            return texts.say(f"kind.a_{name}")
    return shorten(str(value), 60)  # a date or a time


def _shown(value: Any) -> str:
    return shorten(repr(value) if isinstance(value, str) else str(value), 60)


def _line(place: Place, lines: dict[Place, int]) -> int | None:
    """Return the line of a place, or that of what it stands in."""
    return next((lines[place[:length]] for length in range(len(place), 0, -1) if place[:length] in lines), None)


def _lines(text: str) -> dict[Place, int]:
    """Return the first line of each table and key of a TOML file, as far as lines by themselves tell."""
    found: dict[Place, int] = {}
    table: Place = ()
    for number, line in enumerate(text.splitlines(), start=1):
        header = line.lstrip().startswith("[")
        try:
            way = _way(tomllib.loads(line if header else line.partition("=")[0] + "= 0"))
        except tomllib.TOMLDecodeError:
            continue
        table = way if header else table
        place = way if header else table + way
        for length in range(1, len(place) + 1):
            found.setdefault(place[:length], number)
    return found


def _way(content: dict[str, Any]) -> Place:
    way: Place = ()
    found: Any = content
    while isinstance(found, dict) and found:
        name = next(iter(found))
        way, found = (*way, name), found[name]
    return way
