"""The messages that people read: translated when they are shown, with the catalogue of the language in use."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from mctoolkit import texts
from mctoolkit.texts import Message, Plural, gettext, language, ngettext, sentences


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
    monkeypatch.setattr(texts, "files", lambda _: tmp_path)
    monkeypatch.setattr(texts, "_wanted", "nl")
    texts._catalogue.cache_clear()
    yield
    texts._catalogue.cache_clear()


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
    monkeypatch.setattr(texts, "_wanted", code)
    assert language() == "en"
    assert gettext("No problems.") == "No problems."


def test_values_are_filled_in_unchanged() -> None:
    assert str(Message("Make it {value}", {"value": "{x} {0} %s"})) == "Make it {x} {0} %s"


def test_messages_are_equal_by_text_and_values() -> None:
    first, same = Message("{a}", {"a": 1}), Message("{a}", {"a": 1})
    assert first == same
    assert hash(first) == hash(same)
    assert first != Message("{a}", {"a": 2})
