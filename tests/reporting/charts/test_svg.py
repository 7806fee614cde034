"""draw: reproducible bytes, a bounded size, and escaped text."""

from __future__ import annotations

import itertools
import logging
import re
import subprocess
import sys
from xml.etree import ElementTree

import matplotlib
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mctoolkit.reporting.charts import svg
from mctoolkit.reporting.charts.styles import PALETTE, TEXT_ON_SOLID
from mctoolkit.reporting.charts.svg import NARROW, WIDE, Bar, Lane, Layout, Marker, Tick, draw

SVG = "{http://www.w3.org/2000/svg}"


def drawing(*lanes: Lane, layout: Layout = WIDE, id_seed: str = "x") -> str:
    return draw(lanes, [Tick(0, ("10:00:00",))], ["time"], 10_000, layout, id_seed)


def texts(svg: str) -> list[str]:
    return ["".join(node.itertext()) for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_style_settings_do_not_change_the_bytes() -> None:
    lane = Lane("a", [Bar("paused", 0, 5000, "paused"), Bar("buffering", 5000, 9000)], [100], [Marker("hint", 7, "1")])
    first = drawing(lane)
    with matplotlib.rc_context({"lines.linewidth": 9, "font.size": 30, "svg.fonttype": "path", "hatch.color": "red"}):
        assert drawing(lane) == first
        assert matplotlib.rcParams["font.size"] == 30  # not changed by drawing


def test_drawing_is_silent_and_restores_the_log_level(capfd: pytest.CaptureFixture[str]) -> None:
    log = logging.getLogger("matplotlib")
    before = log.level
    log.setLevel(logging.INFO)
    try:
        with svg._silence_matplotlib():
            log.warning("building the font cache")
        drawing(Lane("日本語 🎬 مرحبا", [Bar("ad", 0, 10_000, "広告")]))
        assert log.level == logging.INFO
    finally:
        log.setLevel(before)
    assert capfd.readouterr() == ("", "")


def test_import_does_not_load_matplotlib() -> None:
    code = "import sys, mctoolkit.reporting.charts; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_drawing_does_not_affect_the_page() -> None:
    svg = drawing(Lane("a", [Bar("paused", 0, 5000)], [1], [Marker("error", 5, "1")]))
    assert svg.startswith("<svg ")
    assert not re.search(r"<style|<metadata|<\?xml|<!|DejaVu|http(?!://www\.w3\.org/(2000/svg|1999/xlink)\")", svg)
    assert {node.tag.removeprefix(SVG) for node in ElementTree.fromstring(svg).iter()} <= {
        "svg", "g", "path", "text", "defs", "use", "pattern", "rect", "clipPath",
    }  # fmt: skip


def test_ids_are_unique_and_all_are_used() -> None:
    lane = Lane("a", [Bar("paused", 0, 5000), Bar("silence", 0, 5000)], markers=[Marker("error", 5, "1")])
    found = []
    for id_seed in ("one", "two"):
        svg = drawing(lane, id_seed=id_seed)
        ids = set(re.findall(r'\bid="([^"]+)"', svg))
        assert ids == set(re.findall(r"#(mct[\w-]+)", svg)) != set()
        found.append(ids)
    assert not found[0] & found[1]


def test_every_colour_is_a_variable_with_a_light_fallback() -> None:
    bars = [Bar(kind, 0, 9000, "label") for kind in PALETTE]
    svg = drawing(Lane("a", bars, [5], [Marker(kind, 5, "1") for kind in PALETTE]))
    for kind, (fill, line, _, _) in PALETTE.items():
        assert f"var(--mct-{kind}-fill, {fill})" in svg
        assert f"var(--mct-{kind}-line, {line})" in svg
    assert set(re.findall(r"(?:fill|stroke)(?:: |=\")(#\w+)", svg)) == set()


@pytest.mark.parametrize(
    "hostile",
    ["<script>alert(1)</script>", 'a" onload="alert(1)', "$\\frac{1}{0}$ and $x", "fill: #0001fe", "]]>&amp;", "$$"],
)
def test_hostile_text_is_escaped(hostile: str) -> None:
    svg = drawing(Lane(hostile, [Bar("ad", 0, 10_000, hostile)], markers=[Marker("hint", 4, hostile)]), layout=NARROW)
    assert "<script" not in svg
    assert not [node for node in ElementTree.fromstring(svg).iter() if "onload" in node.attrib]
    if "#" not in hostile:  # a text that looks like a placeholder colour may be replaced
        assert texts(svg).count(hostile) == 3


def test_characters_outside_xml_are_replaced() -> None:
    found = texts(drawing(Lane("a\x00b\ud800c\nd\x1b", [])))
    assert found[-1] == "a\ufffdb\ufffdc d\ufffd" or "a\ufffdb\ufffdc d\ufffd" in found


def test_many_events_give_few_elements() -> None:
    lane = Lane("a", [Bar("playing", n, n + 1, "playing") for n in range(0, 10_000, 2)], range(10_000))
    svg = drawing(lane)
    assert len(svg) < 60_000
    assert svg.count("<path") < 10
    assert "playing" not in texts(svg)


def test_short_bar_is_a_pixel_wide() -> None:
    assert svg._merge_bars([(10.0, 10.0)]) == [(10.0, 11.0)]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.floats(0, 800), st.floats(0, 100))))
def test_merged_bars_cover_every_bar(found: list[tuple[float, float]]) -> None:
    bars = [(start, start + length) for start, length in found]
    merged = svg._merge_bars(bars)
    assert all(any(a <= start and end <= b for a, b in merged) for start, end in bars)
    assert len(merged) <= len(bars)
    assert sum(b - a for a, b in merged) <= sum(end - start for start, end in bars) + 4 * len(merged) + len(bars)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.floats(-50, 1000), max_size=60), st.sampled_from([WIDE, NARROW]))
def test_markers_do_not_overlap(wanted: list[float], layout: Layout) -> None:
    found = svg._place_markers(wanted, 10, layout)
    assert len(found) == len(wanted)
    assert all(layout.marker_size / 2 <= x <= layout.width - layout.marker_size / 2 for x, _ in found)
    ordered = sorted(found, key=lambda position: (position[1], position[0]))
    for (x, row), (next_x, next_row) in itertools.pairwise(ordered):
        assert row != next_row or next_x - x >= layout.marker_size - 1e-6


@pytest.mark.parametrize(
    ("room", "expected"), [(500, "waiting for data"), (90, "waiting fo…"), (40, ""), (5, ""), (-3, "")]
)
def test_label_is_shortened_to_the_room(room: float, expected: str) -> None:
    assert svg._fit_text("waiting for data", room, 13) == expected


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("kind", PALETTE)
@pytest.mark.parametrize(
    ("fill", "line", "text", "page", "on_solid"),
    [(0, 1, "#212121", "#ffffff", TEXT_ON_SOLID[0]), (2, 3, "#e0e0e0", "#212121", TEXT_ON_SOLID[1])],
    ids=["light", "dark"],
)
def test_text_and_lines_have_enough_contrast(
    kind: str, fill: int, line: int, text: str, page: str, on_solid: str
) -> None:
    """WCAG 2.2: 4.5:1 for text, 3:1 for graphics."""
    colours = PALETTE[kind]
    assert _contrast(colours[line], page) >= 3
    assert _contrast(on_solid if kind in svg._SOLID else text, colours[fill]) >= 4.5
