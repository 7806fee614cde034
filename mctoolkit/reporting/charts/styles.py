"""The style sheet of timelines: the colours of :data:`PALETTE` as CSS variables, in light and in dark."""

from __future__ import annotations

from mctoolkit._core.html import Markup, join
from mctoolkit.reporting.charts.svg import ON_FULL, PALETTE

__all__ = ["KEY_LOOKS", "style", "swatch"]

KEY_LOOKS = ("playing", "paused", "buffering", "break", "ad", "chapter", "state", "silence")

_RULES = """
.mct-timeline { container-type: inline-size; margin: 0 0 12px; max-width: 936px; padding: 0; }
.mct-timeline svg { display: block; height: auto; max-width: 100%; width: 100%; }
.mct-timeline .mct-narrow { display: none; max-width: 480px; }
@container (max-width: 640px) {
  .mct-timeline .mct-wide { display: none; }
  .mct-timeline .mct-narrow { display: block; }
}
.mct-timeline .mct-key { display: flex; flex-wrap: wrap; gap: 2px 14px; list-style: none; margin: 4px 0; padding: 0; }
.mct-timeline .mct-key svg { display: inline-block; height: 12px; margin-right: 5px; vertical-align: -1px;
  width: 18px; }
.mct-timeline td:nth-child(-n+2) { white-space: nowrap; }
"""


def style() -> Markup:
    """Return the style sheet for the top of an output that has timelines."""
    light, dark = (_variables(*columns) for columns in ((0, 1, 0), (2, 3, 1)))
    return Markup("<style>{}</style>").format(
        Markup(
            f".mct-timeline {{ {light} }}\n"
            f'[data-jp-theme-light="false"] .mct-timeline {{ {dark} }}\n'
            f"@media screen and (prefers-color-scheme: dark) {{ .mct-report .mct-timeline {{ {dark} }} }}\n{_RULES}"
        )
    )


def _variables(fill: int, line: int, on_full: int) -> str:
    found = [
        f"--mct-{name}-{part}: {colours[column]};"
        for name, colours in PALETTE.items()
        for part, column in (("fill", fill), ("line", line))
    ]
    return " ".join([*found, f"--mct-on-full: {ON_FULL[on_full]};"])


_PATTERNS = {
    "paused": "M1 12 L13 0 M7 12 L19 0",
    "buffering": "M1 12 L13 0 M7 12 L19 0 M5 0 L17 12 M-1 0 L11 12",
    "silence": "M0 4 H18 M0 8 H18",
}


def swatch(look: str) -> Markup:
    """Build the small sample of a look for the key."""
    light_fill, light_line, _, _ = PALETTE[look]
    fill, line = f"var(--mct-{look}-fill, {light_fill})", f"var(--mct-{look}-line, {light_line})"
    pattern = Markup('<path d="{}"/>').format(_PATTERNS[look]) if look in _PATTERNS else ""
    return Markup(
        '<svg aria-hidden="true" viewBox="0 0 18 12" style="fill: {}; stroke: {}">'
        '<rect x="0.5" y="0.5" width="17" height="11"/>{}</svg>'
    ).format(fill, line, join([pattern]))
