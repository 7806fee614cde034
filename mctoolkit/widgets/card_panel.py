"""The test card as a panel: what to read aloud, two buttons, and the steps ticking themselves."""

from __future__ import annotations

import os
import threading
from types import TracebackType
from typing import Final, Self

import ipywidgets

from mctoolkit import clocks, texts
from mctoolkit.errors import MisuseError
from mctoolkit.markup import Markup, style
from mctoolkit.sandbox import Sandbox
from mctoolkit.testcard import TestCard
from mctoolkit.widgets.live import Live
from mctoolkit.widgets.picture import HIDE_PICTURE, Album, sleeping
from mctoolkit.widgets.style import FORM_STYLE
from mctoolkit.widgets.ticker import Ticker

__all__ = ["CardPanel", "guided_check"]

_LOOK_S: Final = 0.5
_PICTURE_S: Final = 10


def guided_check(sandbox: Sandbox, player: str = "") -> CardPanel:
    """Show a test card: ten steps to read aloud to whoever holds a player that sends to a sandbox.

    Parameters
    ----------
    sandbox : Sandbox
        One that runs in this notebook; point the player at ``sandbox.url``.
    player : str
        How the sheet calls the player; what the player calls itself when empty.

    Returns
    -------
    CardPanel
        ``.card`` is the card itself; ``.card.save("card.html")`` writes the dated sheet.

    Raises
    ------
    MisuseError
        It is no sandbox.

    Examples
    --------
    >>> with Sandbox() as sandbox, guided_check(sandbox, "living room") as panel:
    ...     panel.card.skip()
    ...     panel.card.current.step.id
    'playing'
    """
    if not isinstance(sandbox, Sandbox):
        raise MisuseError(texts.say("watching.no_sandbox", kind=type(sandbox).__name__))
    return CardPanel(sandbox, player)


class CardPanel:
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
        self.card = TestCard(sandbox, player)
        self._lock = threading.Lock()
        self._head, self._steps = Live(), Live()
        self._album = Album(self.picture)
        self._next = self._button("next", self.card.next, style_="primary")
        self._skip = self._button("skip", self.card.skip)
        self._restart = self._button("restart", self.card.restart)
        top = ipywidgets.VBox([self._head])
        buttons = ipywidgets.Box([self._next, self._skip, self._restart])
        steps = ipywidgets.VBox([self._steps])
        for part, name in ((top, "mct-status"), (buttons, "mct-send"), (steps, "mct-steps")):
            part.add_class("mct-part")
            part.add_class(name)
        self.widget = ipywidgets.VBox(
            [ipywidgets.HTML(f"{style()}<style>{FORM_STYLE}{HIDE_PICTURE}</style>"), top, buttons, steps]
        )
        self.widget.add_class("mct-form")
        self._ticker = Ticker(self._tick)
        self._show()
        if not os.environ.get(clocks.SEED_VARIABLE) if running is None else running:
            self._ticker.start()

    def look(self) -> None:
        """Bring it up to date now."""
        with self._lock:
            self.card.look()
            self._show()

    def stop(self) -> None:
        """Look no more; what was seen stays."""
        self._ticker.stop()
        self._album.renew()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return self.card.outline()

    def _ipython_display_(self) -> None:
        """Leave two outputs: the panel, and the picture of it that a notebook without a kernel shows."""
        from IPython.display import display

        self.look()
        display({**self.widget._repr_mimebundle_(), "text/plain": repr(self)}, raw=True)  # type: ignore[no-untyped-call]
        self._album.show()

    def picture(self) -> str:
        """Return it as it looks, as HTML that needs no kernel."""
        content = Markup('<p class="mct-head">{}</p>{}').format(self.card.headline, self.card.to_html())
        return sleeping(texts.say("test_card.asleep"), content)

    def _button(self, name: str, do: object, style_: str = "") -> ipywidgets.Button:
        words = texts.say(f"test_card.button_{name}")
        button = ipywidgets.Button(description=words, button_style=style_, layout={"width": "auto"})
        button.on_click(lambda _: self._do(do))
        return button

    def _do(self, what: object) -> None:
        with self._lock:
            self.card.look()
            if callable(what) and (self.card.current is not None or what == self.card.restart):
                what()
            self._show()

    def _tick(self) -> float | None:
        with self._lock:
            news = self.card.look()
            ended = not self.card.sandbox.running
            if news or ended:
                self._show()
        self._album.renew(at_most_each_s=_PICTURE_S if not ended else 0)
        return None if ended else _LOOK_S

    def _show(self) -> None:
        current = self.card.current
        sandbox = self.card.sandbox
        intro = texts.say("test_card.intro", url=sandbox.url) if sandbox.running else texts.say("test_card.ended")
        words = current.words if current is not None else ""
        self._head.value = str(
            Markup(
                '<div class="mct"><p class="{}">{}</p>'
                '<div role="status"><p class="mct-head">{}</p><p>{}</p></div></div>'
            ).format("mct-quiet" if sandbox.running else "mct-tip", intro, self.card.headline, words)
        )
        self._steps.value = str(Markup('<div class="mct">{}</div>').format(self.card.to_html()))
        self._next.layout.display = None if current is not None else "none"
        self._skip.layout.display = None if current is not None and current.step.optional else "none"
