"""Timeline: one session over time, as a drawing and as text."""

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
    describe_mark,
    describe_pings,
    describe_span,
    display_name,
    format_duration,
    format_playhead,
    format_time,
    local_time,
    session_period,
    session_title,
    short_id,
    summary_rows,
    summary_sentence,
    time_zone,
)
from mctoolkit.reporting.charts.svg import NARROW, WIDE, Bar, Lane, Layout, Marker, Tick, draw

__all__ = ["MAX_ROWS", "Timeline", "images", "tick_step_ms"]

MAX_ROWS: Final = 200
"""Rows of the text version."""

_LANES: Final = (
    (Message("Content"), ("playing", "paused", "buffering")),
    (Message("Ads"), ("break", "ad")),
    (Message("Chapters"), ("chapter",)),
)
_STEPS_S: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400)
_TICK_ROOM: Final = 6.6
"""Room for a tick label, as a multiple of the font size."""
_LETTERS: Final = {
    "start": Message("S"),
    "error": Message("!"),
    "bitrate": Message("b"),
    "complete": Message("C"),
    "end": Message("E"),
    "lost": Message("×"),
}


class Timeline:
    """One session over time; create it with :func:`mctoolkit.charts.timeline`.

    Parameters
    ----------
    session : Session
        The session.
    findings : sequence of (int, Finding)
        Its findings, each with its number.
    duration_ms : int, optional
        The length of the time axis; the duration of the session by default.
    difference_ms : int, optional
        A moment to mark as the first difference from another session, in milliseconds since 1970.

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
        duration_ms: int | None = None,
        difference_ms: int | None = None,
    ) -> None:
        self.session = session
        self.findings = tuple(findings)
        self.difference_ms = difference_ms
        self.from_ms = session.summary.started_ms
        own_ms = round(session.summary.lasted_s * 1000)
        self.duration_ms = max(own_ms if duration_ms is None else duration_ms, 1000)

    @cached_property
    def svg(self) -> str:
        """The drawing for a wide page, one ``<svg>`` element; the same session gives the same bytes."""
        return self._draw(WIDE)

    @cached_property
    def narrow_svg(self) -> str:
        """The drawing for a narrow page, such as a phone."""
        return self._draw(NARROW)

    # --- text --------------------------------------------------------------------------------------------------------

    @cached_property
    def rows(self) -> tuple[tuple[str, str, str, str], ...]:
        """What happened, in order: time of day, playhead, description, duration. Pings are left out."""
        found: list[Span | Mark] = [*self.session.spans, *(m for m in self.session.marks if m.kind != "ping")]
        found.sort(key=lambda each: each.from_ms if isinstance(each, Span) else each.at_ms)
        return tuple(
            (
                format_time(each.from_ms),
                format_playhead(each.from_playhead_s),
                describe_span(each),
                format_duration(each.seconds),
            )
            if isinstance(each, Span)
            else (format_time(each.at_ms), format_playhead(each.playhead_s), describe_mark(each), "")
            for each in found
        )

    def __str__(self) -> str:
        lines = self._heading
        lines += [
            f"{number}. {finding.level_in_words}: {finding.message} {finding.where}"
            for number, finding in self.findings
        ]
        lines += ["  ".join(filter(None, row)) for row in self.rows[:MAX_ROWS]]
        return "\n".join([*lines, *self._notes])

    __repr__ = __str__

    @property
    def _heading(self) -> list[str]:
        session = self.session
        lines = [session_title(session), session_period(session), summary_sentence(session.summary)]
        if not session.summary.whole_start:
            lines.append(_("The start of this session is not in the capture, so these durations are too short."))
        return lines

    @property
    def _notes(self) -> list[str]:
        more = len(self.rows) - MAX_ROWS
        rest = _("... and {number} more, not listed here.").format(number=more) if more > 0 else ""
        return [note for note in (rest, describe_pings(self.session)) if note]

    # --- HTML --------------------------------------------------------------------------------------------------------

    def _repr_html_(self) -> str:
        return str(Markup("{}{}{}").format(style(), styles.style(), self.to_html()))

    def to_html(self, *, with_findings: bool = True) -> Markup:
        """Return the drawing and its text version as HTML, without the style sheets.

        Parameters
        ----------
        with_findings : bool
            Whether to list the findings; a page that already lists them under the same numbers does not need it.
        """
        title, *lines = self._heading
        label = _("Timeline of session {id}. {summary} The table below contains the same information.").format(
            id=short_id(self.session.id), summary=summary_sentence(self.session.summary)
        )
        parts = [
            Markup('<p class="mct-head">{}</p><p>{}</p>').format(title, join(lines, Markup("<br>"))),
            images(self.svg, self.narrow_svg, label),
            self.legend(),
        ]
        if with_findings and self.findings:
            parts.append(self._findings_table())
        parts.append(details(_("Timeline as a table"), self.text_version()))
        return Markup('<div class="mct mct-timeline">{}</div>').format(join(parts))

    def legend(self, *others: Timeline) -> Markup:
        """Return the legend of this drawing and of others below it."""
        sessions = [self.session, *(other.session for other in others)]
        spans = {span.kind for session in sessions for span in session.spans}
        marks = {mark.kind for session in sessions for mark in session.marks}
        items = [
            Markup("<li>{}{}</li>").format(styles.swatch(kind), str(SPAN_LABELS[kind]))
            for kind in styles.LEGEND_KINDS
            if kind in spans
        ]
        items += [
            Markup("<li><b>{}</b> {}</li>").format(str(letter), str(MARK_LABELS[kind]))
            for kind, letter in _LETTERS.items()
            if kind in marks
        ]
        return Markup('<ul class="mct-legend" aria-label="{}">{}</ul>').format(_("Legend"), join(items))

    def text_version(self) -> Markup:
        """Return what happened, and the totals of the session, as tables."""
        name = short_id(self.session.id)
        header = (_("Time"), _("Playhead"), _("Event or period"), _("Duration"))
        return join(
            [
                table(_("Session {id}: what happened, in order").format(id=name), header, self.rows[:MAX_ROWS]),
                *(Markup("<p>{}</p>").format(note) for note in self._notes),
                table(
                    _("Session {id}: totals").format(id=name),
                    (_("Total"), _("Value")),
                    summary_rows(self.session.summary),
                ),
            ]
        )

    def _findings_table(self) -> Markup:
        rows = [
            (str(number), finding.level_in_words, finding.message, finding.where) for number, finding in self.findings
        ]
        return table(
            _("Session {id}: findings, by their number in the timeline").format(id=short_id(self.session.id)),
            (_("No."), _("Level"), _("Message"), _("Where")),
            rows,
        )

    # --- drawing -----------------------------------------------------------------------------------------------------

    def _draw(self, layout: Layout) -> str:
        axis_names = [_("time, {zone}").format(zone=time_zone(self.from_ms)), _("playhead")]
        if not layout.name_width:
            axis_names.pop()
        id_seed = f"{layout.width}/{self.session.id}/{self.from_ms}/{self.difference_ms}/{len(self.findings)}"
        ticks = tuple(self._ticks(layout, len(axis_names)))
        return draw(tuple(self.lanes(layout)), ticks, axis_names, self.duration_ms, layout, id_seed)

    def lanes(self, layout: Layout) -> Iterator[Lane]:
        """Yield the rows of the drawing from top to bottom, their times since the start of the session."""
        session = self.session
        if self.findings:
            markers = [Marker(finding.level, self._finding_ms(finding), str(n)) for n, finding in self.findings]
            yield Lane(_("Findings"), markers=markers, has_guides=True)
        if self.difference_ms is not None:
            marker = Marker("difference", self.difference_ms - self.from_ms, "1")
            yield Lane(_("First difference"), markers=[marker], has_guides=True)
        for name, kinds in _LANES:
            bars = [self._bar(span) for kind in kinds for span in session.spans if span.kind == kind]
            if bars or "playing" in kinds:
                yield Lane(str(name), bars=bars)
        for state in dict.fromkeys(span.label for span in session.spans if span.kind == "state"):
            bars = [self._bar(span) for span in session.spans if span.kind == "state" and span.label == state]
            yield Lane(_("State {name}").format(name=display_name(state)), bars=bars)
        silences = [self._bar(span) for span in session.spans if span.kind == "silence"]
        if silences:
            yield Lane(_("No events"), bars=silences)
        pings = [mark.at_ms - self.from_ms for mark in session.marks if mark.kind == "ping"]
        yield Lane(_("Pings"), ticks=pings)
        others = _without_overlaps(
            [mark for mark in session.marks if mark.kind != "ping"],
            self.duration_ms / layout.width * layout.marker_size,
        )
        if others:
            markers = [
                Marker(
                    "error" if mark.kind in ("error", "lost") else "moment",
                    mark.at_ms - self.from_ms,
                    str(_LETTERS[mark.kind]),
                )
                for mark in others
            ]
            yield Lane(_("Other events"), markers=markers)

    def _bar(self, span: Span) -> Bar:
        label = display_name(span.label) or str(SPAN_LABELS[span.kind])
        from_ms, to_ms = span.from_ms - self.from_ms, span.to_ms - self.from_ms
        return Bar(span.kind, from_ms, to_ms, "" if span.kind in ("break", "state") else label)

    def _finding_ms(self, finding: Finding) -> int:
        """Return the time of a finding since the start: that of its first event here, or else its own."""
        event = next(filter(None, map(self.session.at, finding.entries)), None)
        at_ms = event.at_ms if event is not None else finding.at_ms if finding.at_ms is not None else self.from_ms
        return min(max(at_ms - self.from_ms, 0), self.duration_ms)

    def _ticks(self, layout: Layout, labels: int) -> Iterator[Tick]:
        step_ms = tick_step_ms(self.duration_ms, layout)
        offset = local_time(self.from_ms).utcoffset()
        offset_ms = round(offset.total_seconds() * 1000) if offset else 0
        first_ms = -(self.from_ms + offset_ms) % step_ms
        for at_ms in range(first_ms, self.duration_ms + 1, step_ms):
            now_ms = self.from_ms + at_ms
            yield Tick(at_ms, (format_time(now_ms), self._playhead_at(now_ms))[:labels])

    @cached_property
    def _known_playheads(self) -> tuple[list[int], list[float]]:
        known = [(event.at_ms, event.playhead_s) for event in self.session.events if event.playhead_s is not None]
        known.sort(key=lambda pair: pair[0])
        return [at_ms for at_ms, _playhead in known], [playhead for _at, playhead in known]

    def _playhead_at(self, at_ms: int) -> str:
        """Return the playhead at a moment, interpolated between the two events around it."""
        times, playheads = self._known_playheads
        after = bisect.bisect_left(times, at_ms)
        if after == len(times) or (after == 0 and times[0] != at_ms):
            return ""
        if after == 0 or times[after] == at_ms:
            return format_playhead(playheads[after])
        share = (at_ms - times[after - 1]) / (times[after] - times[after - 1])
        return format_playhead(playheads[after - 1] + share * (playheads[after] - playheads[after - 1]))


def tick_step_ms(duration_ms: int, layout: Layout) -> int:
    """Return the distance between the ticks of an axis that leaves room for their labels."""
    room = layout.width - layout.name_width - layout.margin
    least_s = duration_ms / 1000 * layout.font_size * _TICK_ROOM / room
    return 1000 * next((step for step in _STEPS_S if step >= least_s), round(least_s))


def images(svg: str, narrow_svg: str, label: str) -> Markup:
    """Return a wide and a narrow drawing as HTML; the style sheet shows the one that fits the page."""
    return join(
        Markup('<div class="{}" role="img" aria-label="{}">{}</div>').format(name, label, Markup(drawing))
        for name, drawing in (("mct-wide", svg), ("mct-narrow", narrow_svg))
    )


def _without_overlaps(marks: Sequence[Mark], distance_ms: float) -> list[Mark]:
    """Return the marks without those that are too close to the previous one of their kind."""
    last: dict[str, int] = {}
    found = []
    for mark in marks:
        if mark.kind not in last or mark.at_ms - last[mark.kind] > distance_ms:
            found.append(mark)
            last[mark.kind] = mark.at_ms
    return found
