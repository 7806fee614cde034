"""Read the files of facts, with the names of the sources spelled out for people."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from typing import Any, Final

__all__ = ["read", "spelled_out"]

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
    blocks = tomllib.loads((files("mctoolkit") / "facts" / f"{name}.toml").read_text(encoding="utf-8"))
    _spell(blocks)
    return blocks


def spelled_out(source: str) -> str:
    """Return what a source is called, for people who do not know the codes of the facts.

    Examples
    --------
    >>> spelled_out("EL+DEV parameter tables"), spelled_out("RFC 8259")
    ('Experience League, Adobe Developer parameter tables', 'RFC 8259')
    """
    return _CODE.sub(lambda found: _NAMES[found[1]] + (", " if found[2] else ""), source)


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
