"""The test card as a panel: what to read aloud, two buttons, and the steps ticking themselves."""

from __future__ import annotations

import ipywidgets

from mctoolkit._core.errors import UsageError
from mctoolkit._core.html import Markup
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit.auditing.checklist import Checklist
from mctoolkit.sandbox import Sandbox
from mctoolkit.widgets.common.live_region import LiveRegion
from mctoolkit.widgets.form.static_html import sleeping
from mctoolkit.widgets.monitor.live_panel import LivePanel

__all__ = ["ChecklistPanel", "guided_check"]


_BUTTONS = {
    "next": Message("Done, go on"),
    "skip": Message("Not in this player"),
    "restart": Message("Begin again"),
}


def guided_check(sandbox: Sandbox, player: str = "") -> ChecklistPanel:
    """Show a test card: ten steps to read aloud to whoever holds a player that sends to a sandbox.

    Parameters
    ----------
    sandbox : Sandbox
        One that runs in this notebook; point the player at ``sandbox.url``.
    player : str
        How the sheet calls the player; what the player calls itself when empty.

    Returns
    -------
    ChecklistPanel
        ``.card`` is the card itself; ``.card.save("card.html")`` writes the dated sheet.

    Raises
    ------
    UsageError
        It is no sandbox.

    Examples
    --------
    >>> with Sandbox() as sandbox, guided_check(sandbox, "living room") as panel:
    ...     panel.card.skip()
    ...     panel.card.current.step.id
    'playing'
    """
    if not isinstance(sandbox, Sandbox):
        raise UsageError(
            _("There is nothing to watch in a {kind}. Begin with: sandbox = Sandbox()").format(
                kind=type(sandbox).__name__
            )
        )
    return ChecklistPanel(sandbox, player)


class ChecklistPanel(LivePanel):
    """A test card on the screen; made by :func:`guided_check`.

    Parameters
    ----------
    sandbox : Sandbox
        Where the player sends to.
    player : str
        How the sheet calls the player.
    running : bool, optional
        Look by itself, twice a second. By default it does, except under ``MCTOOLKIT_SEED``.
    """

    def __init__(self, sandbox: Sandbox, player: str = "", *, running: bool | None = None) -> None:
        super().__init__(sandbox)
        self.card = Checklist(sandbox, player)
        self._head, self._steps = LiveRegion(), LiveRegion()
        self._next = self._button("next", self.card.next, style_="primary")
        self._skip = self._button("skip", self.card.skip)
        self._restart = self._button("restart", self.card.restart)
        buttons = ipywidgets.Box([self._next, self._skip, self._restart])
        self._assemble(
            (ipywidgets.VBox([self._head]), "mct-status"),
            (buttons, "mct-send"),
            (ipywidgets.VBox([self._steps]), "mct-steps"),
        )
        self._begin(running)

    def __repr__(self) -> str:
        return self.card.text_version()

    def picture(self) -> str:
        """Return it as it looks, as HTML that needs no kernel."""
        content = Markup('<p class="mct-head">{}</p>{}').format(self.card.headline, self.card.to_html())
        return sleeping(
            _(
                "This is a picture of the test card. Click in the cell above it and press Shift+Enter to "
                "begin it again."
            ),
            content,
        )

    def _button(self, name: str, do: object, style_: str = "") -> ipywidgets.Button:
        words = str(_BUTTONS[name])
        button = ipywidgets.Button(description=words, button_style=style_, layout={"width": "auto"})
        button.on_click(lambda _: self._do(do))
        return button

    def _do(self, what: object) -> None:
        with self._lock:
            self.card.look()
            if callable(what) and (self.card.current is not None or what == self.card.restart):
                what()
            self._show()

    def _look(self, *, always: bool, ended: bool = False) -> None:
        if self.card.look() or always:
            self._show()

    def _show(self) -> None:
        current = self.card.current
        sandbox = self.card.sandbox
        intro = (
            _("Point the player at {url}, read each step aloud, and watch it tick itself.").format(url=sandbox.url)
            if sandbox.running
            else _(
                "The sandbox has stopped, so nothing comes any more. Run the cell that starts it, then this one again."
            )
        )
        words = current.message if current is not None else ""
        self._head.value = str(
            Markup(
                '<div class="mct"><p class="{}">{}</p>'
                '<div role="status"><p class="mct-head">{}</p><p>{}</p></div></div>'
            ).format("mct-quiet" if sandbox.running else "mct-tip", intro, self.card.headline, words)
        )
        self._steps.value = str(Markup('<div class="mct">{}</div>').format(self.card.to_html()))
        self._next.layout.display = None if current is not None else "none"
        self._skip.layout.display = None if current is not None and current.step.optional else "none"
