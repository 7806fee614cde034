"""The widgets of the form: they show it, and hand on to it whatever is done to them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

import ipywidgets

from mctoolkit._core.errors import InputError, MctoolkitError
from mctoolkit._core.html import Markup, escape, join, style
from mctoolkit._core.messages import gettext as _
from mctoolkit._core.messages import ngettext
from mctoolkit.models.exchange import Exchange
from mctoolkit.simulation import mistakes, presets
from mctoolkit.widgets.common.browser import STATE, BrowserBridge
from mctoolkit.widgets.common.dropdown import Dropdown
from mctoolkit.widgets.common.problem_list import mend_of
from mctoolkit.widgets.common.styles import FORM_STYLE, JSON_STYLE
from mctoolkit.widgets.form.confirm_dialog import ConfirmPanel
from mctoolkit.widgets.form.field_list import FieldList
from mctoolkit.widgets.form.history import History
from mctoolkit.widgets.form.json_editor import JsonEditor
from mctoolkit.widgets.form.response_panel import ResponsePanel
from mctoolkit.widgets.form.static_html import HIDE_PICTURE
from mctoolkit.widgets.form.status_bar import status_html, way_to, where_shown
from mctoolkit.widgets.form.text_repr import send_label, status_text

if TYPE_CHECKING:
    from mctoolkit.widgets.form.session_form import SessionForm

__all__ = ["FormView"]

P = ParamSpec("P")


def _shown_in_the_form(method: Callable[Concatenate[FormView, P], None]) -> Callable[Concatenate[FormView, P], None]:
    """Show an error of a callback in the form: JupyterLab would hide it in a log that nobody opens."""

    @functools.wraps(method)
    def guarded(self: FormView, /, *args: P.args, **kwargs: P.kwargs) -> None:
        self._error = ""
        try:
            method(self, *args, **kwargs)
        except Exception as error:  # noqa: BLE001  whatever it is, the person at the form must see it
            self._show_error(error)

    return guarded


class FormView:
    """The form on the screen.

    Parameters
    ----------
    form : SessionForm
        What is shown; it calls the methods ``show_...`` when something of it has changed, one at a time.
    history : History
        Its responses.
    """

    def __init__(self, form: SessionForm, history: History) -> None:
        self._form = form
        self._history = history
        self._error = ""
        self._build()
        self.show_draft()

    # --- showing -----------------------------------------------------------------------------------------------

    def show_draft(self) -> None:
        """Show the draft, and what the checker says of it."""
        draft, verdict = self._form.draft, self._form.verdict
        word, said = status_text(draft, verdict)
        is_sandbox = self._form.client.target.is_sandbox
        note = (
            _("You will get 400: no session is made.")
            if is_sandbox
            else _("Most likely you will get 400: no session is made.")
        )
        self.bridge.shown = {
            "note": str(escape(note)) if verdict.errors else "",
            "request": self.request.shown(verdict),
            "said": f"{word}: {said}",
            "send": self._send_shown(),
            "status": status_html(draft, verdict),
            "told": self.editor.told(verdict),
        }
        self.editor.show(verdict)
        self.undo.disabled = not draft.can_undo
        self.show_responses()

    def show_begun(self) -> None:
        """Show that a request is under way."""
        self._error = ""
        self._show_sending()
        self.show_responses()
        self.bridge.announcement = _("Sending...")

    def show_waiting(self, seconds: int) -> None:
        """Show how long it has been under way; said to nobody, as a voice each second would be."""
        self.waiting.value = _("Still waiting, {seconds} s").format(seconds=seconds)

    def show_ended(self, outcome: Exchange | Exception) -> None:
        """Show what became of it."""
        self._show_sending()
        if isinstance(outcome, Exchange):
            self.show_responses()
            self.bridge.announcement = outcome.explanation.headline
        else:
            self._show_error(outcome)
            self.bridge.announcement = self._error

    def _send_shown(self) -> dict[str, Any]:
        verdict, target, sending = self._form.verdict, self._form.client.target, self._form.is_sending
        plain = "warning" if verdict.errors else "primary"
        return {
            "busy": sending,
            "style": plain if target.is_sandbox else "danger",
            "message": _("Sending...") if sending else send_label(self._form.draft, verdict, target),
        }

    def _show_sending(self) -> None:
        sending = self._form.is_sending
        self.bridge.shown = {**self.bridge.shown, "send": self._send_shown()}
        self.cancel.layout.display = self.waiting.layout.display = None if sending else "none"
        if not sending:
            self.waiting.value = ""

    def show_responses(self) -> None:
        """Show the last response, and those of the journal that are searched for."""
        history = self._history
        self.responses.show(
            self._form.response,
            history.entries,
            history.total,
            error=self._error,
            note=history.note,
            sending=self._form.is_sending,
        )

    def _show_error(self, error: Exception) -> None:
        self._error = str(error) if isinstance(error, MctoolkitError) else f"{type(error).__name__}: {error}"
        self.show_responses()

    # --- what is done to it ------------------------------------------------------------------------------------

    @_shown_in_the_form
    def _typed(self, key: str, text: str) -> None:
        self._form.enter(key, text)

    @_shown_in_the_form
    def _labelled(self, key: str, value: str) -> None:
        self._form.set(key, value)

    @_shown_in_the_form
    def _typed_json(self, text: str) -> None:
        self._form.enter_json(text)

    @_shown_in_the_form
    def _pressed_history(self, which: str) -> None:
        (self._form.undo if which == "undo" else self._form.redo)()

    @_shown_in_the_form
    def _cleared(self, key: str) -> None:
        self._form.clear(key)

    @_shown_in_the_form
    def _chose_example(self, name: str) -> None:
        self._form.load_preset(name)

    @_shown_in_the_form
    def _chose_mistake(self, name: str) -> None:
        self._form.try_mistake(name)
        problems = self._form.verdict.problems
        if problems:
            self.bridge.reveal(where_shown(self._form.draft, problems[0]))

    @_shown_in_the_form
    def _searched(self, words: str) -> None:
        self._form.search(words)

    @_shown_in_the_form
    def _clicked_now(self) -> None:
        self._form.now()

    @_shown_in_the_form
    def _clicked_mend(self, name: str) -> None:
        fix = mend_of(self._form.verdict, name)
        if fix is not None:
            self._form.apply(fix)

    @_shown_in_the_form
    def _clicked_undo(self, _: object) -> None:
        self._form.undo()

    @_shown_in_the_form
    def _clicked_unfold(self, name: str) -> None:
        self.bridge.go(name if self.editor.unfold(name) else STATE)  # what was wrong there may be gone

    @_shown_in_the_form
    def _clicked_send(self) -> None:
        self._ask_or_send(again=False)

    @_shown_in_the_form
    def _clicked_again(self) -> None:
        self._ask_or_send(again=True)

    @_shown_in_the_form
    def _clicked_save(self) -> None:
        try:
            path = self._form.save_excel()
        except InputError as error:
            said = str(error)
        else:
            said = ngettext(
                "Saved: {path}, 1 row.", "Saved: {path}, {number} rows.", len(self._history.entries)
            ).format(path=path, number=len(self._history.entries))
        self.responses.show_saved(said)
        self.bridge.announcement = said

    @_shown_in_the_form
    def _clicked_cancel(self, _: object) -> None:
        self._form.cancel()

    @_shown_in_the_form
    def _said_yes(self, typed: str, again: bool) -> None:
        if self._form.confirmation(again=again) == self.confirm.asked:
            self._form.send(confirm=typed, again=again, wait=False)
        else:  # the report suite was changed under the question
            self._ask_or_send(again=again)

    def _ask_or_send(self, *, again: bool) -> None:
        asked = self._form.confirmation(again=again)
        if asked.kind == "none":
            self._form.send(again=again, wait=False)
        else:
            self.confirm.ask(asked, again=again)

    # --- building ----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        target = self._form.client.target
        self.bridge = BrowserBridge(self._clicked_unfold, self._clicked_mend, self._clicked_send)
        status = _part("mct-status")
        status.add_class(f"mct-at-{STATE}")
        self.undo = _button(_("Undo"), self._clicked_undo)
        self.editor = FieldList(
            self._form.draft,
            self._form.plan,
            on_typed=self._typed,
            on_label=self._labelled,
            on_clear=self._cleared,
            on_now=self._clicked_now,
        )
        self.editor.on_unfold(self.show_draft)
        address = "{" + target.label + "}" if target.is_sandbox else target.base
        self.request = JsonEditor(address, self.bridge, self._typed_json, self._pressed_history)
        send = ipywidgets.HTML('<button type="button" class="jupyter-button mct-once" data-mct-press="send"></button>')
        note = ipywidgets.HTML()
        note.add_class("mct-send-note")
        self.cancel = _button(_("Cancel"), self._clicked_cancel)
        self.cancel.add_class("mct-cancel")
        self.waiting = ipywidgets.HTML()
        self.cancel.layout.display = self.waiting.layout.display = "none"
        self.confirm = ConfirmPanel(self._said_yes)
        way = functools.partial(way_to, self._form.draft)
        self.responses = ResponsePanel(target, way, self._searched, self._clicked_again, self._clicked_save)
        examples = {name: preset.label for name, preset in presets.known().items()}
        self.examples = Dropdown(_("Example"), _("choose"), examples, self._chose_example)
        slips = {name: mistake.label for name, mistake in mistakes.known().items()}
        self.mistakes = Dropdown(_("Try a mistake"), _("choose"), slips, self._chose_mistake)
        self.widget = ipywidgets.VBox(
            [
                ipywidgets.HTML(f"{style()}<style>{FORM_STYLE}{JSON_STYLE}{HIDE_PICTURE}</style>"),
                self.bridge,
                self._head(),
                _row("mct-top", status, self.examples.widget, self.undo),
                _row("mct-middle", self.editor.widget, self.request),
                self.confirm.widget,
                _row("mct-send", send, self.cancel, self.waiting, note, self.mistakes.widget),
                self.responses.last,
                self.responses.responses,
            ]
        )
        self.widget.add_class("mct-form")
        if not target.is_sandbox:
            self.widget.add_class("mct-real")

    def _head(self) -> ipywidgets.HTML:
        target = self._form.client.target
        goes_to = (
            _("Goes to the {target} on this computer") if target.is_sandbox else _("REAL HOST: goes to {target}")
        ).format(target=target.label)
        head = _part("mct-headline")
        head.value = str(
            Markup('<div class="mct mct-over"><h2 class="mct-head">{}</h2><span>{}</span></div>{}').format(
                _("Start a session (sessionStart)"),
                goes_to,
                join([*(_line("mct-tip", hint) for hint in target.hints), *self._house_rules()]),
            )
        )
        return head

    def _house_rules(self) -> list[Markup]:
        plan = self._form.plan
        return (
            []
            if plan is None
            else [_line("mct-quiet", _("Your house rules are followed too: {rules}.").format(rules=plan.headline))]
        )


def _line(name: str, words: str) -> Markup:
    return Markup('<div class="mct {}">{}</div>').format(name, words)


def _button(words: str, on_click: Callable[[object], None]) -> ipywidgets.Button:
    button = ipywidgets.Button(description=words, layout={"width": "auto"})
    button.on_click(on_click)
    return button


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
