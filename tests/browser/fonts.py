"""Two font families of different width for layout tests. They ship with matplotlib, so they are the same everywhere."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Final

import matplotlib

FAMILIES: Final = {"narrow": "STIXGeneral", "wide": "DejaVuSansMono"}
"""The name of a family in tests, and its file in matplotlib. An average letter of the wide one is 1.5 times as wide."""


def style(name: str) -> str:
    """Return a style sheet that applies a family to every element; the font is embedded as a ``data:`` URL."""
    file = Path(matplotlib.get_data_path(), "fonts", "ttf", f"{FAMILIES[name]}.ttf")
    font = base64.b64encode(file.read_bytes()).decode("ascii")
    return (
        f'@font-face {{ font-family: "test-{name}"; src: url("data:font/ttf;base64,{font}"); }}'
        f' * {{ font-family: "test-{name}" !important; }}'
    )
