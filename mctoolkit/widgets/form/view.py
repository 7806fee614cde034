"""The widgets of the form. They show the form and pass each action of the user to it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

import ipywidgets

from mctoolkit._core.errors import InputError, MctoolkitError
from mctoolkit._core.html import Markup, escape, join, style
from mctoolkit._core.messages import gettext as _
from mctoolkit._core.messages import ngettext
from mctoolkit.models.exchange import Exchange
from mctoolkit.simulation import mistakes, presets
from mctoolkit.widgets.common.browser import STATUS_LINE, BrowserBridge
from mctoolkit.widgets.common.dropdown import Dropdown
from mctoolkit.widgets.common.problem_list import find_fix
from mctoolkit.widgets.common.static_view import HIDE_STATIC_VIEW
from mctoolkit.widgets.common.styles import FORM_STYLE, JSON_STYLE
from mctoolkit.widgets.form.confirm_dialog import ConfirmDialog
from mctoolkit.widgets.form.controller import FormController
from mctoolkit.widgets.form.field_list import FieldList
from mctoolkit.widgets.form.history import History
from mctoolkit.widgets.form.json_editor import JsonEditor
from mctoolkit.widgets.form.response_panel import ResponsePanel
from mctoolkit.widgets.form.status_bar import find_place_name, link_to, status_html
from mctoolkit.widgets.form.text_repr import send_label, status_text

__all__ = ["FormView"]

P = ParamSpec("P")


def _show_errors(method: Callable[Concatenate[FormView, P], None]) -> Callable[Concatenate[FormView, P], None]:
    """Show exceptions of a callback in the form. JupyterLab would write them to its log only."""

    @functools.wraps(method)
    def wrapper(self: FormView, /, *args: P.args, **kwargs: P.kwargs) -> None:
        self._error = ""
        try:
            method(self, *args, **kwargs)
        except Exception as error:  # noqa: BLE001  the user must see every error
            self._show_error(error)

    return wrapper


class FormView:
    """The widgets of a form.

    Parameters
    ----------
    form : FormController
        The form to show. It calls one ``show_...`` method at a time after each change.
    history : History
        The responses to show.
    """

    def __init__(self, form: FormController, history: History) -> None:
        self._form = form
        self._history = history
        self._error = ""
        self._build()
        self.show_draft()

    # --- show ---------------------------------------------------------------------------------------------------

    def show_draft(self) -> None:
        """Show the draft and its problems."""
        draft, verdict = self._form.draft, self._form.verdict
        word, rest = status_text(draft, verdict)
        note = (
            _("The sandbox will respond with 400 and will not create a session.")
            if self._form.client.target.is_sandbox
            else _("The API will probably respond with 400 and not create a session.")
        )
        self.bridge.view_state = {
            "messages": self.field_list.messages_by_field(verdict),
            "request": self.json.request_state(verdict),
            "send": self._send_state(),
            "send_note": str(escape(note)) if verdict.errors else "",
            "status": status_html(draft, verdict),
            "status_text": f"{word}: {rest}",
        }
        self.field_list.show(verdict)
        self.undo.disabled = not draft.can_undo
        self.show_responses()

    def show_send_start(self) -> None:
        """Show that a request is being sent."""
        self._error = ""
        self._show_sending()
        self.show_responses()
        self.bridge.announcement = _("Sending...")

    def show_waiting(self, seconds: int) -> None:
        """Show the seconds of waiting, without a screen reader announcement."""
        self.waiting.value = _("Still waiting, {seconds} s").format(seconds=seconds)

    def show_send_end(self, result: Exchange | Exception) -> None:
        """Show the result of a request."""
        self._show_sending()
        if isinstance(result, Exchange):
            self.show_responses()
            self.bridge.announcement = result.explanation.headline
        else:
            self._show_error(result)
            self.bridge.announcement = self._error

    def show_responses(self) -> None:
        """Show the last response and the matching responses of the journal."""
        history = self._history
        self.responses.show(
            self._form.response,
            history.entries,
            history.total,
            error=self._error,
            note=history.note,
            sending=self._form.is_sending,
        )

    def _send_state(self) -> dict[str, Any]:
        verdict, target, sending = self._form.verdict, self._form.client.target, self._form.is_sending
        sandbox_style = "warning" if verdict.errors else "primary"
        return {
            "busy": sending,
            "style": sandbox_style if target.is_sandbox else "danger",
            "message": _("Sending...") if sending else send_label(self._form.draft, verdict, target),
        }

    def _show_sending(self) -> None:
        sending = self._form.is_sending
        self.bridge.view_state = {**self.bridge.view_state, "send": self._send_state()}
        self.cancel.layout.display = self.waiting.layout.display = None if sending else "none"
        if not sending:
            self.waiting.value = ""

    def _show_error(self, error: Exception) -> None:
        self._error = str(error) if isinstance(error, MctoolkitError) else f"{type(error).__name__}: {error}"
        self.show_responses()

    # --- handle actions of the user ------------------------------------------------------------------------------

    @_show_errors
    def _on_field_input(self, key: str, text: str) -> None:
        self._form.enter(key, text)

    @_show_errors
    def _on_metadata_input(self, key: str, value: str) -> None:
        self._form.set(key, value)

    @_show_errors
    def _on_metadata_remove(self, key: str) -> None:
        self._form.clear(key)

    @_show_errors
    def _on_json_input(self, text: str) -> None:
        self._form.enter_json(text)

    @_show_errors
    def _on_history_key(self, direction: str) -> None:
        (self._form.undo if direction == "undo" else self._form.redo)()

    @_show_errors
    def _on_example_choice(self, name: str) -> None:
        self._form.load_preset(name)

    @_show_errors
    def _on_mistake_choice(self, name: str) -> None:
        self._form.try_mistake(name)
        problems = self._form.verdict.problems
        if problems:
            self.bridge.scroll_to_place(find_place_name(self._form.draft, problems[0]))

    @_show_errors
    def _on_search_input(self, text: str) -> None:
        self._form.search(text)

    @_show_errors
    def _on_now_click(self) -> None:
        self._form.now()

    @_show_errors
    def _on_fix_click(self, name: str) -> None:
        fix = find_fix(self._form.verdict, name)
        if fix is not None:
            self._form.apply(fix)

    @_show_errors
    def _on_undo_click(self, _: object) -> None:
        self._form.undo()

    @_show_errors
    def _on_go_click(self, name: str) -> None:
        self.bridge.focus_place(name if self.field_list.unfold(name) else STATUS_LINE)  # may be fixed already

    @_show_errors
    def _on_send_click(self) -> None:
        self._confirm_or_send(again=False)

    @_show_errors
    def _on_resend_click(self) -> None:
        self._confirm_or_send(again=True)

    @_show_errors
    def _on_save_click(self) -> None:
        try:
            path = self._form.save_excel()
        except InputError as error:
            message = str(error)
        else:
            message = ngettext(
                "Saved: {path}, 1 row.", "Saved: {path}, {number} rows.", len(self._history.entries)
            ).format(path=path, number=len(self._history.entries))
        self.responses.show_saved(message)
        self.bridge.announcement = message

    @_show_errors
    def _on_cancel_click(self, _: object) -> None:
        self._form.cancel()

    @_show_errors
    def _on_confirm(self, typed: str, again: bool) -> None:
        if self._form.confirmation(again=again) == self.confirm.confirmation:
            self._form.send(confirm=typed, again=again, wait=False)
        else:  # the report suite changed while the dialog was open
            self._confirm_or_send(again=again)

    def _confirm_or_send(self, *, again: bool) -> None:
        confirmation = self._form.confirmation(again=again)
        if confirmation.kind == "none":
            self._form.send(again=again, wait=False)
        else:
            self.confirm.ask(confirmation, again=again)

    # --- build --------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        target = self._form.client.target
        self.bridge = BrowserBridge(self._on_go_click, self._on_fix_click, self._on_send_click)
        status = _part("mct-status")
        status.add_class(f"mct-at-{STATUS_LINE}")
        self.undo = _button(_("Undo"), self._on_undo_click)
        self.field_list = FieldList(
            self._form.draft,
            self._form.plan,
            on_input=self._on_field_input,
            on_metadata=self._on_metadata_input,
            on_clear=self._on_metadata_remove,
            on_now=self._on_now_click,
        )
        self.field_list.on_new_fields(self.show_draft)
        address = "{" + target.label + "}" if target.is_sandbox else target.base
        self.json = JsonEditor(address, self.bridge, self._on_json_input, self._on_history_key)
        send = ipywidgets.HTML('<button type="button" class="jupyter-button mct-once" data-mct-press="send"></button>')
        note = ipywidgets.HTML()
        note.add_class("mct-send-note")
        self.cancel = _button(_("Cancel"), self._on_cancel_click)
        self.cancel.add_class("mct-cancel")
        self.waiting = ipywidgets.HTML()
        self.cancel.layout.display = self.waiting.layout.display = "none"
        self.confirm = ConfirmDialog(self._on_confirm)
        link = functools.partial(link_to, self._form.draft)
        self.responses = ResponsePanel(target, link, self._on_search_input, self._on_resend_click, self._on_save_click)
        examples = {name: preset.label for name, preset in presets.known().items()}
        self.examples = Dropdown(_("Example"), _("choose"), examples, self._on_example_choice)
        labels = {name: mistake.label for name, mistake in mistakes.known().items()}
        self.mistakes = Dropdown(_("Try a mistake"), _("choose"), labels, self._on_mistake_choice)
        self.widget = ipywidgets.VBox(
            [
                ipywidgets.HTML(f"{style()}<style>{FORM_STYLE}{JSON_STYLE}{HIDE_STATIC_VIEW}</style>"),
                self.bridge,
                self._heading(),
                _row("mct-top", status, self.examples.widget, self.undo),
                _row("mct-middle", self.field_list.widget, self.json),
                self.confirm.widget,
                _row("mct-send", send, self.cancel, self.waiting, note, self.mistakes.widget),
                self.responses.last,
                self.responses.responses,
            ]
        )
        self.widget.add_class("mct-form")
        if not target.is_sandbox:
            self.widget.add_class("mct-real")

    def _heading(self) -> ipywidgets.HTML:
        target, plan = self._form.client.target, self._form.plan
        destination = (
            _("Sends to the {target} on this computer") if target.is_sandbox else _("REAL HOST: sends to {target}")
        ).format(target=target.label)
        lines = [_line("mct-tip", hint) for hint in target.hints]
        if plan is not None:
            lines.append(_line("mct-quiet", _("Tracking plan: {rules}.").format(rules=plan.headline)))
        heading = _part("mct-headline")
        heading.value = str(
            Markup('<div class="mct mct-title-row"><h2 class="mct-head">{}</h2><span>{}</span></div>{}').format(
                _("Start a session (sessionStart)"), destination, join(lines)
            )
        )
        return heading


def _line(name: str, text: str) -> Markup:
    return Markup('<div class="mct {}">{}</div>').format(name, text)


def _button(label: str, on_click: Callable[[object], None]) -> ipywidgets.Button:
    button = ipywidgets.Button(description=label, layout={"width": "auto"})
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
