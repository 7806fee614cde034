"""The colours of timelines, as CSS variables in a style sheet and in legend samples."""

from __future__ import annotations

from typing import Final

from mctoolkit._core.html import Markup

__all__ = ["LEGEND_KINDS", "PALETTE", "TEXT_ON_SOLID", "style", "swatch"]

# kind: (fill in light, line in light, fill in dark, line in dark). Contrast follows WCAG 2.2: 3:1 for a line on the
# page, 4.5:1 for text on a fill.
PALETTE: Final[dict[str, tuple[str, str, str, str]]] = {
    "playing": ("#bfe3c6", "#2e7d32", "#1e4d2a", "#81c784"),
    "paused": ("#fff3c9", "#8a6500", "#453a12", "#e0b84a"),
    "buffering": ("#ffdccf", "#b3391c", "#54261a", "#ff9b7d"),
    "break": ("#efeefc", "#7a78c4", "#26254a", "#8f8de0"),
    "ad": ("#d0cef5", "#4a47b0", "#3a3880", "#b0aef5"),
    "chapter": ("#d5e6f7", "#1d5fa8", "#1b3c5e", "#7db7f0"),
    "state": ("#e4e4e4", "#616161", "#3d3d3d", "#a8a8a8"),
    "silence": ("#ffffff", "#757575", "#1c1c1c", "#9e9e9e"),
    "moment": ("#ffffff", "#424242", "#1c1c1c", "#c7c7c7"),
    "error": ("#b00020", "#b00020", "#ff8a80", "#ff8a80"),
    "warning": ("#b00020", "#b00020", "#ff8a80", "#ff8a80"),
    "hint": ("#ffffff", "#7a4a00", "#1c1c1c", "#ffcc80"),
    "difference": ("#ffffff", "#9c27b0", "#1c1c1c", "#e39bf0"),
}
TEXT_ON_SOLID: Final = ("#ffffff", "#1c1c1c")
"""The text in a solid marker, in light and dark."""

LEGEND_KINDS = ("playing", "paused", "buffering", "break", "ad", "chapter", "state", "silence")

_RULES = """
.mct-timeline { container-type: inline-size; margin: 0 0 12px; max-width: 936px; padding: 0; }
.mct-timeline svg { display: block; height: auto; max-width: 100%; width: 100%; }
.mct-timeline .mct-narrow { display: none; max-width: 480px; }
@container (max-width: 640px) {
  .mct-timeline .mct-wide { display: none; }
  .mct-timeline .mct-narrow { display: block; }
}
.mct-timeline .mct-legend { display: flex; flex-wrap: wrap; gap: 2px 14px; list-style: none;
  margin: 4px 0; padding: 0; }
.mct-timeline .mct-legend svg { display: inline-block; height: 12px; margin-right: 5px; vertical-align: -1px;
  width: 18px; }
.mct-timeline td:nth-child(-n+2) { white-space: nowrap; }
"""


def style() -> Markup:
    """Return the style sheet for an output that contains timelines."""
    light, dark = (_variables(*columns) for columns in ((0, 1, 0), (2, 3, 1)))
    return Markup("<style>{}</style>").format(
        Markup(
            f".mct-timeline {{ {light} }}\n"
            f'[data-jp-theme-light="false"] .mct-timeline {{ {dark} }}\n'
            f"@media screen and (prefers-color-scheme: dark) {{ .mct-report .mct-timeline {{ {dark} }} }}\n{_RULES}"
        )
    )


def _variables(fill: int, line: int, theme: int) -> str:
    found = [
        f"--mct-{kind}-{part}: {colours[column]};"
        for kind, colours in PALETTE.items()
        for part, column in (("fill", fill), ("line", line))
    ]
    return " ".join([*found, f"--mct-text-on-solid: {TEXT_ON_SOLID[theme]};"])


_PATTERNS = {
    "paused": "M1 12 L13 0 M7 12 L19 0",
    "buffering": "M1 12 L13 0 M7 12 L19 0 M5 0 L17 12 M-1 0 L11 12",
    "silence": "M0 4 H18 M0 8 H18",
}


def swatch(kind: str) -> Markup:
    """Return the sample of a kind of bar for the legend."""
    fill, line = PALETTE[kind][:2]
    pattern = Markup('<path d="{}"/>').format(_PATTERNS[kind]) if kind in _PATTERNS else ""
    return Markup(
        '<svg aria-hidden="true" viewBox="0 0 18 12" style="fill: var(--mct-{0}-fill, {1}); '
        'stroke: var(--mct-{0}-line, {2})"><rect x="0.5" y="0.5" width="17" height="11"/>{3}</svg>'
    ).format(kind, fill, line, pattern)
