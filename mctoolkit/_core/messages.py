"""Translate messages with gettext. English is the source language.

The English text is in the code that uses it. Compiled catalogues are in ``mctoolkit/locale/<language>/LC_MESSAGES``.
"""

from __future__ import annotations

import gettext as _gettext
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

__all__ = ["LANGUAGE_VARIABLE", "Message", "Plural", "gettext", "join_sentences", "language", "ngettext"]

LANGUAGE_VARIABLE = "MCTOOLKIT_LANGUAGE"
_SOURCE = "en"
_wanted = os.environ.get(LANGUAGE_VARIABLE, _SOURCE)


def language() -> str:
    """Return the language in use: ``MCTOOLKIT_LANGUAGE`` if it has a catalogue, otherwise English.

    The environment variable is read once, when the package is imported.

    Returns
    -------
    str
        A language code such as ``"en"``.
    """
    return _wanted if isinstance(_catalogue(_wanted), _gettext.GNUTranslations) else _SOURCE


def gettext(text: str) -> str:
    """Return the translation of a text, or the text itself if it has none.

    Examples
    --------
    >>> gettext("No problems.")
    'No problems.'
    """
    return _catalogue(_wanted).gettext(text) if text else ""


def ngettext(one: str, other: str, number: int) -> str:
    """Return the translation of the singular or plural form that a number needs.

    Examples
    --------
    >>> ngettext("{number} problem", "{number} problems", 2).format(number=2)
    '2 problems'
    """
    return _catalogue(_wanted).ngettext(one, other, number)


@dataclass(frozen=True, slots=True)
class Message:
    """A text that is translated and formatted only when it is shown.

    Attributes
    ----------
    text : str
        The English text with placeholders; a literal brace is doubled.
    values : mapping
        The values of the placeholders; a value can be a message, too.

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
        """Return the translated text with these values."""
        return gettext(self.text).format(**values)


@dataclass(frozen=True, slots=True)
class Plural:
    """The singular and plural form of a message with a count.

    Examples
    --------
    >>> Plural("{number} file", "{number} files").format(2)
    '2 files'
    """

    one: str
    other: str

    def format(self, number: int, **values: object) -> str:
        """Return the translated form for a number with these values."""
        return ngettext(self.one, self.other, number).format(number=number, **values)


def join_sentences(*parts: str | Message) -> Message:
    """Join messages with spaces; empty parts are left out.

    Examples
    --------
    >>> str(join_sentences(Message("First."), "", "Second."))
    'First. Second.'
    """
    values = {f"part{number}": part for number, part in enumerate(parts) if part}
    return Message(" ".join(f"{{{name}}}" for name in values), values)


@cache
def _catalogue(wanted: str) -> _gettext.NullTranslations:
    """Load the catalogue of a language; one without translations if the language has none."""
    if not wanted.replace("_", "").isalnum():
        return _gettext.NullTranslations()
    return _gettext.translation("mctoolkit", str(files("mctoolkit") / "locale"), [wanted], fallback=True)
