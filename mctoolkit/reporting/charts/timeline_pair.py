"""Two sessions on one time axis, one below the other, with the first difference marked."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mctoolkit._core.html import Markup, details, join, style
from mctoolkit._core.messages import gettext as _
from mctoolkit.models import masking
from mctoolkit.models.session import Session, TimedEvent
from mctoolkit.reporting.charts import styles
from mctoolkit.reporting.charts.labels import hms
from mctoolkit.reporting.charts.svg import NARROW, WIDE, Lane, Layout, Tick, draw
from mctoolkit.reporting.charts.timeline import Timeline, picture, tick_step_ms
from mctoolkit.reporting.diff import compare

__all__ = ["TimelinePair"]


class TimelinePair:
    """Two sessions on one time axis; :func:`mctoolkit.reporting.charts.timeline` makes it.

    Attributes
    ----------
    one, other : Timeline
        The two sessions, over the time of the longer one.
    summary : str
        The first difference, in words. Event types and what events carry are compared; pings, times, playheads and the
        values of viewer identifiers are not.
    """

    def __init__(self, one: Session, other: Session) -> None:
        self.summary, marked = _first_difference(one, other)
        lasts_ms = round(1000 * max(one.summary.lasted_s, other.summary.lasted_s))
        self.one, self.other = (
            Timeline(session, lasts_ms=lasts_ms, first_ms=event.at_ms if event is not None else None)
            for session, event in zip((one, other), marked, strict=True)
        )

    @property
    def svg(self) -> str:
        """The picture for a wide page, one ``<svg>`` element."""
        return self._drawn(WIDE)

    @property
    def narrow_svg(self) -> str:
        """The picture for a narrow page, such as a phone."""
        return self._drawn(NARROW)

    def __str__(self) -> str:
        sides = (f"{name}: {side}" for name, side in self._named)
        return "\n\n".join([self.summary, *sides])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        label = _(
            "Timelines of two sessions, one below the other. {summary} The tables under the picture say the same."
        ).format(summary=self.summary)
        parts = [
            Markup('<p class="mct-head">{}</p>').format(self.summary),
            picture(self.svg, self.narrow_svg, label),
            self.one.key(self.other),
            *(details(f"{_('The same as a table')}: {name}", side.text_version()) for name, side in self._named),
        ]
        return str(Markup('{}{}<div class="mct mct-timeline">{}</div>').format(style(), styles.style(), join(parts)))

    @property
    def _named(self) -> tuple[tuple[str, Timeline], ...]:
        return (_("First session"), self.one), (_("Second session"), self.other)

    def _drawn(self, layout: Layout) -> str:
        lanes: list[Lane] = []
        for name, side in self._named:
            lanes += [Lane(name), *(_since(side.from_ms, lane) for lane in side.lanes(layout))]
        lasts_ms = self.one.to_ms - self.one.from_ms
        ticks = [Tick(ms, (hms(ms / 1000),)) for ms in range(0, lasts_ms + 1, tick_step_ms(lasts_ms, layout))]
        salt = f"{layout.width}/{self.one.session.id}/{self.other.session.id}/{self.summary}"
        return draw(lanes, ticks, [_("since start")], 0, lasts_ms, layout, salt)


def _since(start_ms: int, lane: Lane) -> Lane:
    """Return a row whose times count from the start of its session."""
    return replace(
        lane,
        bars=[replace(bar, from_ms=bar.from_ms - start_ms, to_ms=bar.to_ms - start_ms) for bar in lane.bars],
        ticks=[at_ms - start_ms for at_ms in lane.ticks],
        signs=[replace(sign, at_ms=sign.at_ms - start_ms) for sign in lane.signs],
    )


def _first_difference(one: Session, other: Session) -> tuple[str, tuple[TimedEvent | None, TimedEvent | None]]:
    """Return the first difference in words, and the two events that differ; None where a session has no more."""
    ours, theirs = ([event for event in side.events if event.event_type != "ping"] for side in (one, other))
    for number, (mine, its) in enumerate(itertools.zip_longest(ours, theirs), 1):
        if mine is None:
            return _(
                "No difference in the first {number} events; then only the second session continues, with {event}."
            ).format(number=number - 1, event=its.event_type), (None, its)
        if its is None:
            return _(
                "No difference in the first {number} events; then only the first session continues, with {event}."
            ).format(number=number - 1, event=mine.event_type), (mine, None)
        if mine.event_type != its.event_type:
            words = _("First difference at event {number}: {one} in the first session, {other} in the second.").format(
                number=number, one=mine.event_type, other=its.event_type
            )
            return words, (mine, its)
        for row in compare(_carried(mine, its), _carried(its, mine)).rows[:1]:
            values = {"where": row.where, "one": row.left_shown, "other": row.right_shown}
            return _(
                "First difference at event {number}, {event}: {where} is {one} in the first session, "
                "{other} in the second."
            ).format(number=number, event=mine.event_type, **values), (mine, its)
    return _(
        "No difference: both sessions have the same events in the same order. Pings, times and "
        "viewer identifiers are not compared."
    ), (None, None)


def _carried(event: TimedEvent, other: TimedEvent) -> dict[str, Any]:
    """Return what an event carries, without the identifiers that the other event has too, whatever their values."""
    found: dict[str, Any] = {}
    for name in ("params", "customMetadata", "qoeData"):
        mine, theirs = event.body.get(name), other.member(name)
        if isinstance(mine, Mapping):
            found[name] = {k: v for k, v in mine.items() if not (k in theirs and masking.identifies(str(k)))}
        elif name in event.body:
            found[name] = mine
    return found
