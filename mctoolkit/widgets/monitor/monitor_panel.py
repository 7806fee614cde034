"""Watch: a live table of what a sandbox is sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import ipywidgets

from mctoolkit._core.errors import UsageError
from mctoolkit._core.html import Markup, join, shorten, table
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit.auditing.monitor import MOST_EVENTS, VERDICT_LABELS, Monitor, ObservedEvent, clock_of
from mctoolkit.sandbox import Sandbox
from mctoolkit.widgets.common.live_region import LiveRegion
from mctoolkit.widgets.form.static_html import sleeping
from mctoolkit.widgets.monitor.live_panel import LivePanel

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MonitorPanel", "watch"]

_ROWS_TOLD: Final = 10
_LONGEST_ID: Final = 11
_TONES: Final = {"ok": "mct-good", "hint": "mct-tip", "warning": "mct-bad", "error": "mct-bad"}


_COLUMNS = {
    "number": Message("No."),
    "at": Message("Time (UTC)"),
    "session": Message("Session"),
    "event": Message("Event"),
    "playhead": Message("Playhead"),
    "response": Message("Response"),
    "word": Message("Verdict"),
    "message": Message("In words"),
    "started": Message("Started (UTC)"),
    "last": Message("Last event"),
    "state": Message("Now"),
    "events": Message("Events"),
    "problems": Message("Problems"),
}


def watch(sandbox: Sandbox) -> MonitorPanel:
    """Show what a player sends to a sandbox, as it comes: sessions and events, each with its verdict.

    Point a player at ``sandbox.url`` and look. At most the newest 200 events stand in the page; the sandbox keeps
    10,000, and counts the rest.

    Parameters
    ----------
    sandbox : Sandbox
        One that runs in this notebook.

    Returns
    -------
    Watch
        The live table; ``.table`` has the events as a DataFrame, ``.stop()`` ends it.

    Raises
    ------
    UsageError
        It is no sandbox.

    Examples
    --------
    >>> from mctoolkit import Client, example
    >>> with Sandbox() as sandbox, Client(sandbox) as client, watch(sandbox) as seen:
    ...     _ = client.start_session(example("sessionStart"))
    ...     seen.look()
    >>> seen.table["event"].tolist()
    ['sessionStart']
    """
    if not isinstance(sandbox, Sandbox):
        raise UsageError(
            _("There is nothing to watch in a {kind}. Begin with: sandbox = Sandbox()").format(
                kind=type(sandbox).__name__
            )
        )
    return MonitorPanel(sandbox)


class MonitorPanel(LivePanel):
    """A live table of what a sandbox is sent; made by :func:`watch`.

    Parameters
    ----------
    sandbox : Sandbox
        What is watched. When it stops, the watching ends too.
    running : bool, optional
        Look by itself, twice a second. By default it does, except under ``MCTOOLKIT_SEED``, where what stands in a
        notebook must not depend on when it was looked at: there :meth:`look` looks.
    """

    def __init__(self, sandbox: Sandbox, *, running: bool | None = None) -> None:
        super().__init__(sandbox)
        self._watching = Monitor(sandbox)
        self._head, self._sessions, self._events = LiveRegion(), LiveRegion(), LiveRegion()
        self._stop = ipywidgets.Button(description=_("Stop watching"), layout={"width": "auto"})
        self._stop.on_click(lambda _: self.stop())
        self._tables = ipywidgets.VBox([self._sessions, self._events])
        self._assemble((ipywidgets.Box([self._head, self._stop]), "mct-top"), (self._tables, "mct-watched"))
        self._begin(running)

    @property
    def table(self) -> pd.DataFrame:
        """The newest events; the columns are those of :func:`mctoolkit.reporting.tables.observed_events`."""
        with self._lock:
            return self._watching.table

    def __repr__(self) -> str:
        return self._watching.text_version(_ROWS_TOLD)

    def picture(self) -> str:
        """Return it as it looks, as HTML that needs no kernel."""
        rows = self._watching.events[-_ROWS_TOLD:]
        tables = _in(join([_sessions(self._watching), _events(rows, len(rows))]))
        content = join([_headline(self._watching), tables])
        return sleeping(
            _(
                "This is a picture of what was seen last. Click in the cell above it and press "
                "Shift+Enter to watch again."
            ),
            content,
        )

    def _look(self, *, always: bool, ended: bool = False) -> None:
        if self._watching.look() or always:
            self._show(going=self._ticker.running and not ended)
        else:
            self._show_sessions()  # one may have closed by silence

    def _show(self, *, going: bool) -> None:
        note = _("Watching.") if going else _("Not watching any more; run the cell again to go on.")
        self._stop.layout.display = None if going else "none"
        where = _("Players send to {url}.").format(url=self._watching.sandbox.url)
        head = Markup('<div class="mct">{}<p class="mct-quiet">{} {}</p></div>').format(
            _headline(self._watching), where, note
        )
        self._head.value = str(head)
        self._show_sessions()
        self._events.value = str(_in(_events(self._watching.events, self._watching.total)))
        self._tables.layout.display = None if self._watching.total else "none"

    def _show_sessions(self) -> None:
        self._sessions.value = str(_in(_sessions(self._watching)))


def _in(content: Markup) -> Markup:
    return Markup('<div class="mct mct-rows">{}</div>').format(content)


def _headline(watching: Monitor) -> Markup:
    return Markup('<p class="mct-head">{}</p><p>{}</p>').format(_("What the player sends"), watching.headline)


def _sessions(watching: Monitor) -> Markup:
    found = watching.sessions
    if not found:
        return Markup("")
    rows = [
        (
            shorten(session.session_id, _LONGEST_ID),
            clock_of(session.started_ms),
            clock_of(session.last_ms),
            watching.state_in_words(session.session_id),
            str(session.events),
            str(session.problems),
        )
        for session in reversed(found)
    ]
    header = [str(_COLUMNS[name]) for name in ("session", "started", "last", "state", "events", "problems")]
    return table(_("Sessions, the newest on top"), header, rows)


def _events(events: Sequence[ObservedEvent], total: int) -> Markup:
    if not events:
        return Markup("")
    caption = _("Events, the newest on top")
    if total > MOST_EVENTS:
        caption += " " + _("(the newest {number} are shown)").format(number=MOST_EVENTS)
    rows = [
        (
            str(event.number),
            Markup('<span class="{}">{}</span>').format(_TONES[event.verdict], str(VERDICT_LABELS[event.verdict])),
            clock_of(event.at_ms),
            event.event_type,
            "" if event.playhead_s is None else f"{event.playhead_s:g}",
            str(event.status) if event.status is not None else _("none"),
            shorten(event.session_id or "", _LONGEST_ID),
            Markup('<div class="mct-prose">{}</div>').format(event.message),
        )
        for event in reversed(events)
    ]
    names = ("number", "word", "at", "event", "playhead", "response", "session", "message")
    return table(caption, [str(_COLUMNS[name]) for name in names], rows)
