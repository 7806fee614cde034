"""The drawing: the same bytes for the same input, no more pieces than pixels, and words that are escaped."""

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
from mctoolkit.reporting.charts.svg import NARROW, ON_FULL, PALETTE, WIDE, Bar, Lane, Layout, Marker, Tick, draw

SVG = "{http://www.w3.org/2000/svg}"


def picture(*lanes: Lane, layout: Layout = WIDE, salt: str = "x") -> str:
    return draw(lanes, [Tick(0, ("10:00:00",))], ["time"], 0, 10_000, layout, salt)


def words(svg: str) -> list[str]:
    return ["".join(text.itertext()) for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_the_same_input_gives_the_same_bytes_whatever_style_is_set() -> None:
    lane = Lane("a", [Bar("paused", 0, 5000, "paused"), Bar("buffering", 5000, 9000)], [100], [Marker("hint", 7, "1")])
    first = picture(lane)
    with matplotlib.rc_context({"lines.linewidth": 9, "font.size": 30, "svg.fonttype": "path", "hatch.color": "red"}):
        assert picture(lane) == first
        assert matplotlib.rcParams["font.size"] == 30  # and theirs is left as it was


def test_drawing_leaves_the_log_of_others_alone_and_is_quiet_itself(capfd: pytest.CaptureFixture[str]) -> None:
    log = logging.getLogger("matplotlib")
    before = log.level
    log.setLevel(logging.INFO)
    try:
        with svg._quiet():
            log.warning("building the font cache")
        picture(Lane("日本語 🎬 مرحبا", [Bar("ad", 0, 10_000, "広告")]))
        assert log.level == logging.INFO
    finally:
        log.setLevel(before)
    assert capfd.readouterr() == ("", "")


def test_importing_loads_no_matplotlib() -> None:
    code = "import sys, mctoolkit.reporting.charts; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_nothing_in_it_concerns_the_rest_of_the_page() -> None:
    svg = picture(Lane("a", [Bar("paused", 0, 5000)], [1], [Marker("error", 5, "1")]))
    assert svg.startswith("<svg ")
    assert not re.search(r"<style|<metadata|<\?xml|<!|DejaVu|http(?!://www\.w3\.org/(2000/svg|1999/xlink)\")", svg)
    assert {node.tag.removeprefix(SVG) for node in ElementTree.fromstring(svg).iter()} <= {
        "svg", "g", "path", "text", "defs", "use", "pattern", "rect", "clipPath",
    }  # fmt: skip


def test_ids_are_of_one_picture_and_all_are_used() -> None:
    lane = Lane("a", [Bar("paused", 0, 5000), Bar("silence", 0, 5000)], signs=[Marker("error", 5, "1")])
    found = []
    for salt in ("one", "two"):
        svg = picture(lane, salt=salt)
        ids = set(re.findall(r'\bid="([^"]+)"', svg))
        assert ids == set(re.findall(r"#(mct[\w-]+)", svg)) != set()
        found.append(ids)
    assert not found[0] & found[1]


def test_every_colour_is_a_variable_with_the_light_one_behind_it() -> None:
    bars = [Bar(look, 0, 9000, "word that is here") for look in PALETTE]
    svg = picture(Lane("a", bars, [5], [Marker(look, 5, "1") for look in PALETTE]))
    for name, (fill, line, _, _) in PALETTE.items():
        assert f"var(--mct-{name}-fill, {fill})" in svg
        assert f"var(--mct-{name}-line, {line})" in svg
    # what is left: nothing but those, and black for the lines of patterns
    assert set(re.findall(r"(?:fill|stroke)(?:: |=\")(#\w+)", svg)) == set()


@pytest.mark.parametrize(
    "hostile",
    ["<script>alert(1)</script>", 'a" onload="alert(1)', "$\\frac{1}{0}$ and $x", "fill: #0001fe", "]]>&amp;", "$$"],
)
def test_words_of_a_player_stay_words(hostile: str) -> None:
    svg = picture(Lane(hostile, [Bar("ad", 0, 10_000, hostile)], signs=[Marker("hint", 4, hostile)]), layout=NARROW)
    assert "<script" not in svg
    assert not [node for node in ElementTree.fromstring(svg).iter() if "onload" in node.attrib]
    if "#" not in hostile:  # a text that reads like a colour of ours may be shown as one
        assert words(svg).count(hostile) == 3


def test_what_xml_cannot_hold_is_replaced() -> None:
    found = words(picture(Lane("a\x00b\ud800c\nd\x1b", [])))
    assert found[-1] == "a\ufffdb\ufffdc d\ufffd" or "a\ufffdb\ufffdc d\ufffd" in found


def test_twenty_thousand_events_have_no_more_pieces_than_pixels() -> None:
    lane = Lane("a", [Bar("playing", n, n + 1, "playing") for n in range(0, 10_000, 2)], range(10_000))
    svg = picture(lane)
    assert len(svg) < 60_000
    assert svg.count("<path") < 10
    assert "playing" not in words(svg)


def test_a_short_bar_is_still_a_pixel_wide() -> None:
    assert svg._merged([(10.0, 10.0)]) == [(10.0, 11.0)]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.floats(0, 800), st.floats(0, 100))))
def test_merging_loses_no_bar(found: list[tuple[float, float]]) -> None:
    bars = [(start, start + length) for start, length in found]
    merged = svg._merged(bars)
    assert all(any(a <= start and end <= b for a, b in merged) for start, end in bars)
    assert len(merged) <= len(bars)
    assert sum(b - a for a, b in merged) <= sum(end - start for start, end in bars) + 4 * len(merged) + len(bars)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.floats(-50, 1000), max_size=60), st.sampled_from([WIDE, NARROW]))
def test_no_sign_covers_another(places: list[float], layout: Layout) -> None:
    found = svg._arranged(places, 10, layout)
    assert len(found) == len(places)
    assert all(layout.sign / 2 <= x <= layout.width - layout.sign / 2 for x, _ in found)
    ordered = sorted(found, key=lambda spot: (spot[1], spot[0]))
    for (x, row), (next_x, next_row) in itertools.pairwise(ordered):
        assert row != next_row or next_x - x >= layout.sign - 1e-6


@pytest.mark.parametrize(
    ("room", "expected"), [(500, "waiting for data"), (90, "waiting fo…"), (40, ""), (5, ""), (-3, "")]
)
def test_a_word_is_cut_to_its_room(room: float, expected: str) -> None:
    assert svg._cut("waiting for data", room, 13) == expected


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("look", PALETTE)
@pytest.mark.parametrize(
    ("fill", "line", "ink", "page", "on_full"),
    [(0, 1, "#212121", "#ffffff", ON_FULL[0]), (2, 3, "#e0e0e0", "#212121", ON_FULL[1])],
    ids=["light", "dark"],
)
def test_words_and_lines_stand_out(look: str, fill: int, line: int, ink: str, page: str, on_full: str) -> None:
    """WCAG 2.2: words by 4.5:1, what has a meaning by 3:1."""
    colours = PALETTE[look]
    assert _contrast(colours[line], page) >= 3
    assert _contrast(on_full if look in svg._FULL else ink, colours[fill]) >= 4.5
