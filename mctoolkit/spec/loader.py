"""Load data files, with full names of the sources and translated sentences."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator
from importlib.resources import files
from typing import IO, Any, Final

from mctoolkit._core.messages import gettext

__all__ = ["SENTENCES", "expand_source", "extract", "find_sentences", "read"]

SENTENCES: Final = frozenset(
    {"about", "answer", "ask", "choices", "effect", "help", "hint", "label", "meaning", "next_step"}
    | {"question", "reading", "reports", "right", "short", "story", "title", "why"}
)
"""The names of values that are sentences, and are translated."""

_SOURCE_NAMES: Final = {
    "EL": "Experience League",
    "DEV": "Adobe Developer",
    "EVT": "Experience League",
    "VAR": "Experience League",
    "SWAGGER": "Adobe's Swagger file",
}
"""The sources by their codes in the data files; proper names, the same in every language."""

_CODE: Final = re.compile(rf"\b({'|'.join(_SOURCE_NAMES)})\b(\+)?")


def read(name: str) -> dict[str, Any]:
    """Return the blocks of a data file, as new dicts at each call.

    Examples
    --------
    >>> read("rules")["ts-seconds"]["source"]
    'Experience League parameter table: ts in milliseconds'
    """
    blocks = tomllib.loads((files("mctoolkit") / "spec" / "data" / f"{name}.toml").read_text(encoding="utf-8"))
    _expand_sources(blocks)
    _translate(blocks)
    return blocks


def expand_source(source: str) -> str:
    """Replace the code of a source with its name.

    Examples
    --------
    >>> expand_source("EL+DEV parameter tables"), expand_source("RFC 8259")
    ('Experience League, Adobe Developer parameter tables', 'RFC 8259')
    """
    return _CODE.sub(lambda found: _SOURCE_NAMES[found[1]] + (", " if found[2] else ""), source)


def find_sentences(
    blocks: dict[str, Any], tables: Collection[str] = ("header_help", "meanings", "messages")
) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each sentence in the blocks of a data file, as the table that has it and its name there.

    Every value of a table in ``tables`` is a sentence.

    Examples
    --------
    >>> blocks = {"vod": {"label": "Film", "from": "demo", "messages": {"default": "No."}}}
    >>> [table[name] for table, name in find_sentences(blocks)]
    ['Film', 'No.']
    """
    for name, value in blocks.items():
        if isinstance(value, dict) and name in tables:
            yield from ((value, key) for key in value)
        elif isinstance(value, dict):
            yield from find_sentences(value, tables)
        elif name in SENTENCES and isinstance(value, str):
            yield blocks, name


def extract(
    file: IO[bytes], keywords: object, comment_tags: object, options: object
) -> Iterator[tuple[int, None, str, list[str]]]:
    """Yield the sentences of a data file to Babel, which calls this function as ``babel.cfg`` says.

    Yields
    ------
    tuple
        Line, function name (None), sentence, comments for translators.
    """
    text = file.read().decode("utf-8")
    for table, name in find_sentences(tomllib.loads(text)):
        before = text.partition(table[name][:40])[0]
        yield before.count("\n") + 1, None, table[name], []


def _translate(blocks: dict[str, Any]) -> None:
    """Translate all sentences except ``messages``, which become a ``Message`` later."""
    for table, name in list(find_sentences(blocks, ("header_help", "meanings"))):
        table[name] = gettext(table[name])


def _expand_sources(blocks: dict[str, Any]) -> None:
    for key, value in blocks.items():
        if key == "source" and isinstance(value, str):
            blocks[key] = expand_source(value)
        elif key == "sources" and isinstance(value, list):
            blocks[key] = [expand_source(source) for source in value]
        elif isinstance(value, dict):
            _expand_sources(value)
        elif isinstance(value, list):
            for item in value:
                if isinstance(item, dict):
                    _expand_sources(item)
