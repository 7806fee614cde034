"""The event pad in words: its state, the text twin that nbval compares, and the picture for a page without a kernel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from mctoolkit._core import clocks, messages
from mctoolkit._core.html import Markup, join, table
from mctoolkit.models.exchange import Exchange
from mctoolkit.simulation import FLAWS
from mctoolkit.widgets.form.static_html import sleeping

__all__ = ["BUTTONS", "ROWS_SHOWN", "Row", "Told", "outline", "picture", "rows_html"]

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


@dataclass(frozen=True, slots=True)
class Row:
    """One event that was sent, and its answer in words."""

    number: int
    at_ms: int
    event: str
    playhead_s: float | None
    answer: str

    @classmethod
    def of(cls, number: int, at_ms: int, exchange: Exchange) -> Self:
        """Return the row of an exchange."""
        status = messages.say("pad.no_status") if exchange.status is None else str(exchange.status)
        event = exchange.event
        return cls(number, at_ms, event.type or "", event.playhead_s, f"{status} {exchange.in_words}")

    @property
    def cells(self) -> tuple[str, str, str, str, str]:
        """What a table shows of it."""
        playhead = "" if self.playhead_s is None else f"{self.playhead_s:g}"
        return str(self.number), clocks.lapse(self.at_ms // 1000 * 1000), self.event, playhead, self.answer


@dataclass(frozen=True, slots=True)
class Told:
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
    flaws: tuple[str, ...]
    busy: str
    message: str
    bad: bool
    can_move: bool

    @property
    def word(self) -> str:
        """What the player is doing, in a word or two."""
        return messages.say(f"pad.mode.{self.mode}")

    @property
    def good(self) -> bool:
        """Whether its session is open, as far as it knows."""
        return self.mode not in ("expired", "lost", "closed")

    @property
    def headline(self) -> str:
        """Where it is in time and programme, and when the next ping goes."""
        playhead = messages.say(
            "pad.playhead", clock=clocks.lapse(int(self.playhead_s) * 1000), seconds=f"{self.playhead_s:.10g}"
        )
        since = messages.say("pad.since", clock=clocks.lapse(self.now_ms // 1000 * 1000))
        ping = (
            messages.say("pad.no_ping")
            if self.next_ping_s is None
            else messages.say("pad.next_ping", seconds=f"{self.next_ping_s:.0f}")
        )
        time = messages.say("pad.time_runs" if self.running else "pad.time_stands")
        return f"{playhead} {since} {ping} {time}"

    @property
    def open_words(self) -> str:
        """What is open: ad break, ad, chapter, player states."""
        things = [messages.say("pad.in_break")] if self.in_break else []
        if self.ad_left_s is not None:
            things.append(messages.say("pad.in_ad", left=f"{self.ad_left_s:.0f}"))
        if self.in_chapter:
            things.append(messages.say("pad.in_chapter"))
        things += [messages.say("pad.on_state", name=name) for name in self.states]
        return messages.say("pad.open", things=", ".join(things)) if things else messages.say("pad.nothing_open")

    @property
    def flaw_words(self) -> str:
        """What is broken on purpose."""
        if not self.flaws:
            return messages.say("pad.unbroken")
        return messages.say("pad.broken", flaws=", ".join(FLAWS[name].label for name in self.flaws))

    @property
    def renewal(self) -> str:
        """What the button for a new session says; empty while it has nothing to offer."""
        if self.mode in ("expired", "lost"):
            return messages.say("pad.resume")
        return messages.say("pad.again") if self.mode in ("ended", "complete") else ""

    def button(self, name: str) -> str:
        """Return what a button says: the one for the ad break closes an open one."""
        return messages.say(f"pad.press.{'ad-break-end' if name == 'ad-break' and self.in_break else name}")


def outline(told: Told, rows: Sequence[Row], target: str) -> str:
    """Return the pad as text: what it is doing, its buttons, the newest events."""
    lines = [
        f"{messages.say('pad.title')} -> {target}",
        f"{told.word}: {told.headline}",
        told.open_words,
        told.flaw_words,
    ]
    lines += [words for words in (told.busy, told.message) if words]
    for group, names in BUTTONS.items():
        lines.append(f"{messages.say(f'pad.group.{group}')}: " + " ".join(f"[{told.button(name)}]" for name in names))
    if told.renewal:
        lines.append(f"[{told.renewal}]")
    lines.append(messages.say("pad.sent", number=len(rows)))
    for row in rows[-_ROWS_TOLD:]:
        number, at, event, playhead, answer = row.cells
        line = messages.say("pad.row", number=number, at=at, event=event, playhead=playhead, answer=answer)
        lines.append(f"  {line}")
    return "\n".join(lines)


def picture(told: Told, rows: Sequence[Row], target: str) -> str:
    """Return the pad as it looks, as HTML that needs no kernel."""
    buttons = join(
        Markup("<p>{} {}</p>").format(
            messages.say(f"pad.group.{group}"),
            join((Markup('<span class="mct-drawn">{}</span>').format(told.button(name)) for name in names), " "),
        )
        for group, names in BUTTONS.items()
    )
    content = Markup(
        '<p class="mct-head">{} → {}</p><p><span class="mct-word {}">{}</span>{}</p><p>{} {}</p>{}{}{}'
    ).format(
        messages.say("pad.title"),
        target,
        "mct-good" if told.good else "mct-bad",
        told.word,
        told.headline,
        told.open_words,
        told.flaw_words,
        Markup("<p>{}</p>").format(told.message) if told.message else "",
        buttons,
        _rows(rows[-_ROWS_TOLD:], messages.say("pad.picture_caption")),
    )
    return sleeping(messages.say("pad.asleep"), content)


def rows_html(rows: Sequence[Row]) -> str:
    """Return the table of what was sent, the newest on top."""
    caption = messages.say("pad.sent", number=len(rows))
    if len(rows) > ROWS_SHOWN:
        caption += " " + messages.say("pad.newest", number=ROWS_SHOWN)
    return str(Markup('<div class="mct">{}</div>').format(_rows(rows[-ROWS_SHOWN:][::-1], caption)))


def _rows(rows: Sequence[Row], caption: str) -> Markup:
    header = [messages.say(f"pad.column.{name}") for name in ("number", "at", "event", "playhead", "answer")]
    return table(caption, header, (row.cells for row in rows))
