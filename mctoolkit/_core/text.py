"""Shape text for display."""

from __future__ import annotations

__all__ = ["shorten"]


def shorten(text: str, most: int = 120) -> str:
    """Return a text cut to at most ``most`` characters, with an ellipsis where it was cut.

    Examples
    --------
    >>> shorten("abcdef", 4)
    'abc…'
    """
    return text if len(text) <= most else text[: most - 1] + "…"
