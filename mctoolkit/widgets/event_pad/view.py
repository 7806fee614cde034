"""The widgets of the event pad: groups of buttons, the state of the player, and the sent events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

import ipywidgets

from mctoolkit._core import input_parsing
from mctoolkit._core.errors import MctoolkitError, UsageError
from mctoolkit._core.html import Markup, style
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit.models.target import Target
from mctoolkit.simulation import DEFECTS
from mctoolkit.spec import catalog
from mctoolkit.widgets.common.browser import BrowserBridge
from mctoolkit.widgets.common.dropdown import Dropdown
from mctoolkit.widgets.common.static_view import HIDE_STATIC_VIEW
from mctoolkit.widgets.common.styles import FORM_STYLE
from mctoolkit.widgets.event_pad.text_repr import BUTTONS, GROUP_LABELS, PadState, Row, rows_html

__all__ = ["EventPadView"]

_INITIAL_VALUES: Final = {
    "seek": "30",
    "ad": "15",
    "chapter": "60",
    "state": "fullScreen",
    "bitrate": "4500000",
    "wait": "10",
}
"""The initial values of the fields."""

_STYLE = """
.mct-pad .mct-pad-groups { display: grid; gap: 8px 20px; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr));
  overflow: visible; }
.mct-pad .mct-pad-group { align-content: flex-start; align-items: center; display: flex; flex-flow: row wrap;
  gap: 4px 8px; margin: 0; overflow: visible; }
.mct-pad .mct-pad-group > .widget-html { flex: 1 0 100%; }
.mct-pad .mct-pad-group > .widget-html .widget-html-content { color: var(--jp-ui-font-color2, #555); font-weight: 600; }
.mct-pad .jupyter-button { flex: none; height: auto; margin: 0; min-height: 28px; white-space: normal; width: auto; }
.mct-pad .mct-inline { margin: 0; }
.mct-pad .mct-inline input { max-width: 9em; min-width: 3em; width: 6em; }
.mct-pad .mct-inline input[list] { width: 10em; }
.mct-pad .mct-pad-pair { align-items: center; display: flex; flex: none; gap: 6px; margin: 0; max-width: 100%;
  overflow: visible; }
.mct-pad .mct-pad-message-row { align-items: center; display: flex; flex-flow: row wrap; gap: 4px 12px;
  min-height: 30px; }
.mct-pad .mct-pad-message-row .mct-pad-message { border: 0; flex: 1 1 20em; min-height: 0; padding: 0; }
.mct-pad .mct-pad-sent td:nth-child(-n+4) { white-space: nowrap; }
.mct-pad .mct-pad-sent .mct-scroll { max-height: 300px; overflow-y: auto; }
"""

_VALUE_LABELS = {
    "seek": Message("Seek to (s)"),
    "ad": Message("Ad length (s)"),
    "chapter": Message("Chapter length (s)"),
    "state": Message("Player state"),
    "bitrate": Message("Bits per second"),
    "wait": Message("Seconds"),
}


class PadController(Protocol):
    """The part of :class:`~mctoolkit.EventPad` that the view uses."""

    @property
    def running(self) -> bool:
        """Whether the clock runs."""

    @property
    def in_break(self) -> bool:
        """Whether an ad break is open."""

    @property
    def states(self) -> tuple[str, ...]:
        """The active player states."""

    def press(self, action: str, **values: Any) -> None:
        """Run an action."""

    def wait(self, seconds: float) -> None:
        """Advance the clock."""

    def run(self) -> None:
        """Run the clock."""

    def stop(self) -> None:
        """Stop the clock."""

    def resume(self) -> None:
        """Start a new session."""

    def add_defect(self, name: str) -> None:
        """Add a defect."""

    def remove_defects(self) -> None:
        """Remove all defects."""

    def show_error(self, message: str) -> None:
        """Show an error message."""


class EventPadView:
    """The widgets of an event pad.

    Parameters
    ----------
    pad : PadController
        Handles the actions of the user.
    target : Target
        Where the pad sends.
    """

    def __init__(self, pad: PadController, target: Target) -> None:
        self._pad = pad
        self._rows_shown = -1
        self.buttons = {name: self._button(name) for names in BUTTONS.values() for name in names}
        self.fields = {name: self._field(name) for name in _INITIAL_VALUES}
        self.run = _plain_button(lambda _: self._call(self._on_run_click))
        self.advance = _plain_button(lambda _: self._call(self._on_advance_click))
        self.advance.description = _("Advance the clock")
        self.resume = _plain_button(lambda _: self._call(pad.resume))
        self.resume.button_style = "primary"
        self.remove_defects = _plain_button(lambda _: self._call(pad.remove_defects))
        self.remove_defects.description = _("Remove defects")
        defects = {name: defect.label for name, defect in DEFECTS.items()}
        self.defects = Dropdown(_("Add a defect"), _("choose"), defects, self._on_defect_choice)
        self.status = _part("mct-pad-status")
        self.message = _part("mct-pad-message")
        self.sent = _part("mct-pad-sent")
        self._bridge = BrowserBridge(lambda _: None)
        self.widget = ipywidgets.VBox(
            [
                ipywidgets.HTML(f"{style()}<style>{FORM_STYLE}{HIDE_STATIC_VIEW}{_STYLE}</style>"),
                self._bridge,
                _heading(target),
                self.status,
                self._groups(),
                _box("mct-part mct-pad-message-row", [self.defects.widget, self.remove_defects, self.message]),
                self.sent,
            ]
        )
        self.widget.add_class("mct-form")
        self.widget.add_class("mct-pad")
        if not target.is_sandbox:
            self.widget.add_class("mct-real")

    def show(self, state: PadState, rows: Sequence[Row], *, announce: str = "") -> None:
        """Show the state of the pad and its events."""
        self.status.value = str(
            Markup('<div class="mct"><div><span class="mct-word {}">{}</span>{}</div><div>{} {}</div></div>').format(
                "mct-good" if state.is_open else "mct-bad",
                state.label,
                state.headline,
                state.open_text,
                Markup('<span class="{}">{}</span>').format(
                    "mct-tip" if state.defects else "mct-quiet", state.defects_text
                ),
            )
        )
        self.message.value = str(
            Markup('<div class="mct"><span class="{}">{}</span></div>').format(
                "mct-bad" if state.is_error and not state.busy else "mct-quiet", state.busy or state.message
            )
        )
        for name, button in self.buttons.items():
            button.description = state.button_label(name)
            button.disabled = state.mode == "closed"
        self.run.description = _("Stop the clock") if state.running else _("Run the clock")
        self.run.disabled = self.advance.disabled = state.mode == "closed"
        self.advance.layout.display = self.fields["wait"].layout.display = None if state.can_wait else "none"
        self.resume.description = state.resume_label
        self.resume.layout.display = None if state.resume_label else "none"
        self.remove_defects.layout.display = None if state.defects else "none"
        if len(rows) != self._rows_shown:
            self._rows_shown = len(rows)
            self.sent.value = rows_html(rows)
        if announce:
            self._bridge.announcement = announce

    def _groups(self) -> ipywidgets.Box:
        buttons, fields = self.buttons, self.fields
        widgets = {
            "playback": [*(buttons[name] for name in ("play", "pause", "buffer")), self._pair("seek")],
            "ads": [buttons["ad-break"], self._pair("ad"), buttons["skip"]],
            "inside": [self._pair("chapter"), self._pair("state")],
            "quality": [self._pair("bitrate"), buttons["error"]],
            "end": [buttons["complete"], buttons["end"], self.resume],
            "time": [self.run, _box("mct-pad-pair", [fields["wait"], self.advance])],
        }
        groups = [_group(str(GROUP_LABELS[name]), parts) for name, parts in widgets.items()]
        return _box("mct-part mct-pad-groups", groups)

    def _pair(self, name: str) -> ipywidgets.Box:
        """Keep a field and its button on one line."""
        return _box("mct-pad-pair", [self.fields[name], self.buttons[name]])

    def _button(self, name: str) -> ipywidgets.Button:
        return _plain_button(lambda _: self._call(lambda: self._on_button_click(name)))

    def _field(self, name: str) -> ipywidgets.Text:
        label = str(_VALUE_LABELS[name])
        options: dict[str, Any] = {"value": _INITIAL_VALUES[name], "description": label, "layout": {"width": "auto"}}
        if name == "state":
            known = catalog.parameter("media.state.name").values
            field = ipywidgets.Combobox(options=known, ensure_option=False, **options)
        else:
            field = ipywidgets.Text(**options)
        field.add_class("mct-inline")
        return field

    def _on_button_click(self, name: str) -> None:
        pad = self._pad
        if name == "ad-break":
            pad.press("ad break end" if pad.in_break else "ad break")
        elif name == "state":
            state = self.fields["state"].value.strip()
            pad.press("state", name=state, on=state.lower() not in {on.lower() for on in pad.states})
        elif name == "seek":
            pad.press("seek", to=self._number("seek"))
        elif name in ("ad", "chapter"):
            pad.press(name, length=self._number(name))
        elif name == "bitrate":
            pad.press("bitrate", bits=self._number("bitrate"))
        else:
            pad.press(name)

    def _number(self, name: str) -> int | float:
        text = self.fields[name].value
        number = input_parsing.parse_number(text)
        if number is None:
            raise UsageError(_("{label}: {text} is not a number.").format(label=str(_VALUE_LABELS[name]), text=text))
        return number.value

    def _on_run_click(self) -> None:
        if self._pad.running:
            self._pad.stop()
        else:
            self._pad.run()

    def _on_advance_click(self) -> None:
        self._pad.wait(self._number("wait"))

    def _on_defect_choice(self, name: str) -> None:
        self._call(lambda: self._pad.add_defect(name))

    def _call(self, action: Callable[[], None]) -> None:
        """Run an action and show its error in the pad. JupyterLab would write the error to its log only."""
        try:
            action()
        except MctoolkitError as error:
            self._pad.show_error(str(error))
        except Exception as error:  # noqa: BLE001  the user must see every error
            self._pad.show_error(f"{type(error).__name__}: {error}")


def _plain_button(on_click: Callable[[object], None]) -> ipywidgets.Button:
    button = ipywidgets.Button(layout={"width": "auto"})
    button.on_click(on_click)
    return button


def _group(label: str, parts: list[ipywidgets.Widget]) -> ipywidgets.Box:
    heading = ipywidgets.HTML(str(Markup("<div>{}</div>").format(label)))
    return _box("mct-pad-group", [heading, *parts])


def _box(classes: str, children: list[ipywidgets.Widget]) -> ipywidgets.Box:
    box = ipywidgets.Box(children)
    for name in classes.split():
        box.add_class(name)
    return box


def _heading(target: Target) -> ipywidgets.HTML:
    heading = _part("mct-headline")
    destination = (
        _("Sends to the {target} on this computer") if target.is_sandbox else _("REAL HOST: sends to {target}")
    ).format(target=target.label)
    heading.value = str(
        Markup('<div class="mct mct-title-row"><h2 class="mct-head">{}</h2><span>{}</span></div>').format(
            _("Play the session"), destination
        )
    )
    return heading


def _part(name: str) -> ipywidgets.HTML:
    part = ipywidgets.HTML()
    part.add_class("mct-part")
    part.add_class(name)
    return part
