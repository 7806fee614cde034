"""What panels have in common that follow a sandbox by themselves: a ticker, a frame, a picture for the night."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Final, Self

import ipywidgets

from mctoolkit._core import clocks
from mctoolkit._core.html import style
from mctoolkit.sandbox import Sandbox
from mctoolkit.widgets.common.styles import FORM_STYLE
from mctoolkit.widgets.common.timer import Timer
from mctoolkit.widgets.form.static_html import HIDE_PICTURE, StaticSnapshot

__all__ = ["LivePanel"]

_LOOK_S: Final = 0.5
"""How often the page is brought up to date, whatever comes in between."""

_PICTURE_S: Final = 10.0
"""How often the picture of it is, which is stored in the notebook."""


class LivePanel:
    """A panel that looks at a sandbox twice a second until it is stopped, or the sandbox is.

    A panel of this kind has :meth:`picture` and ``__repr__``, and says in :meth:`_look` what there is to see.

    Parameters
    ----------
    sandbox : Sandbox
        What is looked at.
    """

    widget: ipywidgets.VBox

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._lock = threading.Lock()
        self._album = StaticSnapshot(self.picture)
        self._ticker = Timer(self._tick)

    def _assemble(self, *parts: tuple[ipywidgets.Box, str]) -> None:
        """Put the parts, each with its class, into the frame that forms have."""
        for part, name in parts:
            part.add_class("mct-part")
            part.add_class(name)
        sheet = ipywidgets.HTML(f"{style()}<style>{FORM_STYLE}{HIDE_PICTURE}</style>")
        self.widget = ipywidgets.VBox([sheet, *(part for part, _ in parts)])
        self.widget.add_class("mct-form")

    def _begin(self, running: bool | None) -> None:
        """Show what there is, and begin to look; None: unless a seed is set, for notebooks must not depend on when."""
        if not clocks.SEED if running is None else running:
            self._ticker.start()
        self.look()

    def _look(self, *, always: bool, ended: bool = False) -> None:
        """Take in what is new and show it; ``always``: also when nothing is new."""
        raise NotImplementedError

    def picture(self) -> str:
        """Return it as it looks, as HTML that needs no kernel."""
        raise NotImplementedError

    def look(self) -> None:
        """Bring it up to date now."""
        with self._lock:
            self._look(always=True)

    def stop(self) -> None:
        """Look no more; what was seen stays."""
        self._ticker.stop()
        self.look()
        self._album.renew()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _ipython_display_(self) -> None:
        """Leave two outputs: the panel, and the picture of it that a notebook without a kernel shows."""
        from IPython.display import display

        self.look()
        display({**self.widget._repr_mimebundle_(), "text/plain": repr(self)}, raw=True)  # type: ignore[no-untyped-call]
        self._album.show()

    def _tick(self) -> float | None:
        ended = not self._sandbox.running
        with self._lock:
            self._look(always=ended, ended=ended)
        self._album.renew(at_most_each_s=0 if ended else _PICTURE_S)
        return None if ended else _LOOK_S
