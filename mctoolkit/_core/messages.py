"""Translate the messages that people read, with gettext; English is the source language.

The English text stands where it is used. Compiled catalogues lie in ``mctoolkit/locale/<language>/LC_MESSAGES``.
"""

from __future__ import annotations

import gettext as _gettext
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

__all__ = ["LANGUAGE_VARIABLE", "Message", "Plural", "gettext", "language", "ngettext", "sentences"]

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
