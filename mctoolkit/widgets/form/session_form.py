"""SessionForm: fill in a sessionStart, see the request, send it, read the responses: all that works from code.

``FormView`` draws it with widgets and does nothing that cannot be done here.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mctoolkit._core import clocks
from mctoolkit._core.errors import UsageError
from mctoolkit._core.messages import gettext as _
from mctoolkit.client.client import Client
from mctoolkit.client.journal import Journal
from mctoolkit.client.profiles import Confirmation, Profile, confirmation, profiles
from mctoolkit.models.draft import Draft
from mctoolkit.models.event import Event
from mctoolkit.models.exchange import Exchange
from mctoolkit.models.problem import Fix, Verdict
from mctoolkit.reporting.diff import Comparison, compare
from mctoolkit.reporting.formats import to_python
from mctoolkit.simulation import mistakes, presets
from mctoolkit.validation import validate
from mctoolkit.widgets.form.history import ROWS_SHOWN, History
from mctoolkit.widgets.form.send_task import SendTask
from mctoolkit.widgets.form.static_html import StaticSnapshot, picture
from mctoolkit.widgets.form.text_repr import send_label, text_version
from mctoolkit.widgets.form.view import FormView

if TYPE_CHECKING:
    import os
    from pathlib import Path

    import ipywidgets
    import pandas as pd

    from mctoolkit.validation.tracking_plan import TrackingPlan

__all__ = ["SessionForm"]

_RESPONSES_TOLD = 10
"""How many of the newest responses the text twin and the picture tell; both are stored in notebooks."""


class SessionForm:
    """A form for ``sessionStart``: fields made from the facts, the JSON beside them, Send, the responses.

    It wakes filled with demo values, so that the first click on Send gets a 201 from a sandbox; later, with the values
    that were last accepted there. What is wrong is said at the field while one types, and never keeps anybody from
    sending. Everything that the form does can be done from code too, and the form follows.

    Parameters
    ----------
    to : Sandbox, str, Profile or Client, optional
        Where to send: a sandbox, a host such as ``"company.hb-api.omtrdc.net"``, a profile (see
        :mod:`mctoolkit.profiles`), or a client that is ready. Without it the form starts a sandbox of its own.
    empty : bool
        Wake with empty fields instead of demo values.
    clock : Clock, optional
        Tells the time stamp of the draft and the times of the responses; the computer's clock by default.
    journal : Journal, optional
        Where the responses are kept; the user's own by default, and one in memory where that cannot be written.
    plan : TrackingPlan, str or path, optional
        A company's own tracking plan, such as ``"tracking-plan.xlsx"``. What it asks for stands at the fields, and a
        breach is a tip: it keeps nothing from being sent.

    Raises
    ------
    HostError
        ``to`` is a text that cannot be an address of the API.
    InputError
        The plan cannot be read, or not understood.

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
        self.plan = _plan(plan)
        self._clock = clock or clocks.default_clock()
        self.client = _client(to, self._clock)
        self.draft = Draft("sessionStart", demo=not empty, now_ms=self._clock.now_ms())
        self._exchanges: list[Exchange] = []
        self._history = History(journal)
        self._profile = _profile_of(to, self.client)
        self._confirmed: set[tuple[str, str]] = set()
        self._sending: SendTask | None = None
        self._lock = threading.RLock()
        for key, value in (self._profile.defaults if self._profile else {}).items():
            self.draft.set(key, value)
        if not empty:
            self._wake()
        self.draft.clear_history()
        self._verdict = self._judge()
        self._album = StaticSnapshot(self.picture)
        self._window = FormView(self, self._history)

    @property
    def event(self) -> Event:
        """The event as the form stands, as it would be sent."""
        return self.draft.event

    @property
    def verdict(self) -> Verdict:
        """What the checker says of :attr:`event`, and behind that the violations of the plan, if there is one."""
        return self._verdict

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """All that was sent with this form, and what came back, in the order of sending."""
        return tuple(self._exchanges)

    @property
    def response(self) -> Exchange | None:
        """The last exchange, or None when nothing was sent yet."""
        return self._exchanges[-1] if self._exchanges else None

    @property
    def journal(self) -> Journal:
        """Where the responses are kept."""
        return self._history.journal

    @property
    def table(self) -> pd.DataFrame:
        """The newest 200 answers of the journal; the columns are those of :func:`mctoolkit.reporting.tables.responses`."""
        from mctoolkit.reporting import tables  # and with it pandas, for which a form on the screen need not wait

        entries = self.journal.entries(newest=ROWS_SHOWN)
        return tables.responses([entry.exchange for entry in entries], [entry.number for entry in entries])

    def save_excel(self, folder: str | os.PathLike[str] = "results") -> Path:
        """Save the responses that the form shows as a new Excel file, ``responses-2026-11-23.xlsx``; return where.

        Its columns are those of :attr:`table`, with the times as real dates, here and in UTC. No file is written over:
        the next is ``responses-2026-11-23-2.xlsx``.

        Raises
        ------
        InputError
            It cannot be written there.
        """
        from mctoolkit.reporting import tables
        from mctoolkit.reporting.formats import save_excel

        entries = self._history.entries
        frame = tables.responses([entry.exchange for entry in entries], [entry.number for entry in entries])
        today = clocks.utc(self._clock.now_ms()).astimezone()
        return save_excel(frame, f"answers-{today:%Y-%m-%d}", folder)

    def set(self, key: str, value: object) -> None:
        """Put a JSON value at a key, whatever its type.

        Parameters
        ----------
        key : str
            ``"media.name"``, ``"playerTime.ts"``, ``"customMetadata.season"``, ... A key that the API does not have
            goes into ``params``, where the checker says so.
        value : object
            Any JSON value, also one of the wrong type.
        """
        with self._changing() as draft:
            draft.set(key, value)

    def clear(self, key: str) -> None:
        """Take a key out of the request: unset is not zero."""
        with self._changing() as draft:
            draft.clear(key)

    def enter(self, key: str, text: str) -> None:
        """Do what typing a text into the field of a key does."""
        with self._changing() as draft:
            draft.enter(key, text)

    def enter_json(self, text: str) -> None:
        """Do what typing the whole request as JSON text does: the fields follow where it is an object."""
        with self._changing() as draft:
            draft.enter_json(text)

    def now(self) -> None:
        """Set the time stamp to this moment."""
        self.set("playerTime.ts", self._clock.now_ms())

    def apply(self, fix: Fix) -> None:
        """Apply a fix, as its button does."""
        with self._changing() as draft:
            draft.apply(fix)

    def undo(self) -> None:
        """Take back the last change of the draft."""
        with self._changing() as draft:
            draft.undo()

    def redo(self) -> None:
        """Make the change again that was taken back last."""
        with self._changing() as draft:
            draft.redo()

    def load(self, thing: object) -> None:
        """Fill the form from a body: a dict, JSON text, bytes, a Path or an Event.

        Raises
        ------
        UsageError
            The body is not a JSON object, so that it has no fields.
        """
        with self._changing() as draft:
            draft.load(Event(thing))

    def load_preset(self, preset: str) -> None:
        """Fill the form with an example, such as ``"live"``; see :mod:`mctoolkit.presets`.

        Raises
        ------
        UsageError
            There is no such example.
        """
        self.load(presets.preset(preset, self._clock.now_ms()))

    def try_mistake(self, mistake: str) -> None:
        """Break the request as a player developer would, such as ``"no-channel"``; see :mod:`mctoolkit.mistakes`.

        Raises
        ------
        UsageError
            There is no such mistake.
        """
        with self._changing() as draft:
            broken = mistakes.mistake(mistake).apply(draft.event)
            if broken.raw is None:
                draft.load(broken)
            else:
                draft.enter_json(broken.raw.decode("utf-8", "replace"))

    def search(self, words: str) -> None:
        """Show only those responses that have to do with these words; all with an empty text."""
        with self._lock:
            self._history.search(words)
            self._window.show_responses()

    def compare(self, left: int, right: int) -> Comparison:
        """Compare two responses of the journal, by their numbers, field by field.

        Raises
        ------
        UsageError
            The journal has no entry of this number.
        """
        names = (_("row {number}").format(number=left), _("row {number}").format(number=right))
        return compare(self.journal.entry(left).exchange, self.journal.entry(right).exchange, names=names)

    def code(self, *, masked: bool = False) -> str:
        """Return the cell that sends the same request without the form.

        Parameters
        ----------
        masked : bool
            Put ``<hidden>`` for the identifiers of people and tenants, which a notebook would store otherwise.
        """
        return to_python(self.draft.event, self.client.target, masked=masked)

    def confirmation(self, *, again: bool = False) -> Confirmation:
        """Return what has to be confirmed before the next request; its ``kind`` is ``"none"`` if nothing (any more).

        Parameters
        ----------
        again : bool
            Before the last request is sent once more, and not the form as it stands.
        """
        asked = confirmation(self._profile, self.client.target, self._to_send(again))
        return Confirmation("none") if asked.about in self._confirmed else asked

    def send(self, *, confirm: str = "", again: bool = False, wait: bool = True) -> Exchange | None:
        """Send the event as it stands, also with errors, and show what comes back.

        An interrupt while it waits cancels, as the button does.

        Parameters
        ----------
        confirm : str
            For a real host, the report suite in full, before the first request to one that no profile lists as a
            test report suite. A call from code is the yes that the form asks for in other cases.
        again : bool
            Send what was sent last once more, to the byte, and not the form as it stands.
        wait : bool
            Wait for the response; otherwise it goes on by itself, as after a click, and the form shows what comes.

        Returns
        -------
        Exchange or None
            The request and its response; an exchange without a response when none came. None when the form is sending
            already (a second click sends nothing), and without ``wait``.

        Raises
        ------
        InputError
            A value was set from code that cannot be written as JSON.
        UsageError
            The report suite has to be confirmed first, or there is nothing to send again.
        """
        event, asked = self._to_send(again), self.confirmation(again=again)
        if confirm and asked.accepts(confirm):
            self._confirmed.add(asked.about)
        elif asked.kind == "type":
            raise UsageError(
                _("Nothing was sent. {message} From code: form.send(confirm={name!r})").format(
                    message=asked.message, name=asked.to_type
                )
            )
        with self._lock:
            if self._sending is not None:
                return None
            sending = self._sending = SendTask(
                self.client, event, self._clock, on_begin=self._begun, on_wait=self._waited, on_end=self._ended
            )
        if wait:
            return sending.run()
        sending.start()
        return None

    @property
    def is_sending(self) -> bool:
        """Whether a request is under way."""
        return self._sending is not None

    def cancel(self) -> None:
        """Wait no longer for the response of the request that is under way, if there is one.

        The form shows and keeps it as cancelled. What went out cannot be called back.
        """
        sending = self._sending
        if sending is not None:
            sending.cancel()

    def text_version(self) -> str:
        """Return the form as text: every set field with its value and state, the buttons, the responses.

        Identifiers of people and tenants are hidden, for this text is stored in notebooks.
        """
        newest, total = self._history.newest(_RESPONSES_TOLD)
        return text_version(
            self.draft,
            self._verdict,
            newest,
            total=total,
            target=self.client.target.label,
            send_label=send_label(self.draft, self._verdict, self.client.target, masked=True),
        )

    def __repr__(self) -> str:
        return self.text_version()

    def _ipython_display_(self) -> None:
        """Leave two outputs: the form, and the picture of it that a notebook without a kernel shows."""
        from IPython.display import display

        display(self._repr_mimebundle_(), raw=True)  # type: ignore[no-untyped-call]
        self._album.show()

    def picture(self) -> str:
        """Return the form as it looks, as HTML that needs no kernel; identifiers are hidden."""
        newest, total = self._history.newest(_RESPONSES_TOLD)
        return picture(
            self.draft,
            self._verdict,
            newest,
            total=total,
            target=self.client.target.label,
            send_label=send_label(self.draft, self._verdict, self.client.target, masked=True),
        )

    def _repr_mimebundle_(self, **options: Any) -> Any:
        shown = self.widget._repr_mimebundle_(**options)
        bundle = shown[0] if isinstance(shown, tuple) else shown
        return {**bundle, "text/plain": self.text_version()}

    @property
    def widget(self) -> ipywidgets.Widget:
        """The form as a widget, to be put into others."""
        return self._window.widget

    @contextmanager
    def _changing(self) -> Iterator[Draft]:
        """Change the draft, alone; then judge it and show it."""
        with self._lock:
            yield self.draft
            self._verdict = self._judge()
            self._window.show_draft()

    def _judge(self) -> Verdict:
        verdict = validate(self.draft.event, endpoint="sessions", now_ms=self._clock.now_ms())
        verdict = self.draft.with_restore_fixes(verdict)
        return verdict if self.plan is None else self.plan.extend(verdict)

    def _to_send(self, again: bool) -> Event:
        if not again:
            return self.draft.event
        if self.response is None:
            raise UsageError(
                _("Nothing was sent yet, so there is nothing to send again: form.send() sends the form as it stands.")
            )
        return self.response.event

    def _begun(self) -> None:
        with self._lock:
            self._window.show_begun()

    def _waited(self, seconds: int) -> None:
        with self._lock:
            if self._sending is not None:
                self._window.show_waiting(seconds)

    def _ended(self, outcome: Exchange | Exception) -> None:
        with self._lock:
            self._sending = None
            if isinstance(outcome, Exchange):
                self._exchanges.append(outcome)
                self._history.keep(outcome)
            self._window.show_ended(outcome)
            if not clocks.SEED:  # a notebook that is stored as a test keeps what it first showed
                self._album.renew()

    def _wake(self) -> None:
        """Bring back the values that were last accepted at this place, at the time of now."""
        event = self._history.last_accepted(self.client.target)
        if event is not None:
            self.draft.load(event)
            self.draft.set("playerTime.ts", self._clock.now_ms())


def _plan(plan: TrackingPlan | str | os.PathLike[str] | None) -> TrackingPlan | None:
    if plan is None:
        return None
    from mctoolkit.validation.tracking_plan import TrackingPlan  # few forms need what reads sheets

    return TrackingPlan.load(plan)


def _profile_of(to: Any, client: Client) -> Profile | None:
    """Return the profile that was handed over, or the one of this host."""
    if isinstance(to, Profile):
        return to
    if client.target.loopback:
        return None
    return next((one for one in profiles().values() if one.target.base == client.target.base), None)


def _client(to: Any, clock: clocks.Clock) -> Client:
    if isinstance(to, Client):
        return to
    if isinstance(to, Profile):
        return Client(to.target, clock=clock)
    if to is None:
        from mctoolkit.sandbox import Sandbox

        to = Sandbox(clock=clock)
    return Client(to, clock=clock)
