"""The event pad in words: its state, the text twin that nbval compares, and the picture for a page without a kernel."""

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
from mctoolkit.widgets.form.static_html import sleeping

__all__ = ["BUTTONS", "GROUP_LABELS", "ROWS_SHOWN", "PadState", "Row", "picture", "rows_html", "text_version"]

ROWS_SHOWN: Final = 200
"""How many rows stand in the page at once; the pad keeps all."""

_ROWS_TOLD: Final = 10
"""How many of the newest rows the text twin and the picture tell; both are stored in notebooks."""

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
    "end": Message("The end"),
    "time": Message("Time"),
}
_MODES = {
    "new": Message("Not started"),
    "starting": Message("Starting"),
    "playing": Message("Playing"),
    "paused": Message("Paused"),
    "buffering": Message("Waiting for data"),
    "stalled": Message("Stopped by an error"),
    "complete": Message("Watched to the end"),
    "expired": Message("Run out"),
    "lost": Message("Closed"),
    "ended": Message("Ended"),
    "closed": Message("Pad closed"),
}
_BUTTON_LABELS = {
    "play": Message("Play"),
    "pause": Message("Pause"),
    "buffer": Message("Buffer"),
    "seek": Message("Seek"),
    "ad-break": Message("Ad break"),
    "ad-break-end": Message("End the ad break"),
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
    "at": Message("After"),
    "event": Message("Event"),
    "playhead": Message("Playhead (s)"),
    "response": Message("Response"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One event that was sent, and its response in words."""

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
        """What a table shows of it."""
        playhead = "" if self.playhead_s is None else f"{self.playhead_s:g}"
        return str(self.number), clocks.format_duration(self.at_ms // 1000 * 1000), self.event, playhead, self.response


@dataclass(frozen=True, slots=True)
class PadState:
    """What a pad has to tell of itself."""

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
    bad: bool
    can_move: bool

    @property
    def word(self) -> str:
        """What the player is doing, in a word or two."""
        return str(_MODES[self.mode])

    @property
    def good(self) -> bool:
        """Whether its session is open, as far as it knows."""
        return self.mode not in ("expired", "lost", "closed")

    @property
    def headline(self) -> str:
        """Where it is in time and programme, and when the next ping goes."""
        playhead = _("Playhead {clock} ({seconds} s).").format(
            clock=clocks.format_duration(int(self.playhead_s) * 1000), seconds=f"{self.playhead_s:.10g}"
        )
        since = _("{clock} since the start.").format(clock=clocks.format_duration(self.now_ms // 1000 * 1000))
        ping = (
            _("No ping is due.")
            if self.next_ping_s is None
            else _("Next ping in {seconds} s.").format(seconds=f"{self.next_ping_s:.0f}")
        )
        time = _("Time runs.") if self.running else _("Time stands still.")
        return f"{playhead} {since} {ping} {time}"

    @property
    def open_words(self) -> str:
        """What is open: ad break, ad, chapter, player states."""
        things = [_("ad break")] if self.in_break else []
        if self.ad_left_s is not None:
            things.append(_("ad, {left} s left").format(left=f"{self.ad_left_s:.0f}"))
        if self.in_chapter:
            things.append(_("chapter"))
        things += [_("{name} is on").format(name=name) for name in self.states]
        return (
            _("Open: {things}.").format(things=", ".join(things))
            if things
            else _("Nothing is open: no ad break, no chapter, no player state.")
        )

    @property
    def defect_words(self) -> str:
        """What is broken on purpose."""
        if not self.defects:
            return _("Nothing is broken on purpose.")
        return _("Broken on purpose: {defects}.").format(
            defects=", ".join(DEFECTS[name].label for name in self.defects)
        )

    @property
    def renewal(self) -> str:
        """What the button for a new session says; empty while it has nothing to offer."""
        if self.mode in ("expired", "lost"):
            return _("Go on in a new session")
        return _("Start a new session") if self.mode in ("ended", "complete") else ""

    def button(self, name: str) -> str:
        """Return what a button says: the one for the ad break closes an open one."""
        return str(_BUTTON_LABELS["ad-break-end" if name == "ad-break" and self.in_break else name])


def text_version(told: PadState, rows: Sequence[Row], target: str) -> str:
    """Return the pad as text: what it is doing, its buttons, the newest events."""
    lines = [
        f"{_('Play the session')} -> {target}",
        f"{told.word}: {told.headline}",
        told.open_words,
        told.defect_words,
    ]
    lines += [words for words in (told.busy, told.message) if words]
    for group, names in BUTTONS.items():
        lines.append(f"{GROUP_LABELS[group]!s}: " + " ".join(f"[{told.button(name)}]" for name in names))
    if told.renewal:
        lines.append(f"[{told.renewal}]")
    lines.append(_("Sent so far: {number}").format(number=len(rows)))
    for row in rows[-_ROWS_TOLD:]:
        number, at, event, playhead, response = row.cells
        line = _("{number} {at} {event}, playhead {playhead}: {response}").format(
            number=number, at=at, event=event, playhead=playhead, response=response
        )
        lines.append(f"  {line}")
    return "\n".join(lines)


def picture(told: PadState, rows: Sequence[Row], target: str) -> str:
    """Return the pad as it looks, as HTML that needs no kernel."""
    buttons = join(
        Markup("<p>{} {}</p>").format(
            str(GROUP_LABELS[group]),
            join((Markup('<span class="mct-drawn">{}</span>').format(told.button(name)) for name in names), " "),
        )
        for group, names in BUTTONS.items()
    )
    content = Markup(
        '<p class="mct-head">{} → {}</p><p><span class="mct-word {}">{}</span>{}</p><p>{} {}</p>{}{}{}'
    ).format(
        _("Play the session"),
        target,
        "mct-good" if told.good else "mct-bad",
        told.word,
        told.headline,
        told.open_words,
        told.defect_words,
        Markup("<p>{}</p>").format(told.message) if told.message else "",
        buttons,
        _rows(rows[-_ROWS_TOLD:], _("What was sent last")),
    )
    return sleeping(_("This is a picture of the event pad. Run the cells of this page again to wake it."), content)


def rows_html(rows: Sequence[Row]) -> str:
    """Return the table of what was sent, the newest on top."""
    caption = _("Sent so far: {number}").format(number=len(rows))
    if len(rows) > ROWS_SHOWN:
        caption += " " + _("(the newest {number} are shown)").format(number=ROWS_SHOWN)
    return str(Markup('<div class="mct">{}</div>').format(_rows(rows[-ROWS_SHOWN:][::-1], caption)))


def _rows(rows: Sequence[Row], caption: str) -> Markup:
    header = [str(_COLUMNS[name]) for name in ("number", "at", "event", "playhead", "response")]
    return table(caption, header, (row.cells for row in rows))
