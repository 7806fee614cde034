"""The messages that people read: translated when they are shown, with the catalogue of the language in use."""

from __future__ import annotations

import ast
import io
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo

import mctoolkit
from mctoolkit._core import messages
from mctoolkit._core.messages import Message, Plural, gettext, language, ngettext, sentences
from mctoolkit.spec import catalog, loader


@pytest.fixture
def _dutch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Use a catalogue that has two messages."""
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
def test_a_message_is_translated_when_it_is_shown() -> None:
    assert str(Message("Cannot read {path}.", {"path": Message("the body")})) == "de body is niet te lezen."
    assert str(sentences(Message("the body"), "x")) == "de body x"
    assert ngettext("{number} file", "{number} files", 1) == "{number} bestand"
    assert Plural("{number} file", "{number} files").format(2) == "2 bestanden"
    assert language() == "nl"


@pytest.mark.usefixtures("_dutch")
def test_a_text_without_a_translation_stays_english() -> None:
    assert gettext("Another text.") == "Another text."
    assert gettext("") == ""


@pytest.mark.parametrize("code", ["nl-NL", "../..", "", "zz", "EN1"])
def test_an_unknown_language_is_english(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "_wanted", code)
    assert language() == "en"
    assert gettext("No problems.") == "No problems."


def test_values_are_filled_in_unchanged() -> None:
    assert str(Message("Make it {value}", {"value": "{x} {0} %s"})) == "Make it {x} {0} %s"


def test_messages_are_equal_by_text_and_values() -> None:
    first, same = Message("{a}", {"a": 1}), Message("{a}", {"a": 1})
    assert first == same
    assert hash(first) == hash(same)
    assert first != Message("{a}", {"a": 2})


# --- the sources of messages ------------------------------------------------------------------------------------------

PACKAGE = Path(mctoolkit.__file__).parent
NOT_FOR_PEOPLE = frozenset(
    {"context", "demo", "example", "group", "pattern", "put", "reason"}
    | {"sample", "source", "sources", "start", "steps", "unit", "xdm"}
)
"""Names under which a file of facts has texts that are not translated."""


def _extracted() -> set[str]:
    """Return every message that Babel finds with babel.cfg."""
    found: set[str] = set()
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "Message": None, "Plural": (1, 2)}
    config = io.StringIO((PACKAGE.parent / "babel.cfg").read_text("utf-8"))
    methods, options = parse_mapping_cfg(config)  # type: ignore[no-untyped-call]
    for _file, _line, message, *_more in extract_from_dir(PACKAGE.parent, methods, options, keywords):
        found.update([message] if isinstance(message, str) else message)
    return found


def _prose(value: object) -> Iterator[str]:
    """Yield the texts in a file of facts that look like sentences for people."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name not in NOT_FOR_PEOPLE:
                yield from _prose(each)
    elif isinstance(value, str) and " " in value:
        yield value


def test_every_sentence_about_a_fact_is_extracted() -> None:
    files = [file for file in Path(loader.__file__).parent.rglob("*.toml") if "text" not in file.parts]
    prose = {text for file in files for text in _prose(tomllib.loads(file.read_text("utf-8")))}
    assert len(prose) > 500
    assert prose - _extracted() == set()


def _placeholders(text: str) -> set[str]:
    return {name for _before, name, _spec, _conversion in Formatter().parse(text) if name is not None}


def _texts(call: ast.Call) -> list[str]:
    return [each.value for each in call.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _formats(tree: ast.AST) -> Iterator[tuple[ast.Call, list[ast.Call]]]:
    """Yield each call of ``format`` on translated texts, with the calls that translate them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            on = node.func.value
            made = [on.body, on.orelse] if isinstance(on, ast.IfExp) else [on]
            yield node, [each for each in made if isinstance(each, ast.Call) and _name(each) in ("_", "ngettext")]


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda file: file.stem)
def test_every_placeholder_has_its_value(file: Path) -> None:
    tree = ast.parse(file.read_text("utf-8"))
    formatted = set()
    for node, calls in _formats(tree):
        given = {keyword.arg for keyword in node.keywords}
        for call in calls:
            formatted.add(call)
            for text in _texts(call):
                assert None in given or _placeholders(text) <= given, f"{file.name}:{node.lineno}: {text}"
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call) and node not in formatted):
        values = call.args[-1] if call.args else None
        if _name(call) == "_":
            for text in _texts(call):
                assert not re.search(r"\{[a-z_]*\}", text), f"{file.name}:{call.lineno}: {text}"
        elif _name(call) == "Message" and isinstance(values, ast.Dict):
            names = {key.value for key in values.keys if isinstance(key, ast.Constant)}
            assert _placeholders(_texts(call)[0]) <= names, f"{file.name}:{call.lineno}: {_texts(call)[0]}"


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda file: file.stem)
def test_every_rule_has_the_variant_and_the_values_of_its_message(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "message"):
            continue
        rule = node.func.value
        if isinstance(rule, ast.Call) and rule.args and isinstance(rule.args[0], ast.Constant):
            given = {keyword.arg for keyword in node.keywords}
            if len(_texts(node)) == len(node.args) and None not in given:
                variant = (_texts(node) or ["default"])[0]
                assert _placeholders(catalog.rule(str(rule.args[0].value)).messages[variant]) <= given
