"""Build the HTML that notebooks show, with escaped values and the colours of the JupyterLab theme.

``Markup`` and ``escape`` are markupsafe's: ``Markup("<b>{}</b>").format(value)`` escapes the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

from mctoolkit._core.text import shorten

__all__ = ["Markup", "copy_button", "details", "escape", "join", "shorten", "style", "table", "xml_text"]


def join(parts: Iterable[Markup | str], separator: str = "") -> Markup:
    """Join parts, escaping those that are plain text.

    Examples
    --------
    >>> str(join([Markup("<b>1</b>"), "<2>"]))
    '<b>1</b>&lt;2&gt;'
    """
    return Markup(separator).join(parts)  # noqa: S704  the separator is a constant; markupsafe escapes the parts


def xml_text(text: str) -> str:
    r"""Replace the characters that XML does not allow, even escaped. The result still has to be escaped.

    Examples
    --------
    >>> xml_text("a\x00b") == "a\ufffdb"
    True
    """
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)


_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def table(caption: str, header: Sequence[str], rows: Iterable[Sequence[Markup | str]]) -> Markup:
    """Build a table with a caption and with header cells that screen readers announce."""
    head = join(Markup('<th scope="col">{}</th>').format(name) for name in header)
    body = join(Markup("<tr>{}</tr>").format(join(Markup("<td>{}</td>").format(cell) for cell in row)) for row in rows)
    return Markup(
        '<div class="mct-scroll" tabindex="0" role="region" aria-label="{}"><table class="mct-table">'
        "<caption>{}</caption><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>"
    ).format(caption, caption, head, body)


def details(summary: str, content: Markup) -> Markup:
    """Build a collapsible section."""
    return Markup("<details><summary>{}</summary>{}</details>").format(summary, content)


def copy_button(text: str, label: str, description: str) -> Markup:
    """Build a button that copies a text. It works only in a session form, whose script handles the click."""
    return Markup('<button type="button" class="mct-copy" data-mct-copy="{}" aria-label="{}">{}</button>').format(
        text, description, label
    )


def style() -> Markup:
    """Return the style element of mctoolkit, which each HTML output starts with."""
    return Markup("<style>{}</style>").format(Markup(_STYLE))  # noqa: S704  a constant


_STYLE = """
.mct { color: var(--jp-ui-font-color1, #212121); font-family: var(--jp-ui-font-family, system-ui, sans-serif);
  font-size: var(--jp-ui-font-size1, 13px); line-height: 1.5; max-width: 72em;
  overflow-wrap: anywhere; }
.mct p { margin: 0 0 6px; }
.mct code, .mct pre { font-family: var(--jp-code-font-family, monospace); font-size: var(--jp-code-font-size, 13px);
  color: var(--jp-content-font-color1, #000); background: none; }
.mct pre { background: var(--jp-layout-color2, #f3f3f3); border-radius: 3px; padding: 8px; margin: 4px 0 8px;
  overflow-x: auto; white-space: pre-wrap; }
.mct details { margin: 4px 0; }
.mct summary { cursor: pointer; }
.mct summary:focus-visible, .mct .mct-scroll:focus-visible { outline: 2px solid var(--jp-brand-color1, #0d6efd); }
.mct .mct-head { font-size: var(--jp-ui-font-size2, 15px); font-weight: 600; margin-bottom: 4px; }
.mct .mct-word { border: 1px solid currentColor; border-radius: 3px; font-weight: 600; margin-right: 6px;
  padding: 0 6px; white-space: nowrap; }
.mct .mct-good { color: var(--mct-good, #1b6e20); }
.mct .mct-bad { color: var(--mct-bad, #b00020); }
.mct .mct-tip { color: var(--mct-tip, #7a4a00); }
.mct .mct-quiet { color: var(--jp-ui-font-color2, #555); }
[data-jp-theme-light="false"] .mct { --mct-good: #81c784; --mct-bad: #ff8a80; --mct-tip: #ffcc80; }
.mct ul { margin: 2px 0 6px; padding-left: 20px; }
.mct .mct-scroll { overflow-x: auto; }
.mct table.mct-table { border-collapse: collapse; font-size: inherit; margin: 4px 0; }
.mct table.mct-table caption { color: var(--jp-ui-font-color2, #555); padding: 2px 0; text-align: left; }
.mct table.mct-table th, .mct table.mct-table td { border-bottom: 1px solid var(--jp-border-color2, #ddd);
  max-width: 44em; overflow-wrap: anywhere; padding: 3px 12px 3px 0; text-align: left; vertical-align: top; }
.mct table.mct-table th { font-weight: 600; white-space: nowrap; }
.mct-rows td { white-space: nowrap; }
.mct .mct-prose { max-width: 44em; min-width: 16em; overflow-wrap: anywhere; white-space: normal; }
"""
