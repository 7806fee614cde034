"""Read the files of facts, with the names of the sources spelled out and the sentences translated."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator
from importlib.resources import files
from typing import IO, Any, Final

from mctoolkit._core.messages import gettext

__all__ = ["SENTENCES", "extract", "read", "sentences", "spelled_out"]

SENTENCES: Final = frozenset(
    {"about", "answer", "ask", "choices", "effect", "help", "hint", "label", "meaning", "next_step"}
    | {"question", "reading", "reports", "right", "short", "story", "title", "why"}
)
"""The names under which a block has sentences for people."""

_NAMES: Final = {
    "EL": "Experience League",
    "DEV": "Adobe Developer",
    "EVT": "Experience League",
    "VAR": "Experience League",
    "SWAGGER": "Adobe's Swagger file",
}
"""The sources by the codes that the files of facts have for them; proper names, in every language the same."""

_CODE: Final = re.compile(rf"\b({'|'.join(_NAMES)})\b(\+)?")


def read(name: str) -> dict[str, Any]:
    """Return the blocks of one file of facts.

    Examples
    --------
    >>> read("rules")["ts-seconds"]["source"]
    'Experience League parameter table: ts in milliseconds'
    """
    blocks = tomllib.loads((files("mctoolkit") / "spec" / "data" / f"{name}.toml").read_text(encoding="utf-8"))
    _spell(blocks)
    _translate(blocks)
    return blocks


def spelled_out(source: str) -> str:
    """Return what a source is called, for people who do not know the codes of the facts.

    Examples
    --------
    >>> spelled_out("EL+DEV parameter tables"), spelled_out("RFC 8259")
    ('Experience League, Adobe Developer parameter tables', 'RFC 8259')
    """
    return _CODE.sub(lambda found: _NAMES[found[1]] + (", " if found[2] else ""), source)


def sentences(
    blocks: dict[str, Any], tables: Collection[str] = ("header_help", "meanings", "messages")
) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each sentence in the blocks of a file, as the table that has it and its name there.

    In the tables named ``tables``, every value is a sentence.

    Examples
    --------
    >>> blocks = {"vod": {"label": "Film", "from": "demo", "messages": {"default": "No."}}}
    >>> [table[name] for table, name in sentences(blocks)]
    ['Film', 'No.']
    """
    for name, value in blocks.items():
        if isinstance(value, dict) and name in tables:
            yield from ((value, each) for each in value)
        elif isinstance(value, dict):
            yield from sentences(value, tables)
        elif name in SENTENCES and isinstance(value, str):
            yield blocks, name


def extract(
    file: IO[bytes], keywords: object, comment_tags: object, options: object
) -> Iterator[tuple[int, None, str, list[str]]]:
    """Yield the sentences of a file of facts to Babel, which ``babel.cfg`` tells to call this.

    Yields
    ------
    tuple
        Line, function name (None), sentence, comments for translators.
    """
    text = file.read().decode("utf-8")
    for table, name in sentences(tomllib.loads(text)):
        before = text.partition(table[name][:40])[0]
        yield before.count("\n") + 1, None, table[name], []


def _translate(blocks: dict[str, Any]) -> None:
    """Translate every sentence but those in ``messages``, which become a ``Message``."""
    for table, name in list(sentences(blocks, ("header_help", "meanings"))):
        table[name] = gettext(table[name])


def _spell(blocks: dict[str, Any]) -> None:
    for key, value in blocks.items():
        if key == "source" and isinstance(value, str):
            blocks[key] = spelled_out(value)
        elif key == "sources" and isinstance(value, list):
            blocks[key] = [spelled_out(each) for each in value]
        elif isinstance(value, dict):
            _spell(value)
        elif isinstance(value, list):
            for each in value:
                if isinstance(each, dict):
                    _spell(each)
