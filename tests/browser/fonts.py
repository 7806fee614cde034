"""Two font families of different width for tests of layouts, the same on every machine: matplotlib ships them."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Final

import matplotlib

FAMILIES: Final = {"narrow": "STIXGeneral", "wide": "DejaVuSansMono"}
"""What a test calls a family, and the file of matplotlib. The mean letter of the wide one is half as wide again."""


def style(name: str) -> str:
    """Return a style sheet that sets every element in a family; the font is inside, as a ``data:`` URL."""
    file = Path(matplotlib.get_data_path(), "fonts", "ttf", f"{FAMILIES[name]}.ttf")
    font = base64.b64encode(file.read_bytes()).decode("ascii")
    return (
        f'@font-face {{ font-family: "test-{name}"; src: url("data:font/ttf;base64,{font}"); }}'
        f' * {{ font-family: "test-{name}" !important; }}'
    )
