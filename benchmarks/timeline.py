"""How the timeline of a ten-hour session does beside a bare scatter of as many points.

Ours begins at the calls of a capture: it puts them in order, runs the machine of a session over them, and draws. The
peer has its points already, and writes them as SVG too.
"""

from __future__ import annotations

import io
import random
from collections.abc import Iterator

from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from benchmarks import Goal, Row, in_turns
from mctoolkit.models.captured_request import CapturedRequest
from mctoolkit.models.session import Session
from mctoolkit.reporting import charts

EVENTS = 20_000
HOURS = 10
ROUNDS = 15
NOW_MS = 1_795_421_642_000
OTHERS = (
    "play", "play", "pauseStart", "bufferStart", "bitrateChange", "chapterStart", "chapterComplete",
    "adBreakStart", "adStart", "adComplete", "adBreakComplete",
)  # fmt: skip


def rows() -> Iterator[Row]:
    """Measure, and give one row after another."""
    calls = ten_hours()
    yield in_turns(
        f"timeline of {HOURS} hours, {EVENTS:,} events",
        lambda: charts.timeline(Session("7f3a", calls)).svg,
        f"bare scatter of {EVENTS:,} points, SVG",
        lambda: _scatter(calls),
        Goal(1),
        ROUNDS,
    )
    yield in_turns(
        "the same as a notebook stores it (wide, narrow, in words)",
        lambda: charts.timeline(Session("7f3a", calls))._repr_html_(),
        f"bare scatter of {EVENTS:,} points, SVG",
        lambda: _scatter(calls),
        rounds=ROUNDS,
    )


def ten_hours() -> list[CapturedRequest]:
    """Return a session of ten hours: four pings in five, and in between whatever players send, in no order."""
    chance = random.Random(2026)  # noqa: S311  not for secrets
    step_s = HOURS * 3600 / EVENTS
    calls = []
    for number in range(EVENTS):
        event_type = "ping" if chance.random() < 0.8 else chance.choice(OTHERS)
        at_s = number * step_s
        body = {
            "eventType": event_type if number else "sessionStart",
            "playerTime": {"playhead": at_s, "ts": NOW_MS + round(at_s * 1000)},
            "params": {"media.length": HOURS * 3600} if not number else {"media.ad.name": f"Ad {number}"},
        }
        calls.append(
            CapturedRequest(number + 1, "events" if number else "sessions", body, status=204 if number else 201)
        )
    return calls


def _scatter(calls: list[CapturedRequest]) -> bytes:
    figure = Figure(figsize=(12.5, 3))
    FigureCanvasSVG(figure)
    axes = figure.add_subplot()
    axes.scatter([call.ts_ms or 0 for call in calls], [len(call.event_type or "") for call in calls], s=4)
    written = io.BytesIO()
    figure.savefig(written, format="svg")
    return written.getvalue()
