"""The event pad as text and as static HTML, for terminals, stored notebooks and nbval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from mctoolkit._core import clocks
from mctoolkit._core.html import Markup, join, table
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit.models.exchange import Exchange
from mctoolkit.simulation import DEFECTS
from mctoolkit.widgets.common.static_view import static_view

__all__ = ["BUTTONS", "GROUP_LABELS", "ROWS_SHOWN", "PadState", "Row", "rows_html", "static_html", "text_version"]

ROWS_SHOWN: Final = 200
"""How many rows the page shows; the pad keeps all."""

_ROWS_IN_TEXT: Final = 10
"""How many rows the text version and the static view show; notebooks store both."""

BUTTONS: Final = {
    "playback": ("play", "pause", "buffer", "seek"),
    "ads": ("ad-break", "ad", "skip"),
    "inside": ("chapter", "state"),
    "quality": ("bitrate", "error"),
    "end": ("complete", "end"),
}
"""The buttons of each group."""


GROUP_LABELS = {
    "playback": Message("Playback"),
    "ads": Message("Ads"),
    "inside": Message("Chapters and states"),
    "quality": Message("Quality"),
    "end": Message("End"),
    "time": Message("Clock"),
}
_MODES = {
    "new": Message("Not started"),
    "starting": Message("Starting"),
    "playing": Message("Playing"),
    "paused": Message("Paused"),
    "buffering": Message("Buffering"),
    "stalled": Message("Stopped after an error"),
    "complete": Message("Completed"),
    "expired": Message("Expired"),
    "lost": Message("Session closed"),
    "ended": Message("Ended"),
    "closed": Message("Event pad closed"),
}
_BUTTON_LABELS = {
    "play": Message("Play"),
    "pause": Message("Pause"),
    "buffer": Message("Buffer"),
    "seek": Message("Seek"),
    "ad-break": Message("Ad break"),
    "ad-break-end": Message("End ad break"),
    "ad": Message("Ad"),
    "skip": Message("Skip"),
    "chapter": Message("Chapter"),
    "state": Message("State"),
    "bitrate": Message("Bitrate"),
    "error": Message("Error"),
    "complete": Message("Complete"),
    "end": Message("End"),
}
_COLUMNS = {
    "number": Message("#"),
    "at": Message("Time"),
    "event": Message("Event"),
    "playhead": Message("Playhead (s)"),
    "response": Message("Response"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One sent event and its response."""

    number: int
    at_ms: int
    event: str
    playhead_s: float | None
    response: str

    @classmethod
    def of(cls, number: int, at_ms: int, exchange: Exchange) -> Self:
        """Return the row of an exchange."""
        status = _("none") if exchange.status is None else str(exchange.status)
        event = exchange.event
        return cls(number, at_ms, event.type or "", event.playhead_s, f"{status} {exchange.in_words}")

    @property
    def cells(self) -> tuple[str, str, str, str, str]:
        """The cells of the table row."""
        playhead = "" if self.playhead_s is None else f"{self.playhead_s:g}"
        return str(self.number), clocks.format_duration(self.at_ms // 1000 * 1000), self.event, playhead, self.response


@dataclass(frozen=True, slots=True)
class PadState:
    """The state of an event pad."""

    mode: str
    playhead_s: float
    now_ms: int
    next_ping_s: float | None
    running: bool
    in_break: bool
    ad_left_s: float | None
    in_chapter: bool
    states: tuple[str, ...]
    defects: tuple[str, ...]
    busy: str
    message: str
    is_error: bool
    can_wait: bool

    @property
    def label(self) -> str:
        """The mode as a label."""
        return str(_MODES[self.mode])

    @property
    def is_open(self) -> bool:
        """Whether the session is open, as far as the player knows."""
        return self.mode not in ("expired", "lost", "closed")

    @property
    def headline(self) -> str:
        """Playhead, time, next ping, and whether the clock runs."""
        playhead = _("Playhead {clock} ({seconds} s).").format(
            clock=clocks.format_duration(int(self.playhead_s) * 1000), seconds=f"{self.playhead_s:.10g}"
        )
        since = _("{clock} since the start.").format(clock=clocks.format_duration(self.now_ms // 1000 * 1000))
        ping = (
            _("No ping is due.")
            if self.next_ping_s is None
            else _("Next ping in {seconds} s.").format(seconds=f"{self.next_ping_s:.0f}")
        )
        run = _("Clock running.") if self.running else _("Clock stopped.")
        return f"{playhead} {since} {ping} {run}"

    @property
    def open_text(self) -> str:
        """The open ad break, ad, chapter and player states."""
        items = [_("ad break")] if self.in_break else []
        if self.ad_left_s is not None:
            items.append(_("ad, {left} s left").format(left=f"{self.ad_left_s:.0f}"))
        if self.in_chapter:
            items.append(_("chapter"))
        items += [_("{name} is on").format(name=name) for name in self.states]
        return (
            _("Open: {items}.").format(items=", ".join(items))
            if items
            else _("Nothing is open: no ad break, chapter or player state.")
        )

    @property
    def defects_text(self) -> str:
        """The active defects."""
        if not self.defects:
            return _("No deliberate defects.")
        return _("Deliberate defects: {defects}.").format(
            defects=", ".join(DEFECTS[name].label for name in self.defects)
        )

    @property
    def resume_label(self) -> str:
        """The label of the button for a new session; empty while the session is open."""
        if self.mode in ("expired", "lost"):
            return _("Continue in a new session")
        return _("Start a new session") if self.mode in ("ended", "complete") else ""

    def button_label(self, name: str) -> str:
        """Return the label of a button. The ad break button ends an open ad break."""
        return str(_BUTTON_LABELS["ad-break-end" if name == "ad-break" and self.in_break else name])


def text_version(state: PadState, rows: Sequence[Row], target: str) -> str:
    """Return the pad as text: its state, its buttons and the newest events."""
    lines = [
        f"{_('Play the session')} -> {target}",
        f"{state.label}: {state.headline}",
        state.open_text,
        state.defects_text,
    ]
    lines += [text for text in (state.busy, state.message) if text]
    for group, names in BUTTONS.items():
        lines.append(f"{GROUP_LABELS[group]!s}: " + " ".join(f"[{state.button_label(name)}]" for name in names))
    if state.resume_label:
        lines.append(f"[{state.resume_label}]")
    lines.append(_("Events sent: {number}").format(number=len(rows)))
    for row in rows[-_ROWS_IN_TEXT:]:
        number, at, event, playhead, response = row.cells
        line = _("{number} {at} {event}, playhead {playhead}: {response}").format(
            number=number, at=at, event=event, playhead=playhead, response=response
        )
        lines.append(f"  {line}")
    return "\n".join(lines)


def static_html(state: PadState, rows: Sequence[Row], target: str) -> str:
    """Return the static view of the pad."""
    buttons = join(
        Markup("<p>{} {}</p>").format(
            str(GROUP_LABELS[group]),
            join(
                (
                    Markup('<span class="mct-static-button">{}</span>').format(state.button_label(name))
                    for name in names
                ),
                " ",
            ),
        )
        for group, names in BUTTONS.items()
    )
    content = Markup(
        '<p class="mct-head">{} → {}</p><p><span class="mct-word {}">{}</span>{}</p><p>{} {}</p>{}{}{}'
    ).format(
        _("Play the session"),
        target,
        "mct-good" if state.is_open else "mct-bad",
        state.label,
        state.headline,
        state.open_text,
        state.defects_text,
        Markup("<p>{}</p>").format(state.message) if state.message else "",
        buttons,
        _table(rows[-_ROWS_IN_TEXT:], _("Newest events")),
    )
    return static_view(
        _("This is a static view of the event pad. To use the pad, run the cells of this notebook again."), content
    )


def rows_html(rows: Sequence[Row]) -> str:
    """Return the table of sent events, newest first."""
    caption = _("Events sent: {number}").format(number=len(rows))
    if len(rows) > ROWS_SHOWN:
        caption += " " + _("(the newest {number} are shown)").format(number=ROWS_SHOWN)
    return str(Markup('<div class="mct">{}</div>').format(_table(rows[-ROWS_SHOWN:][::-1], caption)))


def _table(rows: Sequence[Row], caption: str) -> Markup:
    header = [str(_COLUMNS[name]) for name in ("number", "at", "event", "playhead", "response")]
    return table(caption, header, (row.cells for row in rows))
