"""The guided checklist as a panel: the current step, buttons, and all steps with their results."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets

from mctoolkit._core.errors import UsageError
from mctoolkit._core.html import Markup
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit.auditing.checklist import Checklist
from mctoolkit.sandbox import Sandbox
from mctoolkit.widgets.common.live_region import LiveRegion
from mctoolkit.widgets.common.static_view import static_view
from mctoolkit.widgets.monitor.live_panel import LivePanel

__all__ = ["ChecklistPanel", "guided_check"]

_BUTTON_LABELS = {
    "next": Message("Done, next step"),
    "skip": Message("Not in this player"),
    "restart": Message("Start over"),
}


def guided_check(sandbox: Sandbox, player: str = "") -> ChecklistPanel:
    """Show a checklist: ten steps to perform with a player that sends to a sandbox.

    Parameters
    ----------
    sandbox : Sandbox
        A sandbox in this notebook; configure the player to send to ``sandbox.url``.
    player : str
        Name of the player in the report; by default the name that the player sends.

    Returns
    -------
    ChecklistPanel
        ``.card`` is the checklist; ``.card.save("card.html")`` writes a dated report.

    Raises
    ------
    UsageError
        ``sandbox`` is not a :class:`Sandbox`.

    Examples
    --------
    >>> with Sandbox() as sandbox, guided_check(sandbox, "living room") as panel:
    ...     panel.card.skip()
    ...     panel.card.current.step.id
    'playing'
    """
    if not isinstance(sandbox, Sandbox):
        raise UsageError(
            _("Expected a Sandbox, not {kind}. Create one: sandbox = Sandbox()").format(kind=type(sandbox).__name__)
        )
    return ChecklistPanel(sandbox, player)


class ChecklistPanel(LivePanel):
    """A checklist on screen; created by :func:`guided_check`.

    Parameters
    ----------
    sandbox : Sandbox
        Where the player sends.
    player : str
        Name of the player in the report.
    running : bool, optional
        Update twice a second. True by default, except with ``MCTOOLKIT_SEED``.
    """

    def __init__(self, sandbox: Sandbox, player: str = "", *, running: bool | None = None) -> None:
        super().__init__(sandbox)
        self.card = Checklist(sandbox, player)
        self._heading, self._steps = LiveRegion(), LiveRegion()
        self._next = self._button("next", self.card.next, button_style="primary")
        self._skip = self._button("skip", self.card.skip)
        self._restart = self._button("restart", self.card.restart)
        buttons = ipywidgets.Box([self._next, self._skip, self._restart])
        self._assemble(
            (ipywidgets.VBox([self._heading]), "mct-status"),
            (buttons, "mct-send"),
            (ipywidgets.VBox([self._steps]), "mct-steps"),
        )
        self._start(running)

    def text_version(self) -> str:
        """Return the checklist as text."""
        return self.card.text_version()

    def static_html(self) -> str:
        """Return the static view, which a notebook shows without a kernel."""
        content = Markup('<p class="mct-head">{}</p>{}').format(self.card.headline, self.card.to_html())
        note = _(
            "This is a static view of the checklist. To start the checklist again, click in the cell above and press "
            "Shift+Enter."
        )
        return static_view(note, content)

    def _button(self, name: str, action: Callable[[], object], button_style: str = "") -> ipywidgets.Button:
        label = str(_BUTTON_LABELS[name])
        button = ipywidgets.Button(description=label, button_style=button_style, layout={"width": "auto"})
        button.on_click(lambda _: self._run(action))
        return button

    def _run(self, action: Callable[[], object]) -> None:
        with self._lock:
            self.card.poll()
            if self.card.current is not None or action == self.card.restart:
                action()
            self._show()

    def _update(self, *, always: bool, ended: bool = False) -> None:
        if self.card.poll() or always:
            self._show()

    def _show(self) -> None:
        current = self.card.current
        sandbox = self.card.sandbox
        intro = (
            _("Configure the player to send to {url}. Each completed step is checked off automatically.").format(
                url=sandbox.url
            )
            if sandbox.running
            else _("The sandbox has stopped. Run the cell that starts it, then this cell again.")
        )
        message = current.message if current is not None else ""
        self._heading.value = str(
            Markup(
                '<div class="mct"><p class="{}">{}</p>'
                '<div role="status"><p class="mct-head">{}</p><p>{}</p></div></div>'
            ).format("mct-quiet" if sandbox.running else "mct-tip", intro, self.card.headline, message)
        )
        self._steps.value = str(Markup('<div class="mct">{}</div>').format(self.card.to_html()))
        self._next.layout.display = None if current is not None else "none"
        self._skip.layout.display = None if current is not None and current.step.optional else "none"
