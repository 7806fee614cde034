"""Look up the sentences that people read.

They lie in ``facts/text/<language>/<room>.toml``; the key ``form.send`` is the entry ``send`` of ``form.toml``.
Another language is another folder with the same keys. A key that the chosen language lacks is taken from English.
"""

from __future__ import annotations

import os
import tomllib
from functools import cache
from importlib.resources import files

from mctoolkit.errors import MisuseError

__all__ = ["LANGUAGE_VARIABLE", "all_keys", "count", "has", "language", "say"]

LANGUAGE_VARIABLE = "MCTOOLKIT_LANGUAGE"
_FALLBACK = "en"
_wanted = os.environ.get(LANGUAGE_VARIABLE, _FALLBACK)


def language() -> str:
    """Return the language in use: that of the environment variable ``MCTOOLKIT_LANGUAGE``, or English.

    The variable is read once, when the package is imported.

    Returns
    -------
    str
        A language code for which there is a folder of sentences, such as ``"en"``.
    """
    return _wanted if _sentences(_wanted) else _FALLBACK


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
        raise MisuseError(f"there is no sentence {key!r} in facts/text/{_FALLBACK}")
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


def all_keys(of_language: str = _FALLBACK) -> frozenset[str]:
    """Return all keys of a language; the tests compare them with those that the code asks for."""
    return frozenset(_sentences(of_language))


def _find(key: str) -> str | None:
    sentence = _sentences(language()).get(key)
    return sentence if sentence is not None else _sentences(_FALLBACK).get(key)


@cache
def _sentences(of_language: str) -> dict[str, str]:
    """Read every sentence of one language into a flat mapping; an unknown language has none."""
    found: dict[str, str] = {}
    if not of_language.isalpha():
        return found
    folder = files("mctoolkit") / "facts" / "text" / of_language
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
