"""The monitor: a live table of the requests to a sandbox."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import ipywidgets

from mctoolkit._core.errors import UsageError
from mctoolkit._core.html import Markup, join, shorten, table
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit.auditing.monitor import MOST_EVENTS, VERDICT_LABELS, Monitor, ObservedEvent, format_time
from mctoolkit.sandbox import Sandbox
from mctoolkit.widgets.common.live_region import LiveRegion
from mctoolkit.widgets.common.static_view import static_view
from mctoolkit.widgets.monitor.live_panel import LivePanel

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MonitorPanel", "watch"]

_ROWS_IN_TEXT: Final = 10
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
    "message": Message("Meaning"),
    "started": Message("Started (UTC)"),
    "last": Message("Last event"),
    "state": Message("State"),
    "events": Message("Events"),
    "problems": Message("Problems"),
}


def watch(sandbox: Sandbox) -> MonitorPanel:
    """Show the sessions and events that a player sends to a sandbox, each with its verdict, as they arrive.

    Configure the player to send to ``sandbox.url``. The page shows the newest 200 events; the sandbox keeps 10,000.

    Parameters
    ----------
    sandbox : Sandbox
        A sandbox in this notebook.

    Returns
    -------
    MonitorPanel
        ``.table`` has the events as a DataFrame; ``.stop()`` ends the updates.

    Raises
    ------
    UsageError
        ``sandbox`` is not a :class:`Sandbox`.

    Examples
    --------
    >>> from mctoolkit import Client, example
    >>> with Sandbox() as sandbox, Client(sandbox) as client, watch(sandbox) as monitor:
    ...     _ = client.start_session(example("sessionStart"))
    ...     monitor.look()
    >>> monitor.table["event"].tolist()
    ['sessionStart']
    """
    if not isinstance(sandbox, Sandbox):
        raise UsageError(
            _("Expected a Sandbox, not {kind}. Create one: sandbox = Sandbox()").format(kind=type(sandbox).__name__)
        )
    return MonitorPanel(sandbox)


class MonitorPanel(LivePanel):
    """A live table of the requests to a sandbox; created by :func:`watch`.

    Parameters
    ----------
    sandbox : Sandbox
        The sandbox to follow. The panel stops with it.
    running : bool, optional
        Update twice a second. True by default, except with ``MCTOOLKIT_SEED``, which makes notebook outputs
        reproducible: there, call :meth:`look`.
    """

    def __init__(self, sandbox: Sandbox, *, running: bool | None = None) -> None:
        super().__init__(sandbox)
        self._monitor = Monitor(sandbox)
        self._heading, self._sessions, self._events = LiveRegion(), LiveRegion(), LiveRegion()
        self._stop = ipywidgets.Button(description=_("Stop"), layout={"width": "auto"})
        self._stop.on_click(lambda _: self.stop())
        self._tables = ipywidgets.VBox([self._sessions, self._events])
        self._assemble((ipywidgets.Box([self._heading, self._stop]), "mct-top"), (self._tables, "mct-monitor"))
        self._start(running)

    @property
    def table(self) -> pd.DataFrame:
        """The newest events; the columns are those of :func:`mctoolkit.reporting.tables.observed_events`."""
        with self._lock:
            return self._monitor.table

    def text_version(self) -> str:
        """Return the sessions and the newest events as text."""
        return self._monitor.text_version(_ROWS_IN_TEXT)

    def static_html(self) -> str:
        """Return the static view, which a notebook shows without a kernel."""
        rows = self._monitor.events[-_ROWS_IN_TEXT:]
        tables = _wrap(join([_sessions(self._monitor), _events(rows, len(rows))]))
        note = _(
            "This is a static view of the monitor. To start the monitor again, click in the cell above and press "
            "Shift+Enter."
        )
        return static_view(note, join([_headline(self._monitor), tables]))

    def _update(self, *, always: bool, ended: bool = False) -> None:
        if self._monitor.poll() or always:
            self._show(is_active=self._timer.running and not ended)
        else:
            self._show_sessions()  # a session may have expired

    def _show(self, *, is_active: bool) -> None:
        note = _("Updating.") if is_active else _("Stopped. Run the cell again to continue.")
        self._stop.layout.display = None if is_active else "none"
        where = _("Players send to {url}.").format(url=self._monitor.sandbox.url)
        head = Markup('<div class="mct">{}<p class="mct-quiet">{} {}</p></div>').format(
            _headline(self._monitor), where, note
        )
        self._heading.value = str(head)
        self._show_sessions()
        self._events.value = str(_wrap(_events(self._monitor.events, self._monitor.total)))
        self._tables.layout.display = None if self._monitor.total else "none"

    def _show_sessions(self) -> None:
        self._sessions.value = str(_wrap(_sessions(self._monitor)))


def _wrap(content: Markup) -> Markup:
    return Markup('<div class="mct mct-rows">{}</div>').format(content)


def _headline(monitor: Monitor) -> Markup:
    return Markup('<p class="mct-head">{}</p><p>{}</p>').format(_("Requests from the player"), monitor.headline)


def _sessions(monitor: Monitor) -> Markup:
    sessions = monitor.sessions
    if not sessions:
        return Markup("")
    rows = [
        (
            shorten(session.session_id, _LONGEST_ID),
            format_time(session.started_ms),
            format_time(session.last_ms),
            monitor.describe_state(session.session_id),
            str(session.events),
            str(session.problems),
        )
        for session in reversed(sessions)
    ]
    header = [str(_COLUMNS[name]) for name in ("session", "started", "last", "state", "events", "problems")]
    return table(_("Sessions, newest first"), header, rows)


def _events(events: Sequence[ObservedEvent], total: int) -> Markup:
    if not events:
        return Markup("")
    caption = _("Events, newest first")
    if total > MOST_EVENTS:
        caption += " " + _("(the newest {number} are shown)").format(number=MOST_EVENTS)
    rows = [
        (
            str(event.number),
            Markup('<span class="{}">{}</span>').format(_TONES[event.verdict], str(VERDICT_LABELS[event.verdict])),
            format_time(event.at_ms),
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
