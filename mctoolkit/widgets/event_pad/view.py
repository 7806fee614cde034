"""The event pad on the screen: groups of buttons, a line that says what is going on, and what was sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

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
from mctoolkit.widgets.common.styles import FORM_STYLE
from mctoolkit.widgets.event_pad.text_repr import BUTTONS, GROUP_LABELS, PadState, Row, rows_html
from mctoolkit.widgets.form.static_html import HIDE_PICTURE

if TYPE_CHECKING:
    from mctoolkit.widgets.event_pad.event_pad import EventPad

__all__ = ["EventPadView"]

_FIRST: Final = {"seek": "30", "ad": "15", "chapter": "60", "state": "fullScreen", "bitrate": "4500000", "wait": "10"}
"""What the field beside a button holds at first."""

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
.mct-pad .mct-pad-said { align-items: center; display: flex; flex-flow: row wrap; gap: 4px 12px; min-height: 30px; }
.mct-pad .mct-pad-said .mct-pad-words { border: 0; flex: 1 1 20em; min-height: 0; padding: 0; }
.mct-pad .mct-pad-sent td:nth-child(-n+4) { white-space: nowrap; }
.mct-pad .mct-pad-sent .mct-scroll { max-height: 300px; overflow-y: auto; }
"""


_VALUE_LABELS = {
    "seek": Message("Seek to (s)"),
    "ad": Message("Length of the ad (s)"),
    "chapter": Message("Length of the chapter (s)"),
    "state": Message("Player state"),
    "bitrate": Message("Bits a second"),
    "wait": Message("Seconds"),
}


class EventPadView:
    """The widgets of an event pad.

    Parameters
    ----------
    pad : EventPad
        What is done to the widgets is done with it.
    target : Target
        Where it sends to.
    """

    def __init__(self, pad: EventPad, target: Target) -> None:
        self._pad = pad
        self._drawn = -1
        self.buttons = {name: self._button(name) for names in BUTTONS.values() for name in names}
        self.fields = {name: self._field(name) for name in _FIRST}
        self.run = _plain_button(lambda _: self._guarded(self._ran))
        self.move_on = _plain_button(lambda _: self._guarded(self._moved_on))
        self.move_on.description = _("Move the clock on")
        self.renew = _plain_button(lambda _: self._guarded(pad.resume))
        self.renew.button_style = "primary"
        self.mend = _plain_button(lambda _: self._guarded(pad.mend))
        self.mend.description = _("Mend it")
        defects = {name: defect.label for name, defect in DEFECTS.items()}
        self.defects = Dropdown(_("Break it"), _("choose"), defects, self._broke)
        self.status = _part("mct-pad-status")
        self.said = _part("mct-pad-words")
        self.sent = _part("mct-pad-sent")
        self._bridge = BrowserBridge(lambda _: None)
        self.widget = ipywidgets.VBox(
            [
                ipywidgets.HTML(f"{style()}<style>{FORM_STYLE}{HIDE_PICTURE}{_STYLE}</style>"),
                self._bridge,
                _head(target),
                self.status,
                self._groups(),
                _box("mct-part mct-pad-said", [self.defects.widget, self.mend, self.said]),
                self.sent,
            ]
        )
        self.widget.add_class("mct-form")
        self.widget.add_class("mct-pad")
        if not target.is_sandbox:
            self.widget.add_class("mct-real")

    def show(self, told: PadState, rows: Sequence[Row], *, announce: str = "") -> None:
        """Show how the pad is."""
        self.status.value = str(
            Markup('<div class="mct"><div><span class="mct-word {}">{}</span>{}</div><div>{} {}</div></div>').format(
                "mct-good" if told.good else "mct-bad",
                told.word,
                told.headline,
                told.open_words,
                Markup('<span class="{}">{}</span>').format(
                    "mct-tip" if told.defects else "mct-quiet", told.defect_words
                ),
            )
        )
        self.said.value = str(
            Markup('<div class="mct"><span class="{}">{}</span></div>').format(
                "mct-bad" if told.bad and not told.busy else "mct-quiet", told.busy or told.message
            )
        )
        for name, button in self.buttons.items():
            button.description = told.button(name)
            button.disabled = told.mode == "closed"
        self.run.description = _("Stop the time") if told.running else _("Let the time run")
        self.run.disabled = self.move_on.disabled = told.mode == "closed"
        self.move_on.layout.display = self.fields["wait"].layout.display = None if told.can_move else "none"
        self.renew.description = told.renewal
        self.renew.layout.display = None if told.renewal else "none"
        self.mend.layout.display = None if told.defects else "none"
        if len(rows) != self._drawn:
            self._drawn = len(rows)
            self.sent.value = rows_html(rows)
        if announce:
            self._bridge.announcement = announce

    def _groups(self) -> ipywidgets.Box:
        buttons, fields = self.buttons, self.fields
        inside = {
            "playback": [*(buttons[name] for name in ("play", "pause", "buffer")), self._pair("seek")],
            "ads": [buttons["ad-break"], self._pair("ad"), buttons["skip"]],
            "inside": [self._pair("chapter"), self._pair("state")],
            "quality": [self._pair("bitrate"), buttons["error"]],
            "end": [buttons["complete"], buttons["end"], self.renew],
            "time": [self.run, _box("mct-pad-pair", [fields["wait"], self.move_on])],
        }
        groups = [_group(str(GROUP_LABELS[name]), parts) for name, parts in inside.items()]
        return _box("mct-part mct-pad-groups", groups)

    def _pair(self, name: str) -> ipywidgets.Box:
        """Put a field and its button together, so that no line breaks between them."""
        return _box("mct-pad-pair", [self.fields[name], self.buttons[name]])

    def _button(self, name: str) -> ipywidgets.Button:
        return _plain_button(lambda _: self._guarded(lambda: self._pressed(name)))

    def _field(self, name: str) -> ipywidgets.Text:
        label = str(_VALUE_LABELS[name])
        options: dict[str, Any] = {"value": _FIRST[name], "description": label, "layout": {"width": "auto"}}
        if name == "state":
            known = catalog.parameter("media.state.name").values
            field = ipywidgets.Combobox(options=known, ensure_option=False, **options)
        else:
            field = ipywidgets.Text(**options)
        field.add_class("mct-inline")
        return field

    def _pressed(self, name: str) -> None:
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
        read = input_parsing.parse_number(text)
        if read is None:
            raise UsageError(_("{label}: this is no number: {text}").format(label=str(_VALUE_LABELS[name]), text=text))
        return read.value

    def _ran(self) -> None:
        if self._pad.running:
            self._pad.stop()
        else:
            self._pad.run()

    def _moved_on(self) -> None:
        self._pad.wait(self._number("wait"))

    def _broke(self, name: str) -> None:
        self._guarded(lambda: self._pad.break_it(name))

    def _guarded(self, act: Callable[[], None]) -> None:
        """Show an error in the pad: JupyterLab would hide it in a log that nobody opens."""
        try:
            act()
        except MctoolkitError as error:
            self._pad.complain(str(error))
        except Exception as error:  # noqa: BLE001  whatever it is, the person at the pad must see it
            self._pad.complain(f"{type(error).__name__}: {error}")


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


def _head(target: Target) -> ipywidgets.HTML:
    head = _part("mct-headline")
    goes_to = (
        _("Goes to the {target} on this computer") if target.is_sandbox else _("REAL HOST: goes to {target}")
    ).format(target=target.label)
    head.value = str(
        Markup('<div class="mct mct-over"><h2 class="mct-head">{}</h2><span>{}</span></div>').format(
            _("Play the session"), goes_to
        )
    )
    return head


def _part(name: str) -> ipywidgets.HTML:
    part = ipywidgets.HTML()
    part.add_class("mct-part")
    part.add_class(name)
    return part
