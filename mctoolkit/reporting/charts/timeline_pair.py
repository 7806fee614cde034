"""TimelinePair: two sessions on one time axis, with the first difference marked."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from mctoolkit._core.html import Markup, details, join, style
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit.models import masking
from mctoolkit.models.session import Session, TimedEvent
from mctoolkit.reporting.charts import styles
from mctoolkit.reporting.charts.labels import format_duration
from mctoolkit.reporting.charts.svg import NARROW, WIDE, Lane, Layout, Tick, draw
from mctoolkit.reporting.charts.timeline import Timeline, images, tick_step_ms
from mctoolkit.reporting.diff import compare

__all__ = ["TimelinePair"]

_ONLY_FIRST = Message(
    "No difference in the first {number} events; then only the first session continues, with {event}."
)
_ONLY_SECOND = Message(
    "No difference in the first {number} events; then only the second session continues, with {event}."
)


class TimelinePair:
    """Two sessions on one time axis; create it with :func:`mctoolkit.charts.timeline`.

    Attributes
    ----------
    one, other : Timeline
        The two sessions; both axes are as long as the longer session.
    summary : str
        The first difference. Event types and the contents of events are compared. Pings, times, playheads and the
        values of viewer identifiers are not.
    """

    def __init__(self, one: Session, other: Session) -> None:
        self.summary, events = _first_difference(one, other)
        duration_ms = round(1000 * max(one.summary.lasted_s, other.summary.lasted_s))
        self.one, self.other = (
            Timeline(session, duration_ms=duration_ms, difference_ms=event.at_ms if event is not None else None)
            for session, event in zip((one, other), events, strict=True)
        )

    @property
    def svg(self) -> str:
        """The drawing for a wide page, one ``<svg>`` element."""
        return self._draw(WIDE)

    @property
    def narrow_svg(self) -> str:
        """The drawing for a narrow page, such as a phone."""
        return self._draw(NARROW)

    def __str__(self) -> str:
        return "\n\n".join([self.summary, *(f"{name}: {timeline}" for name, timeline in self._named)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        label = _(
            "Timelines of two sessions, one below the other. {summary} The tables below contain the same information."
        ).format(summary=self.summary)
        parts = [
            Markup('<p class="mct-head">{}</p>').format(self.summary),
            images(self.svg, self.narrow_svg, label),
            self.one.legend(self.other),
            *(
                details(_("{name}: timeline as a table").format(name=name), timeline.text_version())
                for name, timeline in self._named
            ),
        ]
        return str(Markup('{}{}<div class="mct mct-timeline">{}</div>').format(style(), styles.style(), join(parts)))

    @property
    def _named(self) -> tuple[tuple[str, Timeline], ...]:
        return (_("First session"), self.one), (_("Second session"), self.other)

    def _draw(self, layout: Layout) -> str:
        lanes: list[Lane] = []
        for name, timeline in self._named:
            lanes += [Lane(name), *timeline.lanes(layout)]
        duration_ms = self.one.duration_ms
        times_ms = range(0, duration_ms + 1, tick_step_ms(duration_ms, layout))
        ticks = [Tick(at_ms, (format_duration(at_ms / 1000),)) for at_ms in times_ms]
        id_seed = f"{layout.width}/{self.one.session.id}/{self.other.session.id}/{self.summary}"
        return draw(lanes, ticks, [_("since start")], duration_ms, layout, id_seed)


def _first_difference(one: Session, other: Session) -> tuple[str, tuple[TimedEvent | None, TimedEvent | None]]:
    """Return the first difference as a sentence, and the two events; None for a session that has ended."""
    events = ([event for event in session.events if event.event_type != "ping"] for session in (one, other))
    for number, (left, right) in enumerate(itertools.zip_longest(*events), 1):
        if left is None or right is None:
            sentence = _ONLY_SECOND if left is None else _ONLY_FIRST
            return sentence.format(number=number - 1, event=(left or right).event_type), (left, right)
        if left.event_type != right.event_type:
            return _("First difference at event {number}: {one} in the first session, {other} in the second.").format(
                number=number, one=left.event_type, other=right.event_type
            ), (left, right)
        for row in compare(_content(left, right), _content(right, left)).rows[:1]:
            return _(
                "First difference at event {number}, {event}: {where} is {one} in the first session, "
                "{other} in the second."
            ).format(
                number=number, event=left.event_type, where=row.where, one=row.left_shown, other=row.right_shown
            ), (left, right)
    return _(
        "No difference: both sessions have the same events in the same order. Pings, times and "
        "viewer identifiers are not compared."
    ), (None, None)


def _content(event: TimedEvent, other: TimedEvent) -> dict[str, Any]:
    """Return the content of an event without the viewer identifiers that the other event has too."""
    found: dict[str, Any] = {}
    for name in ("params", "customMetadata", "qoeData"):
        member, others = event.body.get(name), other.member(name)
        if isinstance(member, Mapping):
            found[name] = {k: v for k, v in member.items() if not (k in others and masking.identifies(str(k)))}
        elif name in event.body:
            found[name] = member
    return found
