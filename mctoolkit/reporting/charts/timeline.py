"""Timeline: one session as a picture over time, with the same in words."""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final

from mctoolkit._core.html import Markup, details, join, style, table
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit.models.finding import Finding
from mctoolkit.models.session import Mark, Session, Span
from mctoolkit.reporting.charts import styles
from mctoolkit.reporting.charts.labels import (
    MARK_LABELS,
    SPAN_LABELS,
    hms,
    in_short,
    local,
    mark_words,
    pings_in_words,
    playhead,
    short_id,
    shown,
    span_words,
    sum_rows,
    time_of_day,
    title,
    when,
    zone,
)
from mctoolkit.reporting.charts.svg import NARROW, WIDE, Bar, Lane, Layout, Marker, Tick, draw

__all__ = ["MOST_ROWS", "Timeline", "picture", "tick_step_ms"]

MOST_ROWS: Final = 200
"""Rows of the table that says the same."""

_LANES: Final = (("content", ("playing", "paused", "buffering")), ("ads", ("break", "ad")), ("chapters", ("chapter",)))
_STEPS_S: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400)
_TICK_ROOM: Final = 6.6
"""The room of one tick of the axis, in sizes of its text."""


_COLUMNS = {
    "figure": Message("Figure"),
    "value": Message("Value"),
    "time": Message("Time"),
    "playhead": Message("Playhead"),
    "what": Message("What"),
    "lasted": Message("Lasted"),
    "number": Message("No."),
    "level": Message("Level"),
    "message": Message("What is wrong"),
    "where": Message("Where"),
}
_ROW_LABELS = {
    "content": Message("Programme"),
    "ads": Message("Ads"),
    "chapters": Message("Chapters"),
    "pings": Message("Pings"),
    "moments": Message("Moments"),
    "silence": Message("No events"),
    "findings": Message("Findings"),
}
_LETTERS = {
    "start": Message("S"),
    "error": Message("!"),
    "bitrate": Message("b"),
    "complete": Message("C"),
    "end": Message("E"),
    "lost": Message("×"),
}


class Timeline:
    """One session as a picture over time, and the same in words for whoever does not see it.

    :func:`mctoolkit.reporting.charts.timeline` makes it.

    Parameters
    ----------
    session : Session
        What is drawn.
    findings : sequence of (int, Finding)
        What was found in it, each with its number.
    lasts_ms : int, optional
        How much time the axis spans, from the first event on; as long as the session lasts unless told.
    first_ms : int, optional
        A moment to mark as the first difference.

    Attributes
    ----------
    session : Session
    findings : tuple of (int, Finding)
    """

    def __init__(
        self,
        session: Session,
        findings: Sequence[tuple[int, Finding]] = (),
        *,
        lasts_ms: int | None = None,
        first_ms: int | None = None,
    ) -> None:
        self.session = session
        self.findings = tuple(findings)
        self.first_ms = first_ms
        self.from_ms = session.summary.started_ms
        lasted_ms = round(session.summary.lasted_s * 1000)
        self.to_ms = self.from_ms + max(lasted_ms if lasts_ms is None else lasts_ms, 1000)

    @cached_property
    def svg(self) -> str:
        """The picture for a wide page, one ``<svg>`` element; the same session gives the same bytes."""
        return self._drawn(WIDE, "wide")

    @cached_property
    def narrow_svg(self) -> str:
        """The picture for a narrow page, such as a telephone."""
        return self._drawn(NARROW, "narrow")

    @property
    def label(self) -> str:
        """What the picture shows, in two sentences."""
        return _("Timeline of session {id}. {sums} The table under the picture says the same.").format(
            id=short_id(self.session), sums=in_short(self.session.summary)
        )

    # --- in words --------------------------------------------------------------------------------------------------

    @cached_property
    def rows(self) -> tuple[tuple[str, str, str, str], ...]:
        """What happened, in order, in words: time of day, playhead, what, how long. Pings are left out."""
        happened: list[Span | Mark] = [*self.session.spans, *(m for m in self.session.marks if m.kind != "ping")]
        happened.sort(key=lambda each: each.from_ms if isinstance(each, Span) else each.at_ms)
        return tuple(
            (time_of_day(each.from_ms), playhead(each.from_playhead_s), span_words(each), hms(each.seconds))
            if isinstance(each, Span)
            else (time_of_day(each.at_ms), playhead(each.playhead_s), mark_words(each), "")
            for each in happened
        )

    def __str__(self) -> str:
        session = self.session
        lines = [title(session), when(session), in_short(session.summary)]
        if not session.summary.whole_start:
            lines.append(_("The beginning of this session is not in the capture, so the times below are too short."))
        lines += [
            f"{number}. {finding.level_in_words}: {finding.message} {finding.where}"
            for number, finding in self.findings
        ]
        lines += ["  ".join(filter(None, (time, at, what, lasted))) for time, at, what, lasted in self.rows[:MOST_ROWS]]
        lines += filter(None, (self._more_rows, pings_in_words(session)))
        return "\n".join(lines)

    __repr__ = __str__

    @property
    def _more_rows(self) -> str:
        more = len(self.rows) - MOST_ROWS
        return _("... and {number} more, not listed here.").format(number=more) if more > 0 else ""

    # --- as HTML ---------------------------------------------------------------------------------------------------

    def _repr_html_(self) -> str:
        return str(Markup("{}{}{}").format(style(), styles.style(), self.to_html()))

    def to_html(self, *, with_findings: bool = True) -> Markup:
        """Build the picture and the same in words as HTML, without the style sheets.

        Parameters
        ----------
        with_findings : bool
            Whether the findings are listed; a page that has them elsewhere, by the same numbers, need not.
        """
        session = self.session
        parts = [
            Markup('<p class="mct-head">{}</p><p>{}<br>{}</p>').format(
                title(session), when(session), in_short(session.summary)
            )
        ]
        if not session.summary.whole_start:
            parts.append(
                Markup("<p>{}</p>").format(
                    _("The beginning of this session is not in the capture, so the times below are too short.")
                )
            )
        parts += [
            picture(self.svg, self.narrow_svg, self.label),
            self.key(),
            self._findings() if with_findings else Markup(""),
        ]
        parts.append(details(_("The same as a table"), self.text_version()))
        return Markup('<div class="mct mct-timeline">{}</div>').format(join(parts))

    def key(self, *others: Timeline) -> Markup:
        """Build the key: what the looks and the letters of this picture stand for, and of others that are below it."""
        sessions = [self.session, *(other.session for other in others)]
        seen = {span.kind for session in sessions for span in session.spans}
        items = [
            Markup("<li>{}{}</li>").format(styles.swatch(look), str(SPAN_LABELS[look]))
            for look in styles.KEY_LOOKS
            if look in seen
        ]
        moments = {mark.kind for session in sessions for mark in session.marks} - {"ping"}
        items += [
            Markup("<li><b>{}</b> {}</li>").format(str(_LETTERS[kind]), str(MARK_LABELS[kind]))
            for kind in _LETTERED
            if kind in moments
        ]
        return Markup('<ul class="mct-key" aria-label="{}">{}</ul>').format(_("Key"), join(items))

    def text_version(self) -> Markup:
        """Build what happened and what it adds up to as tables."""
        header = [str(_COLUMNS[name]) for name in ("time", "playhead", "what", "lasted")]
        name = short_id(self.session)
        after = [self._more_rows, pings_in_words(self.session)]
        return join(
            [
                table(_("Session {id}: what happened, in order").format(id=name), header, self.rows[:MOST_ROWS]),
                *(Markup("<p>{}</p>").format(sentence) for sentence in after if sentence),
                table(
                    _("Session {id}: what it adds up to").format(id=name),
                    [str(_COLUMNS[name]) for name in ("figure", "value")],
                    sum_rows(self.session.summary),
                ),
            ]
        )

    def _findings(self) -> Markup:
        if not self.findings:
            return Markup("")
        header = [str(_COLUMNS[name]) for name in ("number", "level", "message", "where")]
        rows = [
            (str(number), finding.level_in_words, finding.message, finding.where) for number, finding in self.findings
        ]
        return table(
            _("Session {id}: what was found, by its number in the picture").format(id=short_id(self.session)),
            header,
            rows,
        )

    # --- as a picture ----------------------------------------------------------------------------------------------

    def _drawn(self, layout: Layout, name: str) -> str:
        axis = [_("time, {zone}").format(zone=zone(self.from_ms))]
        if layout.gutter:
            axis.append(_("playhead"))
        salt = f"{name}/{self.session.id}/{self.from_ms}/{self.first_ms}/{len(self.findings)}"
        return draw(
            tuple(self.lanes(layout)),
            tuple(self._ticks(layout, len(axis))),
            axis,
            self.from_ms,
            self.to_ms,
            layout,
            salt,
        )

    def lanes(self, layout: Layout) -> Iterator[Lane]:
        """Give the rows of the picture, from top to bottom."""
        session = self.session
        if self.findings:
            signs = [Marker(finding.level, self._moment_of(finding), str(number)) for number, finding in self.findings]
            yield Lane(_("Findings"), signs=signs, guides=True)
        if self.first_ms is not None:
            yield Lane(_("First difference"), signs=[Marker("first", self.first_ms, "1")], guides=True)
        for row, kinds in _LANES:
            spans = [span for kind in kinds for span in session.spans if span.kind == kind]
            if spans or row == "content":
                yield Lane(str(_ROW_LABELS[row]), bars=[_bar(span) for span in spans])
        states = dict.fromkeys(span.label for span in session.spans if span.kind == "state")
        for state in states:
            spans = [span for span in session.spans if span.kind == "state" and span.label == state]
            yield Lane(
                _("State {name}").format(name=shown(state)),
                bars=[Bar("state", s.from_ms, s.to_ms) for s in spans],
            )
        silences = [span for span in session.spans if span.kind == "silence"]
        if silences:
            yield Lane(_("No events"), bars=[_bar(span) for span in silences])
        pings = [mark.at_ms for mark in session.marks if mark.kind == "ping"]
        yield Lane(_("Pings"), ticks=pings)
        apart_ms = (self.to_ms - self.from_ms) / layout.width * layout.sign
        lettered = _thinned([mark for mark in session.marks if mark.kind != "ping"], apart_ms)
        if lettered:
            signs = [
                Marker(
                    "error" if mark.kind in ("error", "lost") else "moment",
                    mark.at_ms,
                    str(_LETTERS[mark.kind]),
                )
                for mark in lettered
            ]
            yield Lane(_("Moments"), signs=signs)

    def _moment_of(self, finding: Finding) -> int:
        """Return where a finding stands: at its first event, or else where its own clock says."""
        event = next(filter(None, map(self.session.at, finding.entries)), None)
        at_ms = event.at_ms if event is not None else finding.at_ms if finding.at_ms is not None else self.from_ms
        return min(max(at_ms, self.from_ms), self.to_ms)

    def _ticks(self, layout: Layout, lines: int) -> Iterator[Tick]:
        step_ms = tick_step_ms(self.to_ms - self.from_ms, layout)
        offset = local(self.from_ms).utcoffset()
        ahead_ms = round(offset.total_seconds() * 1000) if offset else 0
        first = -(-(self.from_ms + ahead_ms) // step_ms) * step_ms - ahead_ms
        for at_ms in range(first, self.to_ms + 1, step_ms):
            yield Tick(at_ms, (time_of_day(at_ms), self._playhead_at(at_ms))[:lines])

    @cached_property
    def _known(self) -> tuple[list[int], list[float]]:
        known = [(event.at_ms, event.playhead_s) for event in self.session.events if event.playhead_s is not None]
        known.sort(key=lambda pair: pair[0])
        return [at_ms for at_ms, _unused in known], [at_s for _unused, at_s in known]

    def _playhead_at(self, at_ms: int) -> str:
        """Return the playhead at a moment, reckoned between the two events around it."""
        times, playheads = self._known
        after = bisect.bisect_left(times, at_ms)
        if after == len(times) or (after == 0 and times[0] != at_ms):
            return ""
        if after == 0 or times[after] == at_ms:
            return playhead(playheads[after])
        share = (at_ms - times[after - 1]) / (times[after] - times[after - 1])
        return playhead(playheads[after - 1] + share * (playheads[after] - playheads[after - 1]))


_LETTERED: Final = ("start", "error", "bitrate", "complete", "end", "lost")


def tick_step_ms(lasts_ms: int, layout: Layout) -> int:
    """Return how far apart the ticks of an axis are, so that their words have room."""
    room = layout.width - layout.gutter - layout.right
    least_s = lasts_ms / 1000 * layout.text * _TICK_ROOM / room
    return 1000 * next((step for step in _STEPS_S if step >= least_s), round(least_s))


def picture(svg: str, narrow_svg: str, label: str) -> Markup:
    """Build a picture for a wide and for a narrow page; the page shows the one that fits."""
    return join(
        Markup('<div class="{}" role="img" aria-label="{}">{}</div>').format(name, label, Markup(drawn))
        for name, drawn in (("mct-wide", svg), ("mct-narrow", narrow_svg))
    )


def _bar(span: Span) -> Bar:
    word = shown(span.label) or str(SPAN_LABELS[span.kind])
    return Bar(span.kind, span.from_ms, span.to_ms, "" if span.kind == "break" else word)


def _thinned(marks: Sequence[Mark], apart_ms: float) -> list[Mark]:
    """Leave out marks that would only cover the one of their kind before them."""
    last: dict[str, int] = {}
    found = []
    for mark in marks:
        if mark.kind not in last or mark.at_ms - last[mark.kind] > apart_ms:
            found.append(mark)
            last[mark.kind] = mark.at_ms
    return found
