"""Base class of panels that follow a sandbox."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Final, Self

import ipywidgets

from mctoolkit._core import clocks
from mctoolkit._core.html import style
from mctoolkit.sandbox import Sandbox
from mctoolkit.widgets.common.static_view import HIDE_STATIC_VIEW, NotebookOutput
from mctoolkit.widgets.common.styles import FORM_STYLE
from mctoolkit.widgets.common.timer import Timer

__all__ = ["LivePanel"]

_UPDATE_S: Final = 0.5
_STATIC_UPDATE_S: Final = 10.0
"""Interval between updates of the static view, which the notebook stores."""


class LivePanel(NotebookOutput):
    """A panel that updates twice a second until it, or the sandbox, is stopped.

    A subclass defines :meth:`text_version`, :meth:`static_html` and :meth:`_update`.

    Parameters
    ----------
    sandbox : Sandbox
        The sandbox to follow.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._lock = threading.Lock()
        self._timer = Timer(self._tick)

    def _assemble(self, *parts: tuple[ipywidgets.Box, str]) -> None:
        """Create the widget from its parts and their classes."""
        for part, name in parts:
            part.add_class("mct-part")
            part.add_class(name)
        sheet = ipywidgets.HTML(f"{style()}<style>{FORM_STYLE}{HIDE_STATIC_VIEW}</style>")
        self.widget = ipywidgets.VBox([sheet, *(part for part, _ in parts)])
        self.widget.add_class("mct-form")

    def _start(self, running: bool | None) -> None:
        """Show the current state and start the timer; with None, unless ``MCTOOLKIT_SEED`` is set."""
        if not clocks.SEED if running is None else running:
            self._timer.start()
        self.look()

    def _update(self, *, always: bool, ended: bool = False) -> None:
        """Read new data and show it; with ``always``, show it even if nothing is new."""
        raise NotImplementedError

    def look(self) -> None:
        """Update the panel now."""
        with self._lock:
            self._update(always=True)

    def stop(self) -> None:
        """Stop updating. The panel keeps its content."""
        self._timer.stop()
        self.look()
        self._update_static_view()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _ipython_display_(self) -> None:
        self.look()
        super()._ipython_display_()

    def _tick(self) -> float | None:
        ended = not self._sandbox.running
        with self._lock:
            self._update(always=ended, ended=ended)
        self._update_static_view(0 if ended else _STATIC_UPDATE_S)
        return None if ended else _UPDATE_S
