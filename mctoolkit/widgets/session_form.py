"""SessionForm: fill in a sessionStart, see the request, send it, read the answers."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

import ipywidgets

from mctoolkit import clocks, masking, mistakes, presets, tables, texts
from mctoolkit.client import Client
from mctoolkit.comparing import Comparison, compare
from mctoolkit.drafts import Draft
from mctoolkit.errors import MctoolkitError, MisuseError, NoAnswer
from mctoolkit.events import Event
from mctoolkit.exchanges import Exchange
from mctoolkit.formats.code import python_cell
from mctoolkit.journal import Journal
from mctoolkit.markup import Markup, join, style
from mctoolkit.problems import Fix, Verdict
from mctoolkit.profiles import Confirmation, Profile, confirmation, profiles
from mctoolkit.validation import validate
from mctoolkit.widgets.answers import ROWS_SHOWN, AnswersPanel
from mctoolkit.widgets.bridge import Bridge
from mctoolkit.widgets.choices import Choice
from mctoolkit.widgets.confirm import ConfirmPanel
from mctoolkit.widgets.editor import EditorPanel
from mctoolkit.widgets.history import History
from mctoolkit.widgets.outline import outline, status_text
from mctoolkit.widgets.picture import HIDE_PICTURE, picture
from mctoolkit.widgets.request import RequestPanel
from mctoolkit.widgets.status import status_html
from mctoolkit.widgets.style import FORM_STYLE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SessionForm"]

P = ParamSpec("P")


_ANSWERS_TOLD = 10
"""How many of the newest answers the text twin and the picture tell; both are stored in notebooks."""


def _shown_in_the_form(
    method: Callable[Concatenate[SessionForm, P], None],
) -> Callable[Concatenate[SessionForm, P], None]:
    """Show an error of a callback in the form: JupyterLab would hide it in a log that nobody opens."""

    @functools.wraps(method)
    def guarded(self: SessionForm, /, *args: P.args, **kwargs: P.kwargs) -> None:
        self._error = ""
        try:
            method(self, *args, **kwargs)
        except Exception as error:  # noqa: BLE001  whatever it is, the person at the form must see it
            self._show_error(error)

    return guarded


class SessionForm:
    """A form for ``sessionStart``: fields made from the facts, the JSON beside them, Send, the answers.

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
        Tells the time stamp of the draft and the times of the answers; the computer's clock by default.
    journal : Journal, optional
        Where the answers are kept; the user's own by default, and one in memory where that cannot be written.

    Raises
    ------
    TargetError
        ``to`` is a text that cannot be an address of the API.

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
    ) -> None:
        self._clock = clock or clocks.default_clock()
        self.client = _client(to, self._clock)
        self.draft = Draft("sessionStart", demo=not empty, now_ms=self._clock.now_ms())
        self._exchanges: list[Exchange] = []
        self._history = History(journal)
        self._profile = _profile_of(to, self.client)
        for key, value in (self._profile.defaults if self._profile else {}).items():
            self.draft.set(key, value)
        if not empty:
            self._wake()
        self.draft.forget()
        self._lock = threading.RLock()
        self._sending = threading.Lock()
        self._error = ""
        self._verdict: Verdict
        self._build()
        self._refresh()

    # --- from code ---------------------------------------------------------------------------------------------

    @property
    def event(self) -> Event:
        """The event as the form stands, as it would be sent."""
        return self.draft.event

    @property
    def verdict(self) -> Verdict:
        """What the checker says of :attr:`event`."""
        return self._verdict

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """All that was sent with this form, and what came back, in the order of sending."""
        return tuple(self._exchanges)

    @property
    def answer(self) -> Exchange | None:
        """The last exchange, or None when nothing was sent yet."""
        return self._exchanges[-1] if self._exchanges else None

    @property
    def journal(self) -> Journal:
        """Where the answers are kept."""
        return self._history.journal

    @property
    def table(self) -> pd.DataFrame:
        """The newest 200 answers of the journal; the columns are those of :func:`mctoolkit.tables.answers`."""
        entries = self.journal.entries(newest=ROWS_SHOWN)
        return tables.answers([entry.exchange for entry in entries], [entry.number for entry in entries])

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
        with self._lock:
            self.draft.set(key, value)
            self._refresh()

    def clear(self, key: str) -> None:
        """Take a key out of the request: unset is not zero."""
        with self._lock:
            self.draft.clear(key)
            self._refresh()

    def enter(self, key: str, text: str) -> None:
        """Do what typing a text into the field of a key does."""
        with self._lock:
            self.draft.enter(key, text)
            self._refresh()

    def enter_json(self, text: str) -> None:
        """Do what typing the whole request as JSON text does: the fields follow where it is an object."""
        with self._lock:
            self.draft.enter_json(text)
            self._refresh()

    def now(self) -> None:
        """Set the time stamp to this moment."""
        self.set("playerTime.ts", self._clock.now_ms())

    def apply(self, fix: Fix) -> None:
        """Apply a fix, as its button does."""
        with self._lock:
            self.draft.apply(fix)
            self._refresh()

    def undo(self) -> None:
        """Take back the last change of the draft."""
        with self._lock:
            self.draft.undo()
            self._refresh()

    def load(self, thing: object) -> None:
        """Fill the form from a body: a dict, JSON text, bytes, a Path or an Event.

        Raises
        ------
        MisuseError
            The body is not a JSON object, so that it has no fields.
        """
        with self._lock:
            self.draft.load(Event(thing))
            self._refresh()

    def begin_with(self, preset: str) -> None:
        """Fill the form with an example, such as ``"live"``; see :mod:`mctoolkit.presets`.

        Raises
        ------
        MisuseError
            There is no such example.
        """
        self.load(presets.preset(preset, self._clock.now_ms()))

    def try_mistake(self, mistake: str) -> None:
        """Break the request as a player developer would, such as ``"no-channel"``; see :mod:`mctoolkit.mistakes`.

        Raises
        ------
        MisuseError
            There is no such mistake.
        """
        with self._lock:
            broken = mistakes.mistake(mistake).apply(self.draft.event)
            if broken.raw is None:
                self.draft.load(broken)
            else:
                self.draft.enter_json(broken.raw.decode("utf-8", "replace"))
            self._refresh()

    def compare(self, left: int, right: int) -> Comparison:
        """Compare two answers of the journal, by their numbers, field by field.

        Raises
        ------
        MisuseError
            The journal has no entry of this number.
        """
        names = (texts.say("form.row", number=left), texts.say("form.row", number=right))
        return compare(self.journal.entry(left).exchange, self.journal.entry(right).exchange, names=names)

    def code(self, *, masked: bool = False) -> str:
        """Return the cell that sends the same request without the form.

        Parameters
        ----------
        masked : bool
            Put ``<hidden>`` for the identifiers of people and tenants, which a notebook would store otherwise.
        """
        return python_cell(self.draft.event, self.client.target, masked=masked)

    def send(self, *, confirm: str = "") -> Exchange | None:
        """Send the event as it stands, also with errors, and show what comes back.

        Parameters
        ----------
        confirm : str
            For a real host, the report suite in full, before the first request to one that no profile lists as a
            test report suite. A call from code is the yes that the form asks for in other cases.

        Returns
        -------
        Exchange or None
            The request and its answer; an exchange without an answer when none came. None when the form is sending
            already: a second click sends nothing.

        Raises
        ------
        UnreadableInput
            A value was set from code that cannot be written as JSON.
        MisuseError
            The report suite has to be confirmed first.
        """
        asked = self._confirmation()
        if asked.kind == "type" and not self._confirm.given(asked, confirm):
            raise MisuseError(texts.say("form.confirm_first", words=asked.words, name=asked.to_type))
        if not self._sending.acquire(blocking=False):
            return None
        try:
            self._error = ""
            self._show_busy()
            try:
                exchange = self.client.start_session(self.draft.event, send_anyway=True)
            except NoAnswer as silence:
                exchange = silence.exchange
            with self._lock:
                self._exchanges.append(exchange)
                self._history.keep(exchange)
            self._bridge.announcement = exchange.explanation.headline
            return exchange
        finally:
            self._sending.release()
            self._refresh(announce=False)

    def outline(self) -> str:
        """Return the form as text: every set field with its value and state, the buttons, the answers.

        Identifiers of people and tenants are hidden, for this text is stored in notebooks.
        """
        newest, total = self._history.newest(_ANSWERS_TOLD)
        return outline(
            self.draft,
            self._verdict,
            newest,
            total=total,
            target=self.client.target.label,
            send_label=self._send_label(masked=True),
        )

    def __repr__(self) -> str:
        return self.outline()

    def _ipython_display_(self) -> None:
        """Leave two outputs: the form, and the picture of it that a notebook without a kernel shows."""
        from IPython.display import HTML, display

        display(self._repr_mimebundle_(), raw=True)  # type: ignore[no-untyped-call]
        display(HTML(self.picture()))  # type: ignore[no-untyped-call]

    def picture(self) -> str:
        """Return the form as it looks, as HTML that needs no kernel; identifiers are hidden."""
        newest, total = self._history.newest(_ANSWERS_TOLD)
        return picture(
            self.draft,
            self._verdict,
            newest,
            total=total,
            target=self.client.target.label,
            send_label=self._send_label(masked=True),
        )

    def _repr_mimebundle_(self, **options: Any) -> Any:
        shown = self.widget._repr_mimebundle_(**options)
        bundle = shown[0] if isinstance(shown, tuple) else shown
        return {**bundle, "text/plain": self.outline()}

    # --- widgets -----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        target = self.client.target
        self._bridge = Bridge(self._clicked_unfold)
        self._status = _part("mct-status")
        self._undo_button = ipywidgets.Button(description=texts.say("form.undo"), layout={"width": "auto"})
        self._undo_button.on_click(self._clicked_undo)
        self._editor = EditorPanel(
            self.draft,
            on_typed=self._typed_in,
            on_label=self._labelled,
            on_clear=self._cleared,
            on_fix=self._clicked_fix,
            on_now=self._clicked_now,
        )
        self._editor.on_unfold(self._refresh)
        address = "{" + target.label + "}" if target.practice else target.base
        self._request = RequestPanel(address, self._typed_json)
        self._send_button = ipywidgets.Button(button_style="primary", layout={"width": "auto"})
        self._send_button.add_class("mct-once")
        self._send_button.on_click(self._clicked_send)
        self._send_note = ipywidgets.HTML()
        self._confirm = ConfirmPanel(self._said_yes)
        self._answers = AnswersPanel(self._searched)
        examples = {name: preset.label for name, preset in presets.known().items()}
        self._examples = Choice(texts.say("form.example"), texts.say("form.choose"), examples, self._chose_example)
        slips = {name: mistake.label for name, mistake in mistakes.known().items()}
        self._mistakes = Choice(texts.say("form.mistake"), texts.say("form.choose"), slips, self._chose_mistake)
        self.widget = ipywidgets.VBox(
            [
                ipywidgets.HTML(f"{style()}<style>{FORM_STYLE}{HIDE_PICTURE}</style>"),
                self._bridge,
                self._head(),
                _row("mct-top", self._status, self._examples.widget, self._undo_button),
                _row("mct-middle", self._editor.widget, self._request.widget),
                self._confirm.widget,
                _row("mct-send", self._send_button, self._send_note, self._mistakes.widget),
                self._answers.answer,
                self._answers.answers,
            ]
        )
        self.widget.add_class("mct-form")
        if not target.practice:
            self.widget.add_class("mct-real")

    def _head(self) -> ipywidgets.HTML:
        target = self.client.target
        key = "form.goes_to" if target.practice else "form.goes_to_real"
        head = _part("mct-headline")
        head.value = str(
            Markup('<div class="mct mct-over"><h2 class="mct-head">{}</h2><span>{}</span></div>{}').format(
                texts.say("form.title"),
                texts.say(key, target=target.label),
                join(Markup('<div class="mct-tip">{}</div>').format(hint) for hint in target.hints),
            )
        )
        return head

    @_shown_in_the_form
    def _typed_in(self, key: str, text: str) -> None:
        self.enter(key, text)

    @_shown_in_the_form
    def _labelled(self, key: str, value: str) -> None:
        self.set(key, value)

    @_shown_in_the_form
    def _typed_json(self, text: str) -> None:
        self.enter_json(text)

    @_shown_in_the_form
    def _cleared(self, key: str) -> None:
        self.clear(key)

    @_shown_in_the_form
    def _chose_example(self, name: str) -> None:
        self.begin_with(name)

    @_shown_in_the_form
    def _chose_mistake(self, name: str) -> None:
        self.try_mistake(name)

    @_shown_in_the_form
    def _searched(self, words: str) -> None:
        self._history.search(words)
        self._show_answers()

    @_shown_in_the_form
    def _clicked_now(self) -> None:
        self.now()

    @_shown_in_the_form
    def _clicked_fix(self, fix: Fix) -> None:
        self.apply(fix)

    @_shown_in_the_form
    def _clicked_undo(self, _: object) -> None:
        self.undo()

    @_shown_in_the_form
    def _clicked_unfold(self, name: str) -> None:
        if self._editor.unfold(name):
            self._bridge.go(name)

    @_shown_in_the_form
    def _clicked_send(self, _: object) -> None:
        confirmation = self._confirmation()
        if self._confirm.given(confirmation):
            self.send()
        else:
            self._confirm.ask(confirmation)

    @_shown_in_the_form
    def _said_yes(self) -> None:
        self.send()

    def _confirmation(self) -> Confirmation:
        return confirmation(self._profile, self.client.target, self.draft.event)

    def _wake(self) -> None:
        """Bring back the values that were last accepted at this place, at the time of now."""
        event = self._history.last_accepted(self.client.target)
        if event is not None:
            self.draft.load(event)
            self.draft.set("playerTime.ts", self._clock.now_ms())

    # --- showing -----------------------------------------------------------------------------------------------

    def _refresh(self, *, announce: bool = True) -> None:
        with self._lock:
            self._verdict = validate(self.draft.event, endpoint="sessions", now_ms=self._clock.now_ms())
            self._editor.show(self._verdict)
            self._request.show(self.draft, self._verdict)
            self._status.value = status_html(self.draft, self._verdict)
            self._undo_button.disabled = not self.draft.can_undo
            self._send_button.description = self._send_label()
            self._send_button.button_style = self._send_style()
            self._send_button.disabled = False
            key = "form.anyway_note" if self.client.target.practice else "form.anyway_note_real"
            self._send_note.value = texts.say(key) if self._verdict.errors else ""
            self._show_answers()
            if announce:
                self._bridge.announcement = ": ".join(status_text(self.draft, self._verdict))

    def _show_busy(self) -> None:
        self._send_button.disabled = True
        self._send_button.description = texts.say("form.sending")

    def _show_error(self, error: Exception) -> None:
        self._error = str(error) if isinstance(error, MctoolkitError) else f"{type(error).__name__}: {error}"
        self._show_answers()

    def _show_answers(self) -> None:
        history = self._history
        self._answers.show(self.answer, history.entries, history.total, error=self._error, note=history.note)

    def _send_label(self, *, masked: bool = False) -> str:
        number, target = len(self._verdict.errors), self.client.target
        suite = self.draft.get("analytics.reportSuite")
        host = target.label
        if masked:
            suite, host = (
                masking.mask({"analytics.reportSuite": suite})["analytics.reportSuite"],
                masking.mask_host(host),
            )
        values = {"host": host, "suite": suite if isinstance(suite, str) else texts.say("form.unset")}
        key = "practice" if target.practice else "real"
        return (
            texts.count(f"form.anyway_{key}", number, **values) if number else texts.say(f"form.send_{key}", **values)
        )

    def _send_style(self) -> str:
        if not self.client.target.practice:
            return "danger"
        return "warning" if self._verdict.errors else "primary"


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


def _part(name: str) -> ipywidgets.HTML:
    part = ipywidgets.HTML()
    part.add_class("mct-part")
    part.add_class(name)
    return part


def _row(name: str, *children: ipywidgets.Widget) -> ipywidgets.Box:
    row = ipywidgets.Box(children)
    row.add_class("mct-part")
    row.add_class(name)
    return row
