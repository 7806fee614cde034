"""Two sessions side by side, with the first difference marked: what one player, or one release, does otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from mctoolkit import masking, texts
from mctoolkit.charts import looks
from mctoolkit.charts.timelines import Timeline
from mctoolkit.charts.wording import hms
from mctoolkit.comparing import Comparison, compare
from mctoolkit.errors import MisuseError
from mctoolkit.markup import Markup, details, join, style, table
from mctoolkit.sessions import Moment, Session

__all__ = ["SideBySide", "side_by_side"]

_AROUND: Final = 5
"""How many events before and after the first difference the table shows."""

_COMPARED: Final = ("params", "customMetadata", "qoeData")


@dataclass(frozen=True)
class SideBySide:
    """Two sessions on one axis, and where they first differ.

    Attributes
    ----------
    left, right : Timeline
        Both span as much time as the longer one lasts.
    number : int or None
        Which event is the first to differ, from 1, pings not counted; None when none does.
    events : tuple of (Moment or None, Moment or None)
        The events of both, pair by pair, pings left out; None where one side has no more.
    values : Comparison or None
        How the two events differ in what they carry, when they are of one type.
    """

    left: Timeline
    right: Timeline
    number: int | None
    events: tuple[tuple[Moment | None, Moment | None], ...]
    values: Comparison | None

    @property
    def same(self) -> bool:
        """Whether there is no difference."""
        return self.number is None

    @property
    def summary(self) -> str:
        """Where they first differ, in words."""
        if self.number is None:
            return texts.say("timeline.sides.same")
        left, right = self.events[self.number - 1]
        if left is None or right is None:
            goes_on = left or right
            side = "left" if left is not None else "right"
            event = goes_on.event_type if goes_on is not None else ""
            return texts.say("timeline.sides.same_so_far", side=texts.say(f"timeline.sides.{side}"), event=event)
        if self.values is None:
            return texts.say(
                "timeline.sides.other_event", number=self.number, left=left.event_type, right=right.event_type
            )
        first = self.values.rows[0]
        return texts.say(
            "timeline.sides.other_values",
            number=self.number,
            event=left.event_type,
            where=first.where,
            left=first.left_shown,
            right=first.right_shown,
        )

    @property
    def rows(self) -> tuple[tuple[str, str, str], ...]:
        """The events around the first difference, or the first ones, in words: number, left, right."""
        middle = self.number if self.number is not None else 1
        first = max(0, middle - 1 - _AROUND)
        around = self.events[first : middle + _AROUND]
        return tuple(
            (
                f"{number} →" if number == self.number else str(number),
                self._words(left, self.left),
                self._words(right, self.right),
            )
            for number, (left, right) in enumerate(around, first + 1)
        )

    @staticmethod
    def _words(event: Moment | None, side: Timeline) -> str:
        if event is None:
            return texts.say("timeline.sides.nothing")
        passed = hms((event.at_ms - side.from_ms) / 1000)
        return f"{event.event_type}, {passed}, {texts.say('timeline.entry', number=event.number)}"

    def __str__(self) -> str:
        lines = [self.summary, texts.say("timeline.sides.note")]
        lines += [f"{number}  {left}  |  {right}" for number, left, right in self.rows]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return str(Markup("{}{}{}").format(style(), looks.style(), self.to_html()))

    def to_html(self) -> Markup:
        """Build both pictures, the first difference and the events around it as HTML, without the style sheets."""
        names = tuple(texts.say(f"timeline.sides.{side}") for side in ("left", "right"))
        header = (texts.say("timeline.sides.column_event"), *names)
        sides = [
            Markup("<p><b>{}</b></p>{}").format(name, side.picture())
            for name, side in zip(names, (self.left, self.right), strict=True)
        ]
        parts = [
            Markup('<p class="mct-head">{}</p><p class="mct-quiet">{}</p>').format(
                self.summary, texts.say("timeline.sides.note")
            ),
            *sides,
            self.left.key(self.right),
            table(texts.say("timeline.sides.caption"), header, self.rows),
        ]
        if self.values is not None:
            parts.append(self.values.to_html())
        twins = [
            details(f"{texts.say('timeline.table')}: {name}", side.twin())
            for name, side in zip(names, (self.left, self.right), strict=True)
        ]
        return Markup('<div class="mct mct-timeline">{}</div>').format(join([*parts, *twins]))


def must_be_sessions(*things: object) -> None:
    """Refuse what is no session, such as the name of a file.

    Raises
    ------
    MisuseError
        It says how to come by a session.
    """
    for thing in things:
        if not isinstance(thing, Session):
            raise MisuseError(texts.say("timeline.no_session", kind=type(thing).__name__))


def side_by_side(left: Session, right: Session) -> SideBySide:
    """Hold two sessions against each other, event by event, up to the first difference.

    Compared are the types of the events in their order, and what each carries. Pings, times and playheads are not, nor
    who the viewer is; but that an identifier is missing on one side counts.

    Parameters
    ----------
    left, right : Session
        Such as the same viewing on two platforms, or before and after a release.

    Examples
    --------
    >>> from mctoolkit.calls import Call
    >>> def session(*types):
    ...     bodies = [{"eventType": t, "playerTime": {"ts": n}} for n, t in enumerate(types, 1509045324153)]
    ...     return Session("7f3a", [Call(number, "events", body) for number, body in enumerate(bodies, 1)])
    >>> side_by_side(session("sessionStart", "ping", "play"), session("sessionStart", "adBreakStart")).summary
    'First difference at event 2: play on the left, adBreakStart on the right.'
    """
    must_be_sessions(left, right)
    ours, theirs = ([event for event in side.events if event.event_type != "ping"] for side in (left, right))
    longest = max(len(ours), len(theirs))
    pairs = tuple((ours[n] if n < len(ours) else None, theirs[n] if n < len(theirs) else None) for n in range(longest))
    number, values = None, None
    for at, (one, other) in enumerate(pairs, 1):
        if one is None or other is None or one.event_type != other.event_type:
            number = at
            break
        found = compare(_carried(one, other), _carried(other, one))
        if found.rows:
            number, values = at, found
            break
    lasts_ms = round(1000 * max(left.summary.lasted_s, right.summary.lasted_s))
    marked = pairs[number - 1] if number is not None else (None, None)
    timelines = [
        Timeline(side, lasts_ms=lasts_ms, first_ms=event.at_ms if event is not None else None)
        for side, event in zip((left, right), marked, strict=True)
    ]
    return SideBySide(timelines[0], timelines[1], number, pairs, values)


def _carried(event: Moment, other: Moment) -> dict[str, Any]:
    """Return what an event carries, without identifiers that the other one has too, whatever their values."""
    found: dict[str, Any] = {}
    for name in _COMPARED:
        if name in event.body:
            theirs = other.member(name)
            mine = event.body[name]
            found[name] = (
                {key: value for key, value in mine.items() if not (key in theirs and masking.identifies(str(key)))}
                if isinstance(mine, Mapping)
                else mine
            )
    return found
