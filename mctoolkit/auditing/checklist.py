"""The test card: ten steps for whoever holds a player; each ticks itself when its events arrive at the sandbox."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from mctoolkit._core import clocks, messages
from mctoolkit._core.errors import InputError, UsageError, error_reason
from mctoolkit._core.html import Markup, style, table
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit.auditing.monitor import ObservedEvent, clock_of, told
from mctoolkit.sandbox import Sandbox
from mctoolkit.sandbox.request_log import LogEntry
from mctoolkit.spec import loader

__all__ = ["Checklist", "ChecklistStep", "StepState", "steps"]

Mark = Literal["done", "missing", "skipped", "current", "waiting"]

_LAST_OK: Final = 299
_TONES: Final = {"done": "mct-good", "missing": "mct-bad", "current": "mct-tip"}


_MARKS = {
    "done": Message("Ticked"),
    "missing": Message("Missing"),
    "skipped": Message("Left out"),
    "current": Message("Now"),
    "waiting": Message("Later"),
}
_COLUMNS = {
    "number": Message("No."),
    "step": Message("Step"),
    "mark": Message("Mark"),
    "message": Message("What came"),
    "at": Message("When (UTC)"),
}


@dataclass(frozen=True, slots=True)
class ChecklistStep:
    """One step: what is asked, and what must arrive.

    Attributes
    ----------
    id : str
    expects : tuple of tuple of str
        The event types in order, each with its alternatives.
    moves, still : bool
        Whether the playhead must, or must not, have moved between the first and the last of them.
    jump_s : float
        By how many seconds it must have moved at least.
    optional : bool
        Whether a player may have no such thing.
    source : str
    title : str
        Its name in a word or two.
    ask : str
        What is read aloud.
    why : str
        What is wrong when its events do not come.
    """

    id: str
    expects: tuple[tuple[str, ...], ...]
    source: str
    title: str
    ask: str
    why: str
    moves: bool = False
    still: bool = False
    jump_s: float = 0
    optional: bool = False


@cache
def steps() -> Mapping[str, ChecklistStep]:
    """Return the steps in their order.

    Examples
    --------
    >>> list(steps())[:3], len(steps())
    (['start', 'playing', 'pause'], 10)
    """
    blocks = loader.read("checklist")
    made = {}
    for id_, block in blocks.items():
        expects = tuple(tuple(entry.split("|")) for entry in block.pop("expects"))
        made[id_] = ChecklistStep(id_, expects, **block)
    return MappingProxyType(made)


@dataclass(slots=True)
class StepState:
    """How far a step has come.

    Attributes
    ----------
    step : ChecklistStep
    mark : {"done", "missing", "skipped", "current", "waiting"}
    words : str
        What came and what did not, in plain words.
    at_ms : int or None
        When it was over, in milliseconds since 1970, by the sandbox's clock.
    """

    step: ChecklistStep
    mark: Mark = "waiting"
    message: str = ""
    at_ms: int | None = None


class Checklist:
    """Ten steps that are read aloud, one after the other; each looks only at events that come after the one before.

    Parameters
    ----------
    sandbox : Sandbox
        Where the player sends to.
    player : str
        How the sheet calls the player; what the player calls itself when empty.

    Examples
    --------
    >>> from mctoolkit.client.client import Client
    >>> from mctoolkit import example
    >>> with Sandbox() as sandbox, Client(sandbox) as client:
    ...     card = Checklist(sandbox)
    ...     begun = client.start_session(example("sessionStart"))
    ...     _ = card.look()
    ...     card.current.step.id, card.current.message
    ('start', 'Came so far: sessionStart. Still to come: play.')
    """

    __test__ = False  # pytest would take it for a class of tests

    def __init__(self, sandbox: Sandbox, player: str = "") -> None:
        self.sandbox = sandbox
        self._named = player
        self.restart()

    def restart(self) -> None:
        """Begin again; what has been sent up to now no longer counts."""
        self.states = [StepState(step) for step in steps().values()]
        self._at = 0
        self._last = self.sandbox.log.total
        self._came: list[ObservedEvent] = []
        self._begun_ms = self.sandbox.clock.now_ms()
        self._player = self._named
        self._enter()

    @property
    def current(self) -> StepState | None:
        """The step at hand; None when all are over."""
        return self.states[self._at] if self._at < len(self.states) else None

    @property
    def player(self) -> str:
        """How the player is called."""
        return self._player or _("not named")

    @property
    def headline(self) -> str:
        """What is to be done now, or how it ended."""
        current = self.current
        if current is not None:
            return _("Now: {step}").format(step=current.step.ask)
        marks = [state.mark for state in self.states]
        return _("All steps are over: {ok} ticked, {missing} missing, {skipped} left out.").format(
            ok=marks.count("done"), missing=marks.count("missing"), skipped=marks.count("skipped")
        )

    def look(self) -> bool:
        """Take in what came since the last look; tick the step when it is complete. Tell whether anything came."""
        new = [entry for entry in self.sandbox.log.entries if entry.number > self._last]
        for entry in new:
            self._last = entry.number
            self._take(entry)
        return bool(new)

    def next(self) -> None:
        """Go on although not all has come: the step keeps what is missing."""
        current = self._must_be_at_a_step()
        self._over("missing", self._missing_words(current.step))

    def skip(self) -> None:
        """Leave the step out: this player has no such thing."""
        self._must_be_at_a_step()
        self._over("skipped", _("Left out: this player has no such thing."))

    def sheet(self) -> str:
        """Return the dated sheet as one HTML page that needs nothing else."""
        when = clocks.format_timestamp(self._begun_ms) or ""
        head = _("Test card of {when}").format(when=when)
        content = Markup("<h1>{}</h1><p>{}</p><p>{}</p>{}").format(
            head, _("Player: {player}").format(player=self.player), self.headline, self.to_html()
        )
        return str(
            Markup(
                '<!doctype html><html lang="{}"><head><meta charset="utf-8"><meta name="viewport" '
                'content="width=device-width"><title>{}</title>{}</head><body class="mct">{}</body></html>\n'
            ).format(messages.language(), head, style(), content)
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the sheet to a new file, and return where.

        Raises
        ------
        InputError
            There is such a file already, or it cannot be written.
        """
        file = Path(path)
        try:
            with file.open("x", encoding="utf-8") as out:
                out.write(self.sheet())
        except OSError as error:
            reason = error_reason(error)
            raise InputError(
                _("{path} cannot be written: {reason}. Choose another name.").format(path=file, reason=reason)
            ) from None
        return file

    def to_html(self) -> Markup:
        """Build the table of the steps, without the style sheet."""
        rows = [
            (
                str(number),
                Markup('<span class="{}">{}</span>').format(
                    _TONES.get(state.mark, "mct-quiet"), str(_MARKS[state.mark])
                ),
                Markup('<div class="mct-prose"><b>{}</b><br>{}</div>').format(state.step.title, state.step.ask),
                Markup('<div class="mct-prose">{}</div>').format(state.message) if state.message else "",
                clock_of(state.at_ms) if state.at_ms is not None else "",
            )
            for number, state in enumerate(self.states, 1)
        ]
        header = [str(_COLUMNS[name]) for name in ("number", "mark", "step", "message", "at")]
        return Markup('<div class="mct-rows">{}</div>').format(table(_("Test card"), header, rows))

    def text_version(self) -> str:
        """Return it as text."""
        lines = [_("Test card"), self.headline]
        for number, state in enumerate(self.states, 1):
            line = f"{number:2} {_MARKS[state.mark]!s}: {state.step.title}"
            lines.append(f"{line}. {state.message}" if state.message else line)
        return "\n".join(lines)

    __str__ = text_version

    # --- how a step comes to its end -------------------------------------------------------------------------------

    def _must_be_at_a_step(self) -> StepState:
        current = self.current
        if current is None:
            raise UsageError(self.headline)
        return current

    def _enter(self) -> None:
        self._came = []
        current = self.current
        if current is not None:
            current.mark = "current"
            current.message = self._waiting_words(current.step)

    def _over(self, mark: Mark, words: str) -> None:
        current = self._must_be_at_a_step()
        current.mark, current.message, current.at_ms = mark, words, self.sandbox.clock.now_ms()
        self._at += 1
        self._enter()

    def _take(self, entry: LogEntry) -> None:
        current = self.current
        if current is None or entry.status is None or entry.status > _LAST_OK or not entry.accepted:
            return
        event = told(entry)
        if event.event_type == "sessionStart" and not self._player:
            self._player = str(entry.exchange.event.params.get("media.playerName", ""))
        wanted = current.step.expects
        if len(self._came) < len(wanted) and event.event_type in wanted[len(self._came)]:
            self._came.append(event)
        elif self._came and event.event_type in wanted[len(self._came) - 1] and len(self._came) == len(wanted):
            self._came[-1] = event  # another one of the last kind: the playhead may have come to move by now
        if len(self._came) == len(wanted) and self._moved_as_asked(current.step) is None:
            self._over("done", _("Came: {came}.").format(came=_named([[e.event_type] for e in self._came])))
        else:
            current.message = self._waiting_words(current.step)

    def _moved_as_asked(self, step: ChecklistStep) -> str | None:
        """Return None when the playhead did what it should, or in words what it did instead."""
        heads = [event.playhead_s for event in self._came if event.playhead_s is not None]
        if not heads:
            return None
        before, after = heads[0], heads[-1]
        values = {"before": f"{before:g}", "after": f"{after:g}", "why": step.why}
        if step.moves and after <= before:
            return _("The events came, but the playhead stayed at {playhead} s. {why}").format(
                playhead=f"{after:g}", why=step.why
            )
        if step.jump_s and abs(after - before) < step.jump_s:
            return _("The events came, but the playhead went from {before} s to {after} s only. {why}").format(**values)
        if step.still and self._before_s is not None and after != self._before_s:
            return _("The events came, but the playhead went on from {before} s to {after} s. {why}").format(
                **{**values, "before": f"{self._before_s:g}"}
            )
        return None

    @property
    def _before_s(self) -> float | None:
        """The playhead of the event with which the step before was ticked: a pause stands still from there."""
        number = self._came[0].number - 1 if self._came else 0
        found = [told(entry) for entry in self.sandbox.log.entries if entry.number == number]
        return found[0].playhead_s if found else None

    def _waiting_words(self, step: ChecklistStep) -> str:
        missing = _named(step.expects[len(self._came) :])
        if len(self._came) == len(step.expects):
            return self._moved_as_asked(step) or ""
        if not self._came:
            return _("Nothing has come yet. Still to come: {missing}.").format(missing=missing)
        return _("Came so far: {came}. Still to come: {missing}.").format(
            came=_named([[e.event_type] for e in self._came]), missing=missing
        )

    def _missing_words(self, step: ChecklistStep) -> str:
        if len(self._came) == len(step.expects):
            return self._waiting_words(step)
        return _("Did not come: {missing}. {why}").format(missing=_named(step.expects[len(self._came) :]), why=step.why)


def _named(expects: Sequence[Sequence[str]]) -> str:
    """Write event types in a row, alternatives with "or"."""
    between = f" {_('or')} "
    return ", ".join(between.join(kinds) for kinds in expects) or _("nothing")
