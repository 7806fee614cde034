"""SessionForm: build a sessionStart request, send it and read the responses, on screen or from code."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mctoolkit._core import clocks
from mctoolkit._core.errors import UsageError
from mctoolkit._core.messages import gettext as _
from mctoolkit.client.journal import Journal
from mctoolkit.client.profiles import Confirmation
from mctoolkit.models.draft import Draft
from mctoolkit.models.event import Event
from mctoolkit.models.exchange import Exchange
from mctoolkit.models.problem import Fix, Verdict
from mctoolkit.reporting.diff import Comparison, compare
from mctoolkit.reporting.formats import to_python
from mctoolkit.simulation import mistakes, presets
from mctoolkit.validation import validate
from mctoolkit.widgets.common.static_view import NotebookOutput
from mctoolkit.widgets.form.client_setup import find_profile, load_plan, make_client
from mctoolkit.widgets.form.confirmations import Confirmations
from mctoolkit.widgets.form.history import History
from mctoolkit.widgets.form.send_task import SendTask
from mctoolkit.widgets.form.static_html import static_html
from mctoolkit.widgets.form.text_repr import send_label, text_version
from mctoolkit.widgets.form.view import FormView

if TYPE_CHECKING:
    import os
    from pathlib import Path

    import pandas as pd

    from mctoolkit.validation.tracking_plan import TrackingPlan

__all__ = ["SessionForm"]

_RESPONSES_IN_TEXT = 10
"""How many responses the text version and the static view show; notebooks store both."""


class SessionForm(NotebookOutput):
    """A form for ``sessionStart``: fields from the specification, the JSON beside them, Send, and the responses.

    The form starts with demo values, so that the first click on Send creates a session in a sandbox. Later it starts
    with the values that the target accepted last. Problems are shown while typing and never prevent sending.
    Every action is also available from code; the form on screen follows.

    Parameters
    ----------
    to : Sandbox, str, Profile or Client, optional
        Where to send: a sandbox, a host such as ``"company.hb-api.omtrdc.net"``, a profile (see
        :mod:`mctoolkit.profiles`), or a client. By default, the form starts its own sandbox.
    empty : bool
        Start with empty fields instead of demo values.
    clock : Clock, optional
        Clock for the time stamp of the draft and the times of the responses; the system clock by default.
    journal : Journal, optional
        Where responses are kept; by default the user's journal, or one in memory if that cannot be written.
    plan : TrackingPlan, str or path, optional
        A tracking plan, such as ``"tracking-plan.xlsx"``. Its rules are shown at the fields. A violation is a hint and
        never prevents sending.

    Raises
    ------
    HostError
        ``to`` is a text that is not a valid address of the API.
    InputError
        The plan cannot be read.

    Examples
    --------
    >>> from mctoolkit import Sandbox
    >>> with Sandbox() as sandbox:
    ...     form = SessionForm(sandbox)
    ...     form.set("media.name", "Pilot")
    ...     form.send().status
    201
    """

    def __init__(
        self,
        to: Any = None,
        *,
        empty: bool = False,
        clock: clocks.Clock | None = None,
        journal: Journal | None = None,
        plan: TrackingPlan | str | os.PathLike[str] | None = None,
    ) -> None:
        self.plan = load_plan(plan)
        self._clock = clock or clocks.default_clock()
        self.client = make_client(to, self._clock)
        self.draft = Draft("sessionStart", demo=not empty, now_ms=self._clock.now_ms())
        self._exchanges: list[Exchange] = []
        self._history = History(journal)
        profile = find_profile(to, self.client)
        self._confirmations = Confirmations(profile, self.client.target)
        self._send_task: SendTask | None = None
        self._lock = threading.RLock()
        for key, value in (profile.defaults if profile else {}).items():
            self.draft.set(key, value)
        if not empty:
            self._restore_values()
        self.draft.clear_history()
        self._verdict = self._validate()
        self._view = FormView(self, self._history)
        self.widget = self._view.widget

    @property
    def event(self) -> Event:
        """The current event, as :meth:`send` would send it."""
        return self.draft.event

    @property
    def verdict(self) -> Verdict:
        """The problems of :attr:`event`, followed by violations of the tracking plan."""
        return self._verdict

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The requests that this form sent, with their responses, in order."""
        return tuple(self._exchanges)

    @property
    def response(self) -> Exchange | None:
        """The last exchange, or None if nothing was sent yet."""
        return self._exchanges[-1] if self._exchanges else None

    @property
    def journal(self) -> Journal:
        """Where the responses are kept."""
        return self._history.journal

    @property
    def table(self) -> pd.DataFrame:
        """The newest 200 responses; the columns are those of :func:`mctoolkit.reporting.tables.responses`."""
        return self._history.table

    @property
    def is_sending(self) -> bool:
        """Whether a request is being sent."""
        return self._send_task is not None

    def save_excel(self, folder: str | os.PathLike[str] = "results") -> Path:
        """Save the shown responses as a new Excel file such as ``responses-2026-11-23.xlsx`` and return its path.

        The columns are those of :attr:`table`, with the times as dates, local and in UTC.

        Raises
        ------
        InputError
            The file cannot be written.
        """
        return self._history.save_excel(folder, self._clock.now_ms())

    def set(self, key: str, value: object) -> None:
        """Set a key to a JSON value of any type.

        Parameters
        ----------
        key : str
            ``"media.name"``, ``"playerTime.ts"``, ``"customMetadata.season"``, ... An unknown key is added to
            ``params`` and reported as a problem.
        value : object
            Any JSON value, even of the wrong type.
        """
        with self._editing() as draft:
            draft.set(key, value)

    def clear(self, key: str) -> None:
        """Remove a key from the request."""
        with self._editing() as draft:
            draft.clear(key)

    def enter(self, key: str, text: str) -> None:
        """Set the text of a field, as typing does."""
        with self._editing() as draft:
            draft.enter(key, text)

    def enter_json(self, text: str) -> None:
        """Set the whole request as JSON text, as typing does. The fields follow if it is a JSON object."""
        with self._editing() as draft:
            draft.enter_json(text)

    def now(self) -> None:
        """Set the time stamp to the current time."""
        self.set("playerTime.ts", self._clock.now_ms())

    def apply(self, fix: Fix) -> None:
        """Apply a fix, as its button does."""
        with self._editing() as draft:
            draft.apply(fix)

    def undo(self) -> None:
        """Undo the last change of the draft."""
        with self._editing() as draft:
            draft.undo()

    def redo(self) -> None:
        """Redo the last undone change."""
        with self._editing() as draft:
            draft.redo()

    def load(self, body: object) -> None:
        """Fill the form from a body: a dict, JSON text, bytes, a Path or an Event.

        Raises
        ------
        UsageError
            The body is not a JSON object.
        """
        with self._editing() as draft:
            draft.load(Event(body))

    def load_preset(self, preset: str) -> None:
        """Fill the form with an example, such as ``"live"``; see :mod:`mctoolkit.presets`.

        Raises
        ------
        UsageError
            The example does not exist.
        """
        self.load(presets.preset(preset, self._clock.now_ms()))

    def try_mistake(self, mistake: str) -> None:
        """Add a common mistake to the request, such as ``"no-channel"``; see :mod:`mctoolkit.mistakes`.

        Raises
        ------
        UsageError
            The mistake does not exist.
        """
        with self._editing() as draft:
            event = mistakes.mistake(mistake).apply(draft.event)
            if event.raw is None:
                draft.load(event)
            else:
                draft.enter_json(event.raw.decode("utf-8", "replace"))

    def search(self, text: str) -> None:
        """Show only the responses that contain a text; an empty text shows all."""
        with self._lock:
            self._history.search(text)
            self._view.show_responses()

    def compare(self, left: int, right: int) -> Comparison:
        """Compare two responses of the journal by their numbers, field by field.

        Raises
        ------
        UsageError
            The journal has no entry with this number.
        """
        names = (_("row {number}").format(number=left), _("row {number}").format(number=right))
        return compare(self.journal.entry(left).exchange, self.journal.entry(right).exchange, names=names)

    def code(self, *, masked: bool = False) -> str:
        """Return Python code for a notebook cell that sends the same request without the form.

        Parameters
        ----------
        masked : bool
            Write ``<hidden>`` instead of identifiers of people and tenants, which a notebook would store.
        """
        return to_python(self.draft.event, self.client.target, masked=masked)

    def confirmation(self, *, again: bool = False) -> Confirmation:
        """Return the confirmation that the next request needs; its ``kind`` is ``"none"`` if it needs none.

        Parameters
        ----------
        again : bool
            Check the last request, to be sent again, instead of the form.
        """
        return self._confirmations.needed(self._event_to_send(again))

    def send(self, *, confirm: str = "", again: bool = False, wait: bool = True) -> Exchange | None:
        """Send the current event, even with errors, and show the response.

        An interrupt (Ctrl+C) while waiting cancels the request, as the Cancel button does.

        Parameters
        ----------
        confirm : str
            The report suite in full. Needed once for each report suite on a real host that no profile lists as a test
            report suite.
        again : bool
            Send the last request again, byte for byte, instead of the form.
        wait : bool
            Wait for the response. Without it, the request continues in the background, as after a click.

        Returns
        -------
        Exchange or None
            The request and its response, if any. None without ``wait``, or if the form is already sending.

        Raises
        ------
        InputError
            A value set from code cannot be written as JSON.
        UsageError
            The report suite must be confirmed first, or there is no request to send again.
        """
        event = self._event_to_send(again)
        self._confirmations.check(event, confirm)
        with self._lock:
            if self._send_task is not None:
                return None
            task = self._send_task = SendTask(
                self.client,
                event,
                self._clock,
                on_start=self._on_send_start,
                on_wait=self._on_send_wait,
                on_end=self._on_send_end,
            )
        if wait:
            return task.run()
        task.start()
        return None

    def cancel(self) -> None:
        """Stop waiting for the response, if the form is sending. The request may already have reached the server."""
        task = self._send_task
        if task is not None:
            task.cancel()

    def text_version(self) -> str:
        """Return the form as text: every set field with its value and problems, the Send button and the responses.

        Identifiers of people and tenants are hidden, because notebooks store this text.
        """
        return self._render(text_version)

    def static_html(self) -> str:
        """Return the static view of the form, which a notebook shows without a kernel; identifiers are hidden."""
        return self._render(static_html)

    def _render(self, renderer: Callable[..., str]) -> str:
        newest, total = self._history.newest(_RESPONSES_IN_TEXT)
        return renderer(
            self.draft,
            self._verdict,
            newest,
            total=total,
            target=self.client.target.label,
            send_label=send_label(self.draft, self._verdict, self.client.target, masked=True),
        )

    @contextmanager
    def _editing(self) -> Iterator[Draft]:
        """Change the draft under the lock, then validate and show it."""
        with self._lock:
            yield self.draft
            self._verdict = self._validate()
            self._view.show_draft()

    def _validate(self) -> Verdict:
        verdict = validate(self.draft.event, endpoint="sessions", now_ms=self._clock.now_ms())
        verdict = self.draft.with_restore_fixes(verdict)
        return verdict if self.plan is None else self.plan.extend(verdict)

    def _event_to_send(self, again: bool) -> Event:
        if not again:
            return self.draft.event
        if self.response is None:
            raise UsageError(
                _("Nothing was sent yet, so there is nothing to send again. form.send() sends the current form.")
            )
        return self.response.event

    def _on_send_start(self) -> None:
        with self._lock:
            self._view.show_send_start()

    def _on_send_wait(self, seconds: int) -> None:
        with self._lock:
            if self._send_task is not None:
                self._view.show_waiting(seconds)

    def _on_send_end(self, result: Exchange | Exception) -> None:
        with self._lock:
            self._send_task = None
            if isinstance(result, Exchange):
                self._exchanges.append(result)
                self._history.keep(result)
            self._view.show_send_end(result)
            if not clocks.SEED:  # a notebook run as a test must keep its first output
                self._update_static_view()

    def _restore_values(self) -> None:
        """Load the event that this target accepted last, with the current time."""
        event = self._history.last_accepted(self.client.target)
        if event is not None:
            self.draft.load(event)
            self.draft.set("playerTime.ts", self._clock.now_ms())
