"""SessionForm: fill in a sessionStart, see the request, send it, read the answers."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

import ipywidgets

from mctoolkit import clocks, masking, tables, texts, wire
from mctoolkit.client import Client
from mctoolkit.drafts import Draft
from mctoolkit.errors import MctoolkitError, NoAnswer, UnreadableInput
from mctoolkit.events import Event
from mctoolkit.exchanges import Exchange
from mctoolkit.facts.catalog import Parameter
from mctoolkit.markup import Markup, style, table
from mctoolkit.problems import Fix, Problem, Verdict, problem_list
from mctoolkit.validation import validate
from mctoolkit.widgets.fields import Field, fix_button, reading_line
from mctoolkit.widgets.style import FORM_STYLE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SessionForm"]

P = ParamSpec("P")

_ROWS_SHOWN = 200
_SECTIONS = (
    "programme", "player", "destination", "moment", "description", "viewer", "session", "quality", "privacy",
)  # fmt: skip
"""The sections of the form from top to bottom."""


def _shown_in_the_form(
    method: Callable[Concatenate[SessionForm, P], None],
) -> Callable[Concatenate[SessionForm, P], None]:
    """Show an error of a callback in the form: JupyterLab would hide it in a log that nobody opens."""

    @functools.wraps(method)
    def guarded(self: SessionForm, /, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            method(self, *args, **kwargs)
        except Exception as error:  # noqa: BLE001  whatever it is, the person at the form must see it
            self._show_error(error)

    return guarded


class SessionForm:
    """A form for ``sessionStart``: fields made from the facts, the JSON beside them, Send, the answers.

    It wakes filled with demo values, so that the first click on Send gets a 201 from a sandbox. What is wrong is said
    at the field while one types, and never keeps anybody from sending. Everything that the form does can be done from
    code too, and the form follows.

    Parameters
    ----------
    to : Sandbox, str or Client, optional
        Where to send: a sandbox, a host such as ``"company.hb-api.omtrdc.net"``, or a client that is ready. Without
        it the form starts a sandbox of its own.
    empty : bool
        Wake with empty fields instead of demo values.
    clock : Clock, optional
        Tells the time stamp of the draft and the times of the answers; the computer's clock by default.

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

    def __init__(self, to: Any = None, *, empty: bool = False, clock: clocks.Clock | None = None) -> None:
        self._clock = clock or clocks.default_clock()
        self.client = _client(to, self._clock)
        self.draft = Draft("sessionStart", demo=not empty, now_ms=self._clock.now_ms())
        self._exchanges: list[Exchange] = []
        self._lock = threading.RLock()
        self._sending = threading.Lock()
        self._error = ""
        self._fields: dict[str, Field] = {}
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
    def table(self) -> pd.DataFrame:
        """One row for each exchange; the columns are those of :func:`mctoolkit.tables.answers`."""
        return tables.answers(self._exchanges)

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

    def apply(self, fix: Fix) -> None:
        """Apply a fix, as its button does."""
        with self._lock:
            self.draft.load(Event(fix.apply(self.draft.event.value)))
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

    def send(self) -> Exchange | None:
        """Send the event as it stands, also with errors, and show what comes back.

        Returns
        -------
        Exchange or None
            The request and its answer; an exchange without an answer when none came. None when the form is sending
            already: a second click sends nothing.

        Raises
        ------
        UnreadableInput
            A value was set from code that cannot be written as JSON.
        """
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
            return exchange
        finally:
            self._sending.release()
            self._refresh()

    def outline(self) -> str:
        """Return the form as text: every set field with its value and state, the buttons, the answers.

        Identifiers of people and tenants are hidden, for this text is stored in notebooks.
        """
        lines = [
            f"{texts.say('form.title')} -> {masking.mask_host(self.client.target.label)}",
            self._status_text(),
        ]
        for problem in self._unplaced():
            lines.append(f"  {problem}")
        unset = []
        for field in self.draft.fields:
            if not self.draft.is_set(field.key) and not self._required(field):
                unset.append(field.key)
                continue
            lines += self._field_outline(field)
        for name, value in self.draft.event.custom_metadata.items():
            lines.append(f"  customMetadata.{name}: {_shown(name, value)}")
        lines.append(texts.say("form.unset_fields", number=len(unset)))
        lines.append(f"[{self._send_label()}]")
        lines.append(texts.say("form.answers", number=len(self._exchanges)))
        lines += [f"  {number} {self._answer_line(e)}" for number, e in enumerate(self._exchanges, 1)]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.outline()

    def _repr_mimebundle_(self, **options: Any) -> Any:
        shown = self.widget._repr_mimebundle_(**options)
        bundle = shown[0] if isinstance(shown, tuple) else shown
        return {**bundle, "text/plain": self.outline()}

    # --- widgets -----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._style = ipywidgets.HTML(f"{style()}<style>{FORM_STYLE}</style>")
        self._head = _part("mct-headline")
        self._status = _part("mct-status")
        self._others = ipywidgets.VBox([])
        self._preview = ipywidgets.HTML()
        self._preview.add_class("mct-preview")
        self._fields_box = ipywidgets.VBox(self._field_widgets())
        self._fields_box.add_class("mct-fields")
        middle = ipywidgets.Box([self._fields_box, self._preview])
        middle.add_class("mct-part")
        middle.add_class("mct-middle")
        self._send_button = ipywidgets.Button(button_style="primary")
        self._send_button.on_click(self._clicked_send)
        self._undo_button = ipywidgets.Button(description=texts.say("form.undo"))
        self._undo_button.on_click(self._clicked_undo)
        self._send_note = ipywidgets.HTML()
        row = ipywidgets.Box([self._send_button, self._undo_button, self._send_note])
        row.add_class("mct-part")
        row.add_class("mct-send")
        self._answer_view = _part("mct-answer")
        self._table_view = _part("mct-answers")
        self.widget = ipywidgets.VBox(
            [self._style, self._head, self._status, middle, row, self._answer_view, self._table_view]
        )
        self.widget.add_class("mct-form")
        self._head.value = str(
            Markup('<div class="mct"><div class="mct-head">{}</div>{}</div>').format(
                texts.say("form.title"), texts.say("form.goes_to", target=self.client.target.label)
            )
        )

    def _field_widgets(self) -> list[ipywidgets.Widget]:
        required = [p for p in self.draft.fields if self._required(p)]
        optional = [p for p in self.draft.fields if not self._required(p)]
        shown: list[ipywidgets.Widget] = [self._others]
        shown += self._sections(required)
        self._more = ipywidgets.Accordion([ipywidgets.VBox([])], selected_index=None)
        self._more.set_title(0, texts.say("form.more_fields", number=len(optional)))
        self._more.observe(self._unfold, names="selected_index")
        return [*shown, self._more]

    def _unfold(self, change: dict[str, Any]) -> None:
        """Make the optional fields when they are first looked at: a form is on the screen sooner without them."""
        box = self._more.children[0]
        if change["new"] is None or box.children:
            return
        optional = [p for p in self.draft.fields if not self._required(p)]
        made = self._sections(optional)
        self._refresh()
        box.children = tuple(made)

    def _sections(self, parameters: list[Parameter]) -> list[ipywidgets.Widget]:
        """Make the fields under the heads of their sections, in the order in which people think of them."""
        made: list[ipywidgets.Widget] = []
        for section in sorted({p.section for p in parameters}, key=_SECTIONS.index):
            made.append(_section_head(section))
            made += [self._field(p) for p in parameters if p.section == section]
        return made

    def _field(self, parameter: Parameter) -> ipywidgets.Widget:
        field = Field(parameter, self._required(parameter), self._typed_in, self._clicked_fix)
        self._fields[parameter.key] = field
        return field.widget

    def _required(self, parameter: Parameter) -> bool:
        return parameter.required(self.draft.event_type.name)

    @_shown_in_the_form
    def _typed_in(self, key: str, text: str) -> None:
        self.enter(key, text)

    @_shown_in_the_form
    def _clicked_fix(self, fix: Fix) -> None:
        self.apply(fix)

    @_shown_in_the_form
    def _clicked_undo(self, _: object) -> None:
        self.undo()

    @_shown_in_the_form
    def _clicked_send(self, _: object) -> None:
        self.send()

    # --- showing -----------------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        with self._lock:
            event = self.draft.event
            self._verdict = validate(event, endpoint="sessions", now_ms=self._clock.now_ms())
            for key, field in self._fields.items():
                problems = self._verdict.at(*field.parameter.place)
                field.show(self.draft.text(key), problems, self.draft.reading(key))
            self._status.value = str(self._status_html())
            self._preview.value = str(self._preview_html(event))
            self._show_others()
            self._send_button.description = self._send_label()
            self._send_button.button_style = "warning" if self._verdict.errors else "primary"
            self._send_button.disabled = False
            self._undo_button.disabled = not self.draft.can_undo
            self._send_note.value = self._note()
            self._answer_view.value = str(self._answer_html())
            self._table_view.value = str(self._table_html())

    def _show_busy(self) -> None:
        self._send_button.disabled = True
        self._send_button.description = texts.say("form.sending")

    def _show_error(self, error: Exception) -> None:
        self._error = str(error) if isinstance(error, MctoolkitError) else f"{type(error).__name__}: {error}"
        self._answer_view.value = str(self._answer_html())

    def _unplaced(self) -> list[Problem]:
        """Return the problems that stand at no field of the form: unknown keys, labels, whole members."""
        at_fields = {p.place for p in self.draft.fields}
        return [problem for problem in self._verdict.problems if problem.place not in at_fields]

    def _show_others(self) -> None:
        unplaced = self._unplaced()
        made: list[ipywidgets.Widget] = []
        for problem in unplaced:
            made.append(ipywidgets.HTML(f'<div class="mct">{problem_list([_without_fix(problem)])}</div>'))
            if problem.fix is not None:
                made.append(fix_button(problem.fix, self._clicked_fix))
        if made or self._others.children:
            self._others.children = tuple(made)

    def _status_text(self) -> str:
        verdict = self._verdict
        if verdict.errors:
            return f"{texts.say('verdict.word_problem')}: {verdict.summary}"
        number = sum(self._required(p) for p in self.draft.fields)
        ready = texts.say("form.ready", number=number)
        tips = f" {verdict.summary}." if verdict.hints else ""
        return f"{texts.say('verdict.word_ok')}: {ready}{tips}"

    def _status_html(self) -> Markup:
        word, _, rest = self._status_text().partition(": ")
        tone = "mct-good" if self._verdict.ok else "mct-bad"
        first = self._verdict.errors[0] if self._verdict.errors else None
        more = Markup("<div>{}: {}</div>").format(first.where, first.words) if first else ""
        return Markup('<div class="mct"><span class="mct-word {}">{}</span>{}{}</div>').format(tone, word, rest, more)

    def _preview_html(self, event: Event) -> Markup:
        try:
            body = event.to_text()
            counts = texts.say("form.counts", params=len(event.params), size=len(event.to_bytes()))
        except UnreadableInput as error:
            body, counts = "", str(error)
        return Markup(
            '<div class="mct-over"><span>{}</span><span>{}</span></div><pre>POST {}/api/v1/sessions\n\n{}</pre>'
        ).format(texts.say("form.will_be_sent"), counts, self._base(), body)

    def _base(self) -> str:
        target = self.client.target
        return "{" + target.label + "}" if target.practice else target.base

    def _send_label(self) -> str:
        number = len(self._verdict.errors)
        if number:
            return texts.count("form.send_anyway", number)
        key = "form.send_practice" if self.client.target.practice else "form.send_real"
        return texts.say(key, host=self.client.target.label)

    def _note(self) -> str:
        return texts.say("form.anyway_note") if self._verdict.errors else ""

    def _answer_html(self) -> Markup:
        if self._error:
            return Markup('<div class="mct"><span class="mct-word mct-bad">{}</span>{}</div>').format(
                texts.say("form.error_word"), self._error
            )
        if self.answer is None:
            return Markup('<div class="mct mct-quiet">{}</div>').format(texts.say("form.no_answer_yet"))
        return self.answer.to_html()

    def _table_html(self) -> Markup:
        caption = texts.say("form.answers", number=len(self._exchanges))
        if not self._exchanges:
            return Markup('<div class="mct mct-quiet">{}</div>').format(caption)
        numbered = list(enumerate(self._exchanges, 1))[-_ROWS_SHOWN:]
        rows = [
            (
                str(number),
                e.sent_at.strftime("%H:%M:%S"),
                masking.mask_host(e.target),
                str(e.status) if e.status is not None else texts.say("form.no_status"),
                e.in_words,
                f"{e.session_id[:10]}…" if e.session_id else texts.say("form.no_id"),
                str(len(e.verdict.errors) if e.verdict else 0),
                str(e.event.params.get("media.id", "")),
            )
            for number, e in reversed(numbered)
        ]
        names = ("no", "time", "sent_to", "answer", "in_words", "session_id", "problems", "media_id")
        return Markup('<div class="mct">{}</div>').format(
            table(caption, [texts.say(f"form.column.{name}") for name in names], rows)
        )

    def _answer_line(self, e: Exchange) -> str:
        status = str(e.status) if e.status is not None else texts.say("form.no_status")
        return f"{status} {e.in_words}"

    def _field_outline(self, field: Parameter) -> list[str]:
        mark = texts.say("form.required" if self._required(field) else "form.optional")
        value = (
            _shown(field.key, self.draft.text(field.key)) if self.draft.is_set(field.key) else texts.say("form.unset")
        )
        lines = [f"  {field.label} ({field.key}, {mark}): {value}"]
        reading = self.draft.reading(field.key)
        if reading is not None:
            lines.append(f"    {reading_line(reading)}")
        return lines + [
            f"    {texts.say(f'verdict.{p.level}')}: {p.words}" + (f" [{p.fix.label}]" if p.fix else "")
            for p in self._verdict.at(*field.place)
        ]


def _client(to: Any, clock: clocks.Clock) -> Client:
    if isinstance(to, Client):
        return to
    if to is None:
        from mctoolkit.sandbox import Sandbox

        to = Sandbox(clock=clock)
    return Client(to, clock=clock)


def _part(name: str) -> ipywidgets.HTML:
    part = ipywidgets.HTML()
    part.add_class("mct-part")
    part.add_class(name)
    return part


def _section_head(section: str) -> ipywidgets.HTML:
    return ipywidgets.HTML(
        str(Markup('<div class="mct-section">{}</div>').format(texts.say(f"form.section.{section}")))
    )


def _without_fix(problem: Problem) -> Problem:
    return Problem(problem.rule, problem.place, problem.words)


def _shown(key: str, value: object) -> str:
    masked = masking.mask({key: value})[key]
    return masked if isinstance(masked, str) else wire.pretty(masked)
