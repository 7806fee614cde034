"""Translate the messages that people read, with gettext; English is the source language.

The English text stands where it is used. Compiled catalogues lie in ``mctoolkit/locale/<language>/LC_MESSAGES``.
"""

from __future__ import annotations

import gettext as _gettext
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from mctoolkit._core.errors import MisuseError

__all__ = [
    "LANGUAGE_VARIABLE",
    "Message",
    "Plural",
    "all_keys",
    "count",
    "gettext",
    "has",
    "language",
    "ngettext",
    "say",
    "sentences",
]

LANGUAGE_VARIABLE = "MCTOOLKIT_LANGUAGE"
_SOURCE = "en"
_wanted = os.environ.get(LANGUAGE_VARIABLE, _SOURCE)


def language() -> str:
    """Return the language in use: that of ``MCTOOLKIT_LANGUAGE`` if it has a catalogue, otherwise English.

    The environment variable is read once, when the package is imported.

    Returns
    -------
    str
        A language code such as ``"en"``.
    """
    return _wanted if isinstance(_catalogue(_wanted), _gettext.GNUTranslations) else _SOURCE


def gettext(text: str) -> str:
    """Return the translation of a text, or the text itself if there is none.

    Examples
    --------
    >>> gettext("No problems.")
    'No problems.'
    """
    return _catalogue(_wanted).gettext(text) if text else ""


def ngettext(one: str, other: str, number: int) -> str:
    """Return the translation of the form of a text that goes with a number.

    Examples
    --------
    >>> ngettext("{number} problem", "{number} problems", 2).format(number=2)
    '2 problems'
    """
    return _catalogue(_wanted).ngettext(one, other, number)


@dataclass(frozen=True, slots=True)
class Message:
    """A text that is translated, and filled in with its values, only when it is shown.

    Attributes
    ----------
    text : str
        The English text, with the names of values in braces; a brace that is shown stands twice.
    values : mapping
        The values by name; values that are messages themselves are translated, too.

    Examples
    --------
    >>> str(Message("Cannot read {path}.", {"path": "a.har"}))
    'Cannot read a.har.'
    """

    text: str
    values: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return self.format(**self.values)

    def format(self, **values: object) -> str:
        """Return the translated text with these values filled in."""
        return gettext(self.text).format(**values)


@dataclass(frozen=True, slots=True)
class Plural:
    """The two English forms of a message that counts something.

    Examples
    --------
    >>> Plural("{number} file", "{number} files").format(2)
    '2 files'
    """

    one: str
    other: str

    def format(self, number: int, **values: object) -> str:
        """Return the translated form for a number with its values filled in."""
        return ngettext(self.one, self.other, number).format(number=number, **values)


def sentences(*parts: str | Message) -> Message:
    """Return one message that shows several, with a space between them; empty parts are left out.

    Examples
    --------
    >>> str(sentences(Message("First."), "", "Second."))
    'First. Second.'
    """
    shown = {f"part{number}": part for number, part in enumerate(parts) if part}
    return Message(" ".join(f"{{{name}}}" for name in shown), shown)


@cache
def _catalogue(wanted: str) -> _gettext.NullTranslations:
    """Load the catalogue of a language; one that makes no changes if there is none."""
    if not wanted.replace("_", "").isalnum():
        return _gettext.NullTranslations()
    return _gettext.translation("mctoolkit", str(files("mctoolkit") / "locale"), [wanted], fallback=True)


def say(key: str, /, **values: object) -> str:
    """Return a sentence with its values filled in.

    The values are put in as they are: what goes into HTML must be escaped afterwards.

    Parameters
    ----------
    key : str
        Room and name, such as ``"form.send"``.
    **values
        What the sentence has in braces.

    Raises
    ------
    MisuseError
        No sentence has this key, or it wants a value that was not given.

    Examples
    --------
    >>> say("verdict.none")
    'No problems.'
    """
    sentence = _find(key)
    if sentence is None:
        raise MisuseError(f"there is no sentence {key!r} in _core/text/{_SOURCE}")
    try:
        return sentence.format(**values) if "{" in sentence else sentence
    except (KeyError, IndexError) as missing:
        raise MisuseError(f"the sentence {key!r} wants the value {missing}, which was not given") from None


def count(key: str, number: int, /, **values: object) -> str:
    """Return the sentence for this many things: ``<key>.one`` for 1, ``<key>.other`` for any other number.

    Examples
    --------
    >>> count("verdict.problems", 1), count("verdict.problems", 2)
    ('1 problem', '2 problems')
    """
    return say(f"{key}.{'one' if number == 1 else 'other'}", number=number, **values)


def has(key: str) -> bool:
    """Tell whether a sentence has this key."""
    return _find(key) is not None


def all_keys(of_language: str = _SOURCE) -> frozenset[str]:
    """Return all keys of a language; the tests compare them with those that the code asks for."""
    return frozenset(_sentences(of_language))


def _find(key: str) -> str | None:
    return _sentences(_SOURCE).get(key)


@cache
def _sentences(of_language: str) -> dict[str, str]:
    """Read every sentence of one language into a flat mapping; an unknown language has none."""
    found: dict[str, str] = {}
    if not of_language.isalpha():
        return found
    folder = files("mctoolkit") / "_core" / "text" / of_language
    if not folder.is_dir():
        return found
    for file in folder.iterdir():
        if file.name.endswith(".toml"):
            _flatten(file.name.removesuffix(".toml"), tomllib.loads(file.read_text(encoding="utf-8")), found)
    return found


def _flatten(prefix: str, entries: dict[str, object], into: dict[str, str]) -> None:
    for name, entry in entries.items():
        if isinstance(entry, dict):
            _flatten(f"{prefix}.{name}", entry, into)
        else:
            into[f"{prefix}.{name}"] = str(entry)
