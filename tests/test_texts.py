"""The sentences: each that the code asks for is there, and each that is there is asked for."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from pathlib import Path

import pytest

from mctoolkit import texts
from mctoolkit.cli.working_copies import shipped
from mctoolkit.errors import MisuseError

PACKAGE = Path(texts.__file__).parent

KEY = re.compile(r"[a-z_]+(\.[\w-]+)+")


def _trees() -> Iterator[ast.AST]:
    for file in PACKAGE.rglob("*.py"):
        yield ast.parse(file.read_text(encoding="utf-8"))


def _patterns(tree: ast.AST) -> Iterator[re.Pattern[str]]:
    """Yield what each key that a file writes with a part in braces can look like, and what it can go on with there."""
    written = {
        "".join(_part(part) for part in node.values) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)
    }
    heads = {text for text in written if re.match(r"[a-z_]+\\\.", text)}
    tails = {text.removeprefix(ANY) for text in written if text.startswith(rf"{ANY}\.")}
    for head in heads:
        yield re.compile(head)
        for tail in tails:
            yield re.compile(head + tail)
    for text in _constants(tree):
        if KEY.fullmatch(text):
            yield from (re.compile(re.escape(text) + tail) for tail in tails)


ANY = "(.+)"


def _part(part: ast.expr) -> str:
    return re.escape(str(part.value)) if isinstance(part, ast.Constant) else ANY


def _constants(tree: ast.AST) -> set[str]:
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def _words_of(facts: object) -> Iterator[str]:
    """Yield every name and every value in a data file."""
    if isinstance(facts, dict):
        for name, value in facts.items():
            yield name
            yield from _words_of(value)
    elif isinstance(facts, list):
        for value in facts:
            yield from _words_of(value)
    else:
        yield str(facts)


def _names() -> set[str]:
    """Return what may stand in braces: each text of the code, all facts, HTTP's statuses, the questions asked."""
    names = {str(status.value) for status in HTTPStatus}
    for tree in _trees():
        names |= _constants(tree)
    for file in (PACKAGE / "facts").rglob("*.toml"):
        if "text" not in file.parts:
            names |= {file.stem, *_words_of(tomllib.loads(file.read_text(encoding="utf-8")))}
    for name in shipped():
        text = (PACKAGE.with_name("notebooks") / name).read_text(encoding="utf-8")
        names |= set(re.findall(r'Question\(\\"([\w-]+)\\"\)', text))
    return names


def _unused(keys: Iterable[str]) -> set[str]:
    """Return the keys that no code can ask for.

    A key is asked for where it stands in the code; or where the code writes it with a part in braces, and something
    of that name stands in the code or in the facts.
    """
    names = _names()
    by_room: dict[str, set[re.Pattern[str]]] = {}
    for pattern in {pattern for tree in _trees() for pattern in _patterns(tree)}:
        by_room.setdefault(re.split(r"\\|\(", pattern.pattern)[0], set()).add(pattern)

    def asked(key: str) -> bool:
        found = (pattern.fullmatch(key) for pattern in by_room.get(key.split(".")[0], ()))
        return key in names or any(match is not None and all(map(asked, match.groups())) for match in found)

    return {key for key in keys if not asked(key) and not asked(re.sub(r"\.(one|other)$", "", key))}


def test_each_sentence_is_asked_for() -> None:
    assert _unused(texts.all_keys()) == set()


@pytest.mark.parametrize(
    "key",
    [
        "form.zork",
        "form.section.zork",
        "form.column.zork",
        "form.send_zork",
        "exchange.failure.zork.short",
        "exchange.failure.cancelled.zork",
        "exchange.nothing_sent.zork",
        "parameters.media.zork.label",
        "parameters.media.id.zork",
        "rules.zork.words",
        "mistakes.zork.label",
        "presets.vod.zork",
        "client.cut.zork",
        "zork.form",
    ],
)
def test_a_sentence_that_nobody_asks_for_is_found(key: str) -> None:
    assert _unused({key, "form.undo"}) == {key}


def test_each_sentence_that_is_asked_for_is_there() -> None:
    rooms = {key.split(".")[0] for key in texts.all_keys()}
    wanted = set()
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                continue
            if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "texts"):
                continue
            name = node.func.attr
            first = node.args[0]
            if (
                name in ("say", "count", "has")
                and isinstance(first, ast.Constant)
                and isinstance(first.value, str)
                and file.name != "texts.py"
            ):
                wanted.add(f"{first.value!s}.other" if name == "count" else str(first.value))
    assert {key for key in wanted if key.split(".")[0] in rooms} - texts.all_keys() == set()
    assert {key.split(".")[0] for key in wanted} <= rooms


def test_a_missing_sentence_or_value_is_a_mistake_in_the_code() -> None:
    with pytest.raises(MisuseError, match=r"no sentence 'form\.nothing'"):
        texts.say("form.nothing")
    with pytest.raises(MisuseError, match="wants the value 'number'"):
        texts.say("form.ready")


def test_values_are_put_in_as_they_are() -> None:
    assert texts.say("fix.put", value="{x} {0} %s") == "Make it {x} {0} %s"


@pytest.mark.parametrize("code", ["nl-NL", "../..", "", "zz", "EN1"])
def test_an_unknown_language_is_english(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_wanted", code)
    assert texts.language() == "en"
    assert texts.say("verdict.none") == "No problems."


def test_english_is_pinned_whatever_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "nl_NL.UTF-8")
    monkeypatch.setenv("LC_ALL", "nl_NL.UTF-8")
    assert texts.say("verdict.none") == "No problems."


def test_no_sentence_is_cut_by_a_brace() -> None:
    for key in texts.all_keys():
        sentence = texts._sentences("en")[key]
        assert sentence.strip() == sentence or key in ("form.unset_fields", "form.newest")
        assert re.sub(r"\{[a-z_]+\}", "", sentence).count("{") == re.sub(r"\{[a-z_]+\}", "", sentence).count("}")
