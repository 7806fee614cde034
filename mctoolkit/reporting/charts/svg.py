"""Draw bars, ticks and numbered markers over time as one SVG element, with matplotlib.

Positions are computed in pixels, so that the size of a drawing is bounded by its pixels, not by its events. Colours are
drawn as placeholders that become CSS variables, so that one drawing works in light and dark themes. The same input
gives the same bytes.
"""

from __future__ import annotations

import io
import logging
import re
import unicodedata
import warnings
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from mctoolkit._core.html import xml_text
from mctoolkit.reporting.charts.styles import PALETTE, TEXT_ON_SOLID

__all__ = ["NARROW", "WIDE", "Bar", "Lane", "Layout", "Marker", "Tick", "draw"]


@dataclass(frozen=True, slots=True)
class Bar:
    """A period, drawn as a bar in the colours of its kind, with a label if there is room."""

    kind: str
    from_ms: int
    to_ms: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class Marker:
    """A moment, drawn as a circle or square that contains a letter or a number."""

    kind: str
    at_ms: int
    label: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One row of a drawing."""

    name: str
    bars: Sequence[Bar] = ()
    ticks: Sequence[int] = ()
    """Moments in milliseconds, drawn as thin lines."""
    markers: Sequence[Marker] = ()
    has_guides: bool = False
    """Whether a thin line runs from each marker down through all lanes."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A moment on the axis, with one label per axis."""

    at_ms: int
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Sizes in pixels."""

    width: int
    name_width: int
    """Room for the names of lanes at the left. With 0 they are above their lanes."""
    font_size: int = 13
    bar_height: int = 22
    gap: int = 8
    margin: int = 14
    marker_size: int = 20


WIDE: Final = Layout(width=900, name_width=132)
NARROW: Final = Layout(width=360, name_width=0, font_size=12)

_HATCHES: Final = {"paused": "////", "buffering": "xxxx", "silence": "---"}

_SOLID: Final = frozenset({"error", "warning"})
_SHAPES: Final = {"error": "s", "warning": "o", "hint": "o"}
_THIN: Final = 4
"""Pixels. Adjacent bars that together are narrower become one bar."""
_MIN_LETTERS: Final = 5
"""A label that is cut to fewer letters is left out."""

_TEXT_PLACEHOLDER: Final = "#00ff00"
_ON_SOLID_PLACEHOLDER: Final = "#00fffd"
_PLACEHOLDERS: Final = {
    kind: (f"#00{2 * number + 1:02x}fe", f"#00{2 * number + 2:02x}fe") for number, kind in enumerate(PALETTE)
}


def draw(
    lanes: Sequence[Lane],
    ticks: Sequence[Tick],
    axis_names: Sequence[str],
    duration_ms: int,
    layout: Layout,
    id_seed: str,
) -> str:
    """Return a drawing as one ``<svg>`` element.

    Parameters
    ----------
    lanes : sequence of Lane
        From top to bottom. All times are in milliseconds since the left end of the axis.
    ticks : sequence of Tick
        The ticks of the axis.
    axis_names : sequence of str
        The names of the rows of tick labels.
    duration_ms : int
        The length of the axis.
    layout : Layout
        The sizes.
    id_seed : str
        Makes the ids in this drawing differ from those of others on the same page.
    """
    drawing = _Drawing(lanes, ticks, axis_names, duration_ms, layout)
    with _silence_matplotlib():
        svg = drawing.to_svg()
    return _to_element(svg, id_seed, layout.width, drawing.height)


class _Drawing:
    def __init__(
        self, lanes: Sequence[Lane], ticks: Sequence[Tick], axis_names: Sequence[str], duration_ms: int, layout: Layout
    ) -> None:
        self.lanes, self.ticks, self.axis_names, self.layout = lanes, ticks, axis_names, layout
        self.left = layout.name_width or layout.margin
        self.pixels_per_ms = (layout.width - layout.margin - self.left) / max(1, duration_ms)
        self.positions = [
            _place_markers([self.x(marker.at_ms) for marker in lane.markers], self.left, layout) for lane in lanes
        ]
        name_height = 0 if layout.name_width else layout.font_size + 4
        self.tops: list[int] = []
        top = 4
        for positions in self.positions:
            self.tops.append(top + name_height)
            top += name_height + self._lane_height(positions) + layout.gap
        self.bottom = top
        self.height = top + 6 + (layout.font_size + 4) * len(axis_names) + 4

    def x(self, at_ms: int) -> float:
        return self.left + at_ms * self.pixels_per_ms

    def to_svg(self) -> str:
        import matplotlib  # takes a third of a second to import
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure

        with matplotlib.rc_context():
            matplotlib.rcdefaults()
            matplotlib.rcParams.update(
                {"svg.fonttype": "none", "svg.hashsalt": "mctoolkit", "hatch.linewidth": 1.2, "path.simplify": False}
            )
            figure = Figure(figsize=(self.layout.width / 72, self.height / 72), dpi=72)
            FigureCanvasSVG(figure)
            self.axes = figure.add_axes((0, 0, 1, 1))
            self.axes.set_xlim(0, self.layout.width)
            self.axes.set_ylim(self.height, 0)
            self.axes.set_axis_off()
            self._draw_axis()
            for lane, top, positions in zip(self.lanes, self.tops, self.positions, strict=True):
                self._draw_lane(lane, top, positions)
            out = io.StringIO()
            no_metadata = dict.fromkeys(("Date", "Creator", "Format", "Type"))
            figure.savefig(out, format="svg", transparent=True, metadata=no_metadata)
        return out.getvalue()

    # --- parts -------------------------------------------------------------------------------------------------------

    def _lane_height(self, positions: Sequence[tuple[float, int]]) -> int:
        rows = 1 + max((row for _x, row in positions), default=0)
        return max(self.layout.bar_height, rows * self.layout.marker_size)

    def _draw_lane(self, lane: Lane, top: int, positions: Sequence[tuple[float, int]]) -> None:
        layout = self.layout
        if layout.name_width:
            room = layout.name_width - 10
            self._draw_text(room, top + layout.bar_height / 2, _fit_text(lane.name, room, layout.font_size), "right")
        else:
            self._draw_text(self.left, top - layout.font_size / 2 - 3, lane.name, "left")
        for kind in dict.fromkeys(bar.kind for bar in lane.bars):
            self._draw_bars(kind, [bar for bar in lane.bars if bar.kind == kind], top)
        if lane.ticks:
            xs = {2 * round(self.x(at_ms) / 2) for at_ms in lane.ticks}  # at least a pixel between two lines
            ends = (top + 3, top + layout.bar_height - 3)
            self._draw_lines([[(x, end) for end in ends] for x in sorted(xs)], "moment")
        foot = top + self._lane_height(positions)
        for marker, (x, row) in zip(lane.markers, positions, strict=True):
            y = top + layout.marker_size * row + layout.bar_height / 2
            if lane.has_guides:
                at = self.x(marker.at_ms)
                self._draw_lines([((x, y), (at, foot), (at, self.bottom))], marker.kind, dashed=True)
            self._draw_marker(marker, x, y)

    def _draw_bars(self, kind: str, bars: Sequence[Bar], top: int) -> None:
        fill, line = _PLACEHOLDERS[kind]
        inset = 3 if kind == "ad" else 0  # shows the ad break around the ad
        upper, lower = top + inset, top + self.layout.bar_height - inset
        edges = _merge_bars([(self.x(bar.from_ms), self.x(bar.to_ms)) for bar in bars])
        shapes = [_rectangle(left, right, upper, lower) for left, right in edges]
        hatch = _HATCHES.get(kind)
        self._draw_path(shapes, closed=True, facecolor=fill, edgecolor=line, linewidth=1, hatch=hatch)
        for bar in bars:
            room = (bar.to_ms - bar.from_ms) * self.pixels_per_ms - 8
            label = _fit_text(bar.label, room, self.layout.font_size)
            if label:
                left = self.x(bar.from_ms) + 4
                if hatch:  # text needs a plain background
                    right = left + _text_width(label, self.layout.font_size)
                    background = _rectangle(left - 2, right + 2, upper + 2, lower - 2)
                    self._draw_path([background], closed=True, facecolor=fill, linewidth=0)
                self._draw_text(left, (upper + lower) / 2, label, "left")

    def _draw_marker(self, marker: Marker, x: float, y: float) -> None:
        fill, line = _PLACEHOLDERS[marker.kind]
        size = (self.layout.marker_size - 4) ** 2
        shape = _SHAPES.get(marker.kind, "o")
        colours: dict[str, Any] = {"facecolors": fill, "edgecolors": line, "linewidths": 1.5, "clip_on": False}
        self.axes.scatter([x], [y], s=size, marker=shape, zorder=3, **colours)
        colour = _ON_SOLID_PLACEHOLDER if marker.kind in _SOLID else _TEXT_PLACEHOLDER
        self._draw_text(x, y, marker.label, "center", self.layout.font_size - 2, colour, weight="bold")

    def _draw_axis(self) -> None:
        layout, y = self.layout, self.bottom + 2
        self._draw_lines([((self.left, y), (layout.width - layout.margin, y))], "state")
        self._draw_lines([((self.x(tick.at_ms), y), (self.x(tick.at_ms), y + 4)) for tick in self.ticks], "state")
        for number, name in enumerate(self.axis_names):
            baseline = y + 6 + (layout.font_size + 4) * (number + 0.5)
            if layout.name_width:
                self._draw_text(layout.name_width - 10, baseline, name, "right")
            for tick in self.ticks:
                label, x = tick.labels[number], self.x(tick.at_ms)
                half = _text_width(label, layout.font_size) / 2
                align = "left" if x - half < self.left - 8 else "right" if x + half > layout.width else "center"
                self._draw_text(x, baseline, label, align)

    def _draw_lines(self, lines: Sequence[Sequence[tuple[float, float]]], kind: str, *, dashed: bool = False) -> None:
        style = (0, (2, 3)) if dashed else "solid"
        self._draw_path(lines, edgecolor=_PLACEHOLDERS[kind][1], linewidth=1, linestyle=style, fill=False)

    def _draw_path(
        self, shapes: Iterable[Sequence[tuple[float, float]]], *, closed: bool = False, **style: Any
    ) -> None:
        """Draw shapes of one style as a single element: a thousand elements would slow the page down."""
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        points: list[tuple[float, float]] = []
        codes: list[Any] = []
        for shape in shapes:
            points += shape
            codes += [Path.MOVETO, *[Path.LINETO] * (len(shape) - 1)]
            if closed:
                points.append(shape[0])
                codes.append(Path.CLOSEPOLY)
        if points:
            self.axes.add_artist(PathPatch(Path(points, codes), clip_on=False, **style))

    def _draw_text(
        self,
        x: float,
        y: float,
        text: str,
        align: str,
        size: int = 0,
        colour: str = _TEXT_PLACEHOLDER,
        weight: str = "normal",
    ) -> None:
        size = size or self.layout.font_size
        # Place the baseline here: matplotlib would measure the text in a font that the reader may not have.
        self.axes.text(
            x,
            y + size * 0.35,
            xml_text(" ".join(text.split())),
            ha=align,
            va="baseline",
            fontsize=size,
            color=colour,
            weight=weight,
            parse_math=False,
        )


@contextmanager
def _silence_matplotlib() -> Iterator[None]:
    """Suppress matplotlib's messages about its font cache and about letters that its own font lacks."""
    log = logging.getLogger("matplotlib")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(before)


def _place_markers(wanted: Sequence[float], left: float, layout: Layout) -> list[tuple[float, int]]:
    """Return x and row of each marker so that none overlaps: moved to the right, or else into another row."""
    radius = layout.marker_size / 2
    ends: list[float] = []
    found: dict[int, tuple[float, int]] = {}
    for index in sorted(range(len(wanted)), key=lambda index: wanted[index]):
        ideal = min(max(wanted[index], left + radius), layout.width - radius)
        for row in range(len(ends) + 1):
            if row == len(ends):
                ends.append(0.0)
            x = max(ideal, ends[row])
            if x <= layout.width - radius and x - ideal <= 4 * layout.marker_size:
                break
        ends[row] = x + layout.marker_size
        found[index] = (x, row)
    return [found[index] for index in range(len(wanted))]


def _merge_bars(edges: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return bars in order, each at least a pixel wide; neighbours that are too thin to tell apart become one."""
    found: list[tuple[float, float]] = []
    for start, end in sorted(edges):
        end = max(end, start + 1)
        if found and start < found[-1][1] + 1 and end - found[-1][0] < _THIN:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _rectangle(left: float, right: float, upper: float, lower: float) -> list[tuple[float, float]]:
    return [(left, upper), (right, upper), (right, lower), (left, lower)]


def _text_width(text: str, size: int) -> float:
    """Return the approximate width of a text; the font is the reader's."""
    return sum(1.05 if unicodedata.east_asian_width(letter) in "WF" else 0.58 for letter in text) * size


def _fit_text(text: str, room: float, size: int) -> str:
    """Return as much of a text as there is room for; empty if that is too little to read."""
    if room < 2 * size:
        return ""
    if _text_width(text, size) <= room:
        return text
    kept = text
    while kept and _text_width(kept + "…", size) > room:
        kept = kept[:-1]
    return kept + "…" if len(kept) >= _MIN_LETTERS else ""


_REFERENCE = re.compile(r'(?<=href="#)[\w-]+|(?<=url\(#)[\w-]+')
_UNWANTED = re.compile(
    r"<metadata>.*?</metadata>|<defs>\s*<style.*?</style>\s*</defs>|<!--.*?-->"
    r'| transform="rotate\(-?0[^"]*\)"|(?<=[;"]) ?font-family: [^;"]*;?',
    re.DOTALL,
)
_COLOUR = re.compile(r"((?:fill|stroke)(?:: |=\"))(#[0-9a-f]{6})")
_VARIABLES = {
    placeholder: f"var(--mct-{kind}-{part}, {light})"
    for kind, colours in PALETTE.items()
    for part, placeholder, light in zip(("fill", "line"), _PLACEHOLDERS[kind], colours[:2], strict=True)
} | {_ON_SOLID_PLACEHOLDER: f"var(--mct-text-on-solid, {TEXT_ON_SOLID[0]})", _TEXT_PLACEHOLDER: "currentColor"}
_START_TAG = (
    '<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    ' style="font-family: var(--jp-ui-font-family, system-ui, sans-serif); stroke-linejoin: round">'
)


def _to_element(svg: str, id_seed: str, width: int, height: int) -> str:
    """Return an SVG file as an element of a page: no XML declaration, no style sheet, unique ids, CSS variables."""
    svg = _UNWANTED.sub("", svg[svg.index("<svg") :])
    prefix = f"mct{zlib.crc32(id_seed.encode('utf-8', 'replace')):08x}-"
    ids = {name: f"{prefix}{number}" for number, name in enumerate(dict.fromkeys(_REFERENCE.findall(svg)))}
    svg = _REFERENCE.sub(lambda found: ids[found[0]], svg)
    svg = re.sub(r' ?\bid="([^"]+)"', lambda found: f' id="{ids[found[1]]}"' if found[1] in ids else "", svg)
    svg = _COLOUR.sub(lambda found: found[1] + _VARIABLES.get(found[2], found[2]), svg)
    svg = re.sub(r"\s*\n\s*", " ", svg).replace("> <", "><").replace("<g >", "<g>")
    return _START_TAG.format(width=width, height=height) + svg[svg.index(">") + 1 :].rstrip()
