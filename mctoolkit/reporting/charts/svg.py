"""Draw bars, ticks and numbered signs over time as one SVG, with matplotlib.

What is drawn is placed in pixels, so that a picture of 20,000 events has no more pieces than it has pixels. A colour is
drawn as a stand-in and becomes a CSS variable, so that one picture reads in light and in dark. The same input gives the
same bytes.
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

__all__ = ["NARROW", "ON_FULL", "PALETTE", "WIDE", "Bar", "Lane", "Layout", "Marker", "Tick", "draw"]


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of time in one kind of look, with a word to stand in it where there is room."""

    look: str
    from_ms: int
    to_ms: int
    word: str = ""


@dataclass(frozen=True, slots=True)
class Marker:
    """A sign at one moment: its letter or number stands in it."""

    look: str
    at_ms: int
    word: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One row of the picture: its name, bars, moments as thin ticks, and signs."""

    name: str
    bars: Sequence[Bar] = ()
    ticks: Sequence[int] = ()
    signs: Sequence[Marker] = ()
    guides: bool = False
    """Whether a thin line goes from each sign down through all rows."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A moment on the axis, with a line for each row of words under it."""

    at_ms: int
    message: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things stand, in pixels."""

    width: int
    gutter: int
    """Room for the names of rows at the left; with none they stand above their rows."""
    text: int = 13
    bar: int = 22
    gap: int = 8
    right: int = 14
    sign: int = 20


WIDE: Final = Layout(width=900, gutter=132)
NARROW: Final = Layout(width=360, gutter=0, text=12)

_HATCHES: Final = {"paused": "////", "buffering": "xxxx", "silence": "---"}

# name: (fill in light, line in light, fill in dark, line in dark). A line stands out from the page by 3:1 at least, and
# words stand on a fill by 4.5:1.
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
    "first": ("#ffffff", "#9c27b0", "#1c1c1c", "#e39bf0"),
}
ON_FULL: Final = ("#ffffff", "#1c1c1c")
"""The words in a sign that is filled with a full colour."""
_FULL: Final = frozenset({"error", "warning"})
_THIN: Final = 4
_SHAPES: Final = {"error": "s", "warning": "o", "hint": "o"}

_LEAST_LETTERS: Final = 5
"""Fewer letters of a word say nothing."""

_INK: Final = "#00ff00"
_STAND_INS: Final = {
    name: (f"#00{2 * number + 1:02x}fe", f"#00{2 * number + 2:02x}fe") for number, name in enumerate(PALETTE)
}
_ON_FULL_STAND_IN: Final = "#00fffd"


def draw(
    lanes: Sequence[Lane],
    ticks: Sequence[Tick],
    axis: Sequence[str],
    from_ms: int,
    to_ms: int,
    layout: Layout,
    salt: str,
) -> str:
    """Return the picture as one ``<svg>`` element.

    Parameters
    ----------
    lanes : sequence of Lane
        From top to bottom.
    ticks : sequence of Tick
        The moments of the axis.
    axis : sequence of str
        What the lines of words under the axis are called.
    from_ms, to_ms : int
        What the axis spans.
    layout : Layout
        Where things stand.
    salt : str
        Makes the ids inside differ from those of another picture on the same page.
    """
    sheet = _Sheet(lanes, ticks, axis, from_ms, to_ms, layout)
    return _tidied(sheet.svg(), salt, layout.width, sheet.height)


class _Sheet:
    def __init__(
        self,
        lanes: Sequence[Lane],
        ticks: Sequence[Tick],
        axis: Sequence[str],
        from_ms: int,
        to_ms: int,
        layout: Layout,
    ) -> None:
        self.layout, self.lanes, self.ticks, self.axis = layout, lanes, ticks, axis
        self.from_ms = from_ms
        self.left = layout.gutter if layout.gutter else layout.right
        self.scale = (layout.width - layout.right - self.left) / max(1, to_ms - from_ms)
        self.rows_of = [_arranged([self.x(sign.at_ms) for sign in lane.signs], self.left, layout) for lane in lanes]
        above = 0 if layout.gutter else layout.text + 4
        self.tops: list[int] = []
        top = 4
        for spots in self.rows_of:
            self.tops.append(top + above)
            rows = 1 + max((row for _, row in spots), default=0)
            top += above + max(layout.bar, rows * layout.sign) + layout.gap
        self.bottom = top
        self.height = top + 6 + (layout.text + 4) * len(axis) + 4

    def x(self, at_ms: int) -> float:
        return self.left + (at_ms - self.from_ms) * self.scale

    def svg(self) -> str:
        with _quiet():
            return self._written()

    def _written(self) -> str:
        import matplotlib  # here, since it takes a third of a second to load
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure

        with matplotlib.rc_context():
            matplotlib.rcdefaults()
            matplotlib.rcParams.update(
                {"svg.fonttype": "none", "svg.hashsalt": "mctoolkit", "hatch.linewidth": 1.2, "path.simplify": False}
            )
            figure = Figure(figsize=(self.layout.width / 72, self.height / 72), dpi=72)
            FigureCanvasSVG(figure)
            axes = figure.add_axes((0, 0, 1, 1))
            axes.set_xlim(0, self.layout.width)
            axes.set_ylim(self.height, 0)
            axes.set_axis_off()
            self.axes = axes
            self._axis()
            for lane, top, spots in zip(self.lanes, self.tops, self.rows_of, strict=True):
                self._lane(lane, top, spots)
            written = io.StringIO()
            nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
            figure.savefig(written, format="svg", transparent=True, metadata=nothing)
        return written.getvalue()

    # --- parts -------------------------------------------------------------------------------------------------------

    def _lane(self, lane: Lane, top: int, spots: Sequence[tuple[float, int]]) -> None:
        layout = self.layout
        if layout.gutter:
            room = layout.gutter - 10
            self._text(layout.gutter - 10, top + layout.bar / 2, _cut(lane.name, room, layout.text), "right")
        else:
            self._text(self.left, top - layout.text / 2 - 3, lane.name, "left")
        for look in dict.fromkeys(bar.look for bar in lane.bars):
            self._bars(look, [bar for bar in lane.bars if bar.look == look], top)
        if lane.ticks:
            middle, reach = top + layout.bar / 2, layout.bar / 2 - 3
            places = {2 * round(self.x(at_ms) / 2) for at_ms in lane.ticks}  # two that touch would be a smear
            self._lines([((x, middle - reach), (x, middle + reach)) for x in sorted(places)], "moment", 1)
        foot = top + max(layout.bar, layout.sign * (1 + max((row for _, row in spots), default=0)))
        for sign, (x, row) in zip(lane.signs, spots, strict=True):
            self._sign(sign, x, top + layout.sign * row + layout.bar / 2, foot if lane.guides else None)

    def _bars(self, look: str, bars: Sequence[Bar], top: int) -> None:
        fill, line = _STAND_INS[look]
        inset = 0 if look != "ad" else 3  # so that the break around the ads is seen
        upper, lower = top + inset, top + self.layout.bar - inset
        edges = _merged([(self.x(bar.from_ms), self.x(bar.to_ms)) for bar in bars])
        shapes = [[(a, upper), (b, upper), (b, lower), (a, lower)] for a, b in edges]
        hatch = _HATCHES.get(look)
        self._path(shapes, closed=True, facecolor=fill, edgecolor=line, linewidth=1, hatch=hatch)
        for bar in bars:
            room = (bar.to_ms - bar.from_ms) * self.scale - 8
            word = _cut(bar.word, room, self.layout.text)
            if word:
                left = self.x(bar.from_ms) + 4
                if hatch:  # words do not read on a pattern
                    plate = [(left - 2, upper + 2), (left + _width(word, self.layout.text) + 2, upper + 2)]
                    plate += [(x, lower - 2) for x, _ in reversed(plate)]
                    self._path([plate], closed=True, facecolor=fill, linewidth=0)
                self._text(left, (upper + lower) / 2, word, "left")

    def _sign(self, sign: Marker, x: float, y: float, foot: float | None) -> None:
        fill, line = _STAND_INS[sign.look]
        at = self.x(sign.at_ms)
        if foot is not None:
            self._lines([((x, y), (at, foot), (at, self.bottom))], sign.look, 1, dashed=True)
        size = (self.layout.sign - 4) ** 2
        marker = _SHAPES.get(sign.look, "o")
        looks: dict[str, Any] = {"facecolors": fill, "edgecolors": line, "linewidths": 1.5, "clip_on": False}
        self.axes.scatter([x], [y], s=size, marker=marker, zorder=3, **looks)
        colour = _ON_FULL_STAND_IN if sign.look in _FULL else _INK
        self._text(x, y, sign.word, "center", self.layout.text - 2, colour, weight="bold")

    def _axis(self) -> None:
        layout, y = self.layout, self.bottom + 2
        self._lines([((self.left, y), (layout.width - layout.right, y))], "state", 1)
        self._lines([((self.x(tick.at_ms), y), (self.x(tick.at_ms), y + 4)) for tick in self.ticks], "state", 1)
        for number, name in enumerate(self.axis):
            below = y + 6 + (layout.text + 4) * (number + 0.5)
            if layout.gutter:
                self._text(layout.gutter - 10, below, name, "right")
            for tick in self.ticks:
                words, x = tick.message[number], self.x(tick.at_ms)
                half = _width(words, layout.text) / 2
                outer = "left" if x - half < self.left - 8 else "right" if x + half > layout.width else "center"
                self._text(x, below, words, outer)

    def _lines(
        self, lines: Sequence[Sequence[tuple[float, float]]], look: str, width: float, *, dashed: bool = False
    ) -> None:
        style = (0, (2, 3)) if dashed else "solid"
        self._path(lines, edgecolor=_STAND_INS[look][1], linewidth=width, linestyle=style, fill=False)

    def _path(self, shapes: Iterable[Sequence[tuple[float, float]]], *, closed: bool = False, **looks: Any) -> None:
        """Draw many shapes of one look as one element: a thousand of them would weigh down the page."""
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
            self.axes.add_artist(PathPatch(Path(points, codes), clip_on=False, **looks))

    def _text(
        self, x: float, y: float, words: str, align: str, size: int = 0, colour: str = _INK, weight: str = "normal"
    ) -> None:
        size = size or self.layout.text
        # where a letter stands is reckoned here: to let matplotlib measure each text would ask its fonts
        self.axes.text(
            x,
            y + size * 0.35,
            xml_text(" ".join(words.split())),
            ha=align,
            va="baseline",
            fontsize=size,
            color=colour,
            weight=weight,
            parse_math=False,
        )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep from our readers what matplotlib says of its cache of fonts, and of letters that its own font lacks."""
    log = logging.getLogger("matplotlib")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(before)


def _arranged(places: Sequence[float], left: float, layout: Layout) -> list[tuple[float, int]]:
    """Return where signs stand so that none covers another: moved to the right, then into a further row."""
    ends: list[float] = []
    found: dict[int, tuple[float, int]] = {}
    for index in sorted(range(len(places)), key=lambda index: places[index]):
        wanted = min(max(places[index], left + layout.sign / 2), layout.width - layout.sign / 2)
        for row in range(len(ends) + 1):
            if row == len(ends):
                ends.append(0.0)
            x = max(wanted, ends[row])
            if x <= layout.width - layout.sign / 2 and x - wanted <= 4 * layout.sign:
                break
        ends[row] = x + layout.sign
        found[index] = (x, row)
    return [found[index] for index in range(len(places))]


def _merged(edges: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return bars in order, each a pixel wide at least; those that are too thin to tell apart become one."""
    found: list[tuple[float, float]] = []
    for start, end in sorted(edges):
        end = max(end, start + 1)
        if found and start < found[-1][1] + 1 and end - found[-1][0] < _THIN:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _width(text: str, size: int) -> float:
    """Return about how wide a text is; the font is the reader's."""
    return sum(1.05 if unicodedata.east_asian_width(letter) in "WF" else 0.58 for letter in text) * size


def _cut(text: str, room: float, size: int) -> str:
    """Return as much of a text as has room, or nothing when that would say nothing."""
    if room < 2 * size:
        return ""
    if _width(text, size) <= room:
        return text
    kept = text
    while kept and _width(kept + "…", size) > room:
        kept = kept[:-1]
    return kept + "…" if len(kept) >= _LEAST_LETTERS else ""


_REFERENCE = re.compile(r'(?<=href="#)[\w-]+|(?<=url\(#)[\w-]+')
_NOISE = re.compile(
    r"<metadata>.*?</metadata>|<defs>\s*<style.*?</style>\s*</defs>|<!--.*?-->"
    r'| transform="rotate\(-?0[^"]*\)"|(?<=[;"]) ?font-family: [^;"]*;?',
    re.DOTALL,
)
_COLOUR = re.compile(r"((?:fill|stroke)(?:: |=\"))(#[0-9a-f]{6})")
_VARIABLES = {
    stand_in: f"var(--mct-{name}-{part}, {light})"
    for name, colours in PALETTE.items()
    for part, stand_in, light in zip(("fill", "line"), _STAND_INS[name], colours[:2], strict=True)
} | {_ON_FULL_STAND_IN: f"var(--mct-on-full, {ON_FULL[0]})", _INK: "currentColor"}
_HEAD = (
    '<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    ' style="font-family: var(--jp-ui-font-family, system-ui, sans-serif); stroke-linejoin: round">'
)


def _tidied(svg: str, salt: str, width: int, height: int) -> str:
    """Make of a file an element for a page: no preface, no style for the whole page, ids that no other picture has."""
    svg = _NOISE.sub("", svg[svg.index("<svg") :])
    prefix = f"mct{zlib.crc32(salt.encode('utf-8', 'replace')):08x}-"
    used = {name: f"{prefix}{number}" for number, name in enumerate(dict.fromkeys(_REFERENCE.findall(svg)))}
    svg = _REFERENCE.sub(lambda found: used[found[0]], svg)
    svg = re.sub(r' ?\bid="([^"]+)"', lambda found: f' id="{used[found[1]]}"' if found[1] in used else "", svg)
    svg = _COLOUR.sub(lambda found: found[1] + _VARIABLES.get(found[2], found[2]), svg)
    svg = re.sub(r"\s*\n\s*", " ", svg).replace("> <", "><").replace("<g >", "<g>")
    return _HEAD.format(width=width, height=height) + svg[svg.index(">") + 1 :].rstrip()
