"""Checklist: ten steps to try with a player; each is checked off when the sandbox receives its events."""

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
from mctoolkit.auditing.monitor import ObservedEvent, format_time, observe
from mctoolkit.sandbox import Sandbox
from mctoolkit.sandbox.request_log import LogEntry
from mctoolkit.spec import loader

__all__ = ["Checklist", "ChecklistStep", "StepState", "steps"]

Mark = Literal["done", "missing", "skipped", "current", "waiting"]

_LAST_OK: Final = 299
_TONES: Final = {"done": "mct-good", "missing": "mct-bad", "current": "mct-tip"}

_MARKS: Final = {
    "done": Message("Done"),
    "missing": Message("Missing"),
    "skipped": Message("Skipped"),
    "current": Message("Now"),
    "waiting": Message("Later"),
}
_COLUMNS: Final = {
    "number": Message("No."),
    "mark": Message("Status"),
    "step": Message("Step"),
    "message": Message("Events"),
    "at": Message("When (UTC)"),
}


@dataclass(frozen=True, slots=True)
class ChecklistStep:
    """One step: what to do with the player, and which events must arrive.

    Attributes
    ----------
    id : str
    expects : tuple of tuple of str
        The event types in order, each with its alternatives.
    moves, still : bool
        Whether the playhead must move between the first and the last of them, or must not.
    jump_s : float
        By how many seconds it must move at least.
    optional : bool
        Whether a player may not support it.
    source : str
    title : str
        Its short name.
    ask : str
        What to do, as one instruction.
    why : str
        What is wrong if its events do not arrive.
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
    """Return the steps in order.

    Examples
    --------
    >>> list(steps())[:3], len(steps())
    (['start', 'playing', 'pause'], 10)
    """
    blocks = loader.read("checklist")
    found = {}
    for id_, block in blocks.items():
        expects = tuple(tuple(entry.split("|")) for entry in block.pop("expects"))
        found[id_] = ChecklistStep(id_, expects, **block)
    return MappingProxyType(found)


@dataclass(slots=True)
class StepState:
    """The progress of a step.

    Attributes
    ----------
    step : ChecklistStep
    mark : {"done", "missing", "skipped", "current", "waiting"}
    message : str
        Which events arrived, and which are missing.
    at_ms : int or None
        When it was finished, in milliseconds since 1970, by the sandbox's clock.
    """

    step: ChecklistStep
    mark: Mark = "waiting"
    message: str = ""
    at_ms: int | None = None


class Checklist:
    """Ten steps, one after the other; each considers only events that arrive after the previous step.

    Parameters
    ----------
    sandbox : Sandbox
        The sandbox to which the player sends.
    player : str
        The name of the player on the page; by default ``media.playerName`` of its first sessionStart.

    Examples
    --------
    >>> from mctoolkit.client.client import Client
    >>> from mctoolkit import example
    >>> with Sandbox() as sandbox, Client(sandbox) as client:
    ...     checklist = Checklist(sandbox)
    ...     exchange = client.start_session(example("sessionStart"))
    ...     _ = checklist.poll()
    ...     checklist.current.step.id, checklist.current.message
    ('start', 'Received: sessionStart. Missing: play.')
    """

    __test__ = False  # pytest would collect it

    def __init__(self, sandbox: Sandbox, player: str = "") -> None:
        self.sandbox = sandbox
        self._given_name = player
        self.restart()

    def restart(self) -> None:
        """Start again with the first step; earlier events no longer count."""
        self.states = [StepState(step) for step in steps().values()]
        self._index = 0
        self._last = self.sandbox.log.total
        self._received: list[ObservedEvent] = []
        self._started_ms = self.sandbox.clock.now_ms()
        self._player = self._given_name
        self._start_step()

    @property
    def current(self) -> StepState | None:
        """The current step; None after the last one."""
        return self.states[self._index] if self._index < len(self.states) else None

    @property
    def player(self) -> str:
        """The name of the player."""
        return self._player or _("not named")

    @property
    def headline(self) -> str:
        """What to do now, or the result."""
        current = self.current
        if current is not None:
            return _("Now: {step}").format(step=current.step.ask)
        marks = [state.mark for state in self.states]
        return _("All steps are finished: {ok} done, {missing} missing, {skipped} skipped.").format(
            ok=marks.count("done"), missing=marks.count("missing"), skipped=marks.count("skipped")
        )

    def poll(self) -> bool:
        """Read the requests since the last poll and check off completed steps; return whether there were any."""
        new = [entry for entry in self.sandbox.log.entries if entry.number > self._last]
        for entry in new:
            self._last = entry.number
            self._read(entry)
        return bool(new)

    def next(self) -> None:
        """Finish the current step although events are missing.

        Raises
        ------
        UsageError
            All steps are finished.
        """
        self._finish("missing", self._missing_message(self._require_current().step))

    def skip(self) -> None:
        """Skip the current step, because the player does not support it.

        Raises
        ------
        UsageError
            All steps are finished.
        """
        self._require_current()
        self._finish("skipped", _("Skipped: this player does not support it."))

    def to_page(self) -> str:
        """Return the checklist with its date as one self-contained HTML page."""
        when = clocks.format_timestamp(self._started_ms) or ""
        head = _("Checklist of {when}").format(when=when)
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
        """Write the page to a new file, and return its path.

        Raises
        ------
        InputError
            The file exists, or it cannot be written.
        """
        file = Path(path)
        try:
            with file.open("x", encoding="utf-8") as out:
                out.write(self.to_page())
        except OSError as error:
            reason = error_reason(error)
            raise InputError(
                _("Cannot write {path}: {reason}. Choose another name.").format(path=file, reason=reason)
            ) from None
        return file

    def to_html(self) -> Markup:
        """Return the table of the steps as HTML, without the style sheet."""
        rows = [
            (
                str(number),
                Markup('<span class="{}">{}</span>').format(
                    _TONES.get(state.mark, "mct-quiet"), str(_MARKS[state.mark])
                ),
                Markup('<div class="mct-prose"><b>{}</b><br>{}</div>').format(state.step.title, state.step.ask),
                Markup('<div class="mct-prose">{}</div>').format(state.message) if state.message else "",
                format_time(state.at_ms) if state.at_ms is not None else "",
            )
            for number, state in enumerate(self.states, 1)
        ]
        header = [str(column) for column in _COLUMNS.values()]
        return Markup('<div class="mct-rows">{}</div>').format(table(_("Checklist"), header, rows))

    def text_version(self) -> str:
        """Return the checklist as text."""
        lines = [_("Checklist"), self.headline]
        for number, state in enumerate(self.states, 1):
            line = f"{number:2} {_MARKS[state.mark]!s}: {state.step.title}"
            lines.append(f"{line}. {state.message}" if state.message else line)
        return "\n".join(lines)

    __str__ = text_version

    def _require_current(self) -> StepState:
        current = self.current
        if current is None:
            raise UsageError(self.headline)
        return current

    def _start_step(self) -> None:
        self._received = []
        current = self.current
        if current is not None:
            current.mark = "current"
            current.message = self._waiting_message(current.step)

    def _finish(self, mark: Mark, message: str) -> None:
        current = self._require_current()
        current.mark, current.message, current.at_ms = mark, message, self.sandbox.clock.now_ms()
        self._index += 1
        self._start_step()

    def _read(self, entry: LogEntry) -> None:
        current = self.current
        if current is None or entry.status is None or entry.status > _LAST_OK or not entry.accepted:
            return
        event = observe(entry)
        if event.event_type == "sessionStart" and not self._player:
            self._player = str(entry.exchange.event.params.get("media.playerName", ""))
        wanted = current.step.expects
        if len(self._received) < len(wanted) and event.event_type in wanted[len(self._received)]:
            self._received.append(event)
        elif (
            self._received
            and event.event_type in wanted[len(self._received) - 1]
            and len(self._received) == len(wanted)
        ):
            self._received[-1] = event  # the same type again: its playhead may be the expected one
        if len(self._received) == len(wanted) and self._playhead_message(current.step) is None:
            self._finish(
                "done",
                _("Received: {received}.").format(received=_format_types([[e.event_type] for e in self._received])),
            )
        else:
            current.message = self._waiting_message(current.step)

    def _playhead_message(self, step: ChecklistStep) -> str | None:
        """Return how the playhead differs from what the step expects; None if it does not."""
        heads = [event.playhead_s for event in self._received if event.playhead_s is not None]
        if not heads:
            return None
        before, after = heads[0], heads[-1]
        values = {"before": f"{before:g}", "after": f"{after:g}", "why": step.why}
        if step.moves and after <= before:
            return _("The events arrived, but the playhead stayed at {after} s. {why}").format(**values)
        if step.jump_s and abs(after - before) < step.jump_s:
            return _("The events arrived, but the playhead went only from {before} s to {after} s. {why}").format(
                **values
            )
        if step.still and self._previous_s is not None and after != self._previous_s:
            return _("The events arrived, but the playhead went from {before} s to {after} s. {why}").format(
                **{**values, "before": f"{self._previous_s:g}"}
            )
        return None

    @property
    def _previous_s(self) -> float | None:
        """The playhead of the event that completed the previous step: it must not move during a pause."""
        number = self._received[0].number - 1 if self._received else 0
        found = [observe(entry) for entry in self.sandbox.log.entries if entry.number == number]
        return found[0].playhead_s if found else None

    def _waiting_message(self, step: ChecklistStep) -> str:
        missing = _format_types(step.expects[len(self._received) :])
        if len(self._received) == len(step.expects):
            return self._playhead_message(step) or ""
        if not self._received:
            return _("No events yet. Missing: {missing}.").format(missing=missing)
        return _("Received: {received}. Missing: {missing}.").format(
            received=_format_types([[e.event_type] for e in self._received]), missing=missing
        )

    def _missing_message(self, step: ChecklistStep) -> str:
        if len(self._received) == len(step.expects):
            return self._waiting_message(step)
        return _("Missing: {missing}. {why}").format(
            missing=_format_types(step.expects[len(self._received) :]), why=step.why
        )


def _format_types(expects: Sequence[Sequence[str]]) -> str:
    """Join event types with commas, and alternatives with "or"."""
    between = f" {_('or')} "
    return ", ".join(between.join(kinds) for kinds in expects) or _("nothing")
