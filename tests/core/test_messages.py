"""Translation of messages."""

from __future__ import annotations

import ast
import io
import tomllib
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import TypeGuard

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo

import mctoolkit
from mctoolkit._core import messages
from mctoolkit._core.messages import Message, Plural, gettext, join_sentences, language, ngettext
from mctoolkit.spec import catalog, loader


@pytest.fixture
def _dutch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Use a Dutch catalogue with three messages."""
    catalog = Catalog(locale="nl")
    catalog.add("Cannot read {path}.", "{path} is niet te lezen.")
    catalog.add("the body", "de body")
    catalog.add(("{number} file", "{number} files"), ("{number} bestand", "{number} bestanden"))
    compiled = tmp_path / "locale" / "nl" / "LC_MESSAGES" / "mctoolkit.mo"
    compiled.parent.mkdir(parents=True)
    written = io.BytesIO()
    write_mo(written, catalog)
    compiled.write_bytes(written.getvalue())
    monkeypatch.setattr(messages, "files", lambda _: tmp_path)
    monkeypatch.setattr(messages, "_wanted", "nl")
    messages._catalogue.cache_clear()
    yield
    messages._catalogue.cache_clear()


@pytest.mark.usefixtures("_dutch")
def test_message_is_translated_when_shown() -> None:
    assert str(Message("Cannot read {path}.", {"path": Message("the body")})) == "de body is niet te lezen."
    assert str(join_sentences(Message("the body"), "x")) == "de body x"
    assert ngettext("{number} file", "{number} files", 1) == "{number} bestand"
    assert Plural("{number} file", "{number} files").format(2) == "2 bestanden"
    assert language() == "nl"


@pytest.mark.usefixtures("_dutch")
def test_text_without_translation_is_english() -> None:
    assert gettext("Another text.") == "Another text."
    assert gettext("") == ""


@pytest.mark.parametrize("code", ["nl-NL", "../..", "", "zz", "EN1"])
def test_unknown_language_is_english(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "_wanted", code)
    assert language() == "en"
    assert gettext("No problems.") == "No problems."


def test_values_are_not_formatted_again() -> None:
    assert str(Message("Make it {value}", {"value": "{x} {0} %s"})) == "Make it {x} {0} %s"


def test_messages_are_equal_by_text_and_values() -> None:
    first, same = Message("{a}", {"a": 1}), Message("{a}", {"a": 1})
    assert first == same
    assert hash(first) == hash(same)
    assert first != Message("{a}", {"a": 2})


PACKAGE = Path(mctoolkit.__file__).parent
UNTRANSLATED = frozenset(
    {"context", "demo", "example", "group", "pattern", "put", "reason"}
    | {"sample", "source", "sources", "start", "steps", "unit", "xdm"}
)
"""The names of values in data files that are not translated."""


def _extract_messages() -> set[str]:
    """Return every message that Babel extracts with babel.cfg."""
    found: set[str] = set()
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "Message": None, "Plural": (1, 2)}
    config = io.StringIO((PACKAGE.parent / "babel.cfg").read_text("utf-8"))
    methods, options = parse_mapping_cfg(config)  # type: ignore[no-untyped-call]
    for _file, _line, message, *_more in extract_from_dir(PACKAGE.parent, methods, options, keywords):
        found.update([message] if isinstance(message, str) else message)
    return found


def _find_prose(value: object) -> Iterator[str]:
    """Yield the texts of a data file that have more than one word."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name not in UNTRANSLATED:
                yield from _find_prose(member)
    elif isinstance(value, str) and " " in value:
        yield value


def test_babel_extracts_every_sentence_of_the_data_files() -> None:
    files = Path(loader.__file__).parent.rglob("*.toml")
    prose = {text for file in files for text in _find_prose(tomllib.loads(file.read_text("utf-8")))}
    assert len(prose) > 500
    assert prose - _extract_messages() == set()


def _placeholders(text: str) -> set[str]:
    return {name for _before, name, _spec, _conversion in Formatter().parse(text) if name is not None}


def _texts(call: ast.Call) -> list[str]:
    return [arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]


def _missing_values(call: ast.Call) -> set[str]:
    """Return the placeholders of translated texts, or of the message of a rule, that a call has no values for."""
    values = {keyword.arg for keyword in call.keywords}
    if None in values or not isinstance(call.func, ast.Attribute):
        return set()
    target = call.func.value
    if call.func.attr == "format":
        branches = [target.body, target.orelse] if isinstance(target, ast.IfExp) else [target]
        texts = [text for branch in branches if _is_translation(branch) for text in _texts(branch)]
    elif call.func.attr == "message" and isinstance(target, ast.Call) and len(_texts(call)) == len(call.args):
        variant = (_texts(call) or ["default"])[0]
        texts = [catalog.rule(rule).messages[variant] for rule in _texts(target)]
    else:
        return set()
    return {name for text in texts for name in _placeholders(text)} - values


def _is_translation(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "ngettext")


def test_every_placeholder_has_a_value() -> None:
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                assert not _missing_values(node), f"{file}:{node.lineno}"
