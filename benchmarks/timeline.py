"""The timeline of a session of ten hours, compared with a matplotlib scatter plot of as many points.

mctoolkit starts with captured requests: it orders them, runs the state machine, and draws an SVG. The peer starts with
points and writes them as SVG.
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
    """Yield the rows."""
    requests = ten_hours()
    yield in_turns(
        f"timeline of {HOURS} hours, {EVENTS:,} events",
        lambda: charts.timeline(Session("7f3a", requests)).svg,
        f"scatter of {EVENTS:,} points, SVG",
        lambda: _scatter(requests),
        Goal(1),
        ROUNDS,
    )
    yield in_turns(
        "the same, as stored in a notebook (wide, narrow, text)",
        lambda: charts.timeline(Session("7f3a", requests))._repr_html_(),
        f"scatter of {EVENTS:,} points, SVG",
        lambda: _scatter(requests),
        rounds=ROUNDS,
    )


def ten_hours() -> list[CapturedRequest]:
    """Return a session of ten hours: four of five events are pings, the others are random."""
    chance = random.Random(2026)  # noqa: S311  not for secrets
    step_s = HOURS * 3600 / EVENTS
    requests = []
    for number in range(EVENTS):
        event_type = "ping" if chance.random() < 0.8 else chance.choice(OTHERS)
        at_s = number * step_s
        body = {
            "eventType": event_type if number else "sessionStart",
            "playerTime": {"playhead": at_s, "ts": NOW_MS + round(at_s * 1000)},
            "params": {"media.length": HOURS * 3600} if not number else {"media.ad.name": f"Ad {number}"},
        }
        requests.append(
            CapturedRequest(number + 1, "events" if number else "sessions", body, status=204 if number else 201)
        )
    return requests


def _scatter(requests: list[CapturedRequest]) -> bytes:
    figure = Figure(figsize=(12.5, 3))
    FigureCanvasSVG(figure)
    axes = figure.add_subplot()
    axes.scatter(
        [request.ts_ms or 0 for request in requests], [len(request.event_type or "") for request in requests], s=4
    )
    written = io.BytesIO()
    figure.savefig(written, format="svg")
    return written.getvalue()
