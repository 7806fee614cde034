"""Static views: plain HTML that a saved notebook shows while it has no kernel.

A saved notebook keeps outputs but no widgets. Each widget leaves two outputs: itself and a static view. With a kernel,
the style sheet of the widget hides the static view. Without one, the style sheet of the static view hides JupyterLab's
placeholder for the widget. GitHub removes styles and shows the static view as a table.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from mctoolkit._core.html import Markup, style
from mctoolkit.widgets.common.styles import JSON_STYLE

if TYPE_CHECKING:
    from IPython.display import DisplayHandle

__all__ = ["HIDE_STATIC_VIEW", "NotebookOutput", "static_view"]

HIDE_STATIC_VIEW = ".mct-static { display: none; }"
"""Part of the style sheet of each widget."""

_STYLE = (
    JSON_STYLE
    + """
.jp-OutputArea-child:has(+ .jp-OutputArea-child .mct-static):not(:has(.mct-form, .mct-question))
  { display: none; }
.mct.mct-static { border: 1px solid var(--jp-border-color2, #ddd); border-radius: 4px; max-width: none; padding: 0; }
.mct-static > * { margin: 0; padding: 8px 12px; }
.mct-static > * + * { border-top: 1px solid var(--jp-border-color2, #ddd); }
.mct-static .mct-static-note { background: var(--jp-warn-color3, #fff3cd); color: #3d2c00; font-weight: 600;
  margin: 0; }
.mct-static .mct-static-button { border: 1px solid var(--jp-border-color1, #bbb); border-radius: 3px;
  display: inline-block; padding: 2px 10px; }
.mct-static-row { align-items: baseline; display: flex; flex-wrap: wrap; gap: 4px 12px;
  justify-content: space-between; }
.mct-static-row p { margin: 0; }
.mct-static-panes { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20em), 1fr)); padding: 0; }
.mct-static-panes > * { box-sizing: border-box; max-height: 340px; overflow: auto; padding: 8px 12px; }
.mct-static-panes > * + * { border-left: 1px solid var(--jp-border-color2, #ddd); }
.mct-static-panes .mct-scroll { overflow: visible; }
.mct .mct-static-panes pre { background: none; font-size: 12px; margin: 0; padding: 4px 0 0; }
.mct-static-panes :is(table, tbody) { display: block; }
.mct .mct-static-panes :is(caption, thead) { display: none; }
.mct-static-panes tr { background: none !important; display: grid; gap: 0 8px; grid-template-columns: auto 1fr auto;
  margin-bottom: 12px; padding: 0; }
.mct-static .mct-static-panes table.mct-table td { border: 0; max-width: none; padding: 0; }
.mct-static-panes td:nth-child(1) { font-weight: 600; }
.mct-static-panes td:nth-child(2) code { background: none; color: var(--jp-ui-font-color2, #555); font-size: 12px;
  padding: 0; }
.mct-static-panes td:nth-child(4) { color: var(--jp-ui-font-color2, #555); }
.mct-static .mct-static-panes table.mct-table td:nth-child(3) { border: 1px solid var(--jp-border-color1, #bbb);
  grid-column: 1 / -1; grid-row: 2; padding: 3px 8px; }
"""
)


def static_view(note: str, content: Markup) -> str:
    """Return HTML that is visible only without a kernel; the note says how to start the widget."""
    return str(
        Markup('{}<style>{}</style><div class="mct mct-static"><p class="mct-static-note">{}</p>{}</div>').format(
            style(), Markup(_STYLE), note, content
        )
    )


class NotebookOutput:
    """Displays ``widget`` in a notebook, followed by its static view for when there is no kernel."""

    widget: Any
    _handle: DisplayHandle | None = None
    _displayed_html = ""
    _updated_s = 0.0

    def text_version(self) -> str:
        """Return the content as text."""
        raise NotImplementedError

    def static_html(self) -> str:
        """Return the static view, which a notebook shows without a kernel."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.text_version()

    def _repr_mimebundle_(self, **options: Any) -> Any:
        output = self.widget._repr_mimebundle_(**options)
        bundle = output[0] if isinstance(output, tuple) else output
        return {**bundle, "text/plain": self.text_version()}

    def _ipython_display_(self) -> None:
        from IPython.display import HTML, DisplayHandle, display

        display(self._repr_mimebundle_(), raw=True)  # type: ignore[no-untyped-call]
        self._displayed_html, self._updated_s = self.static_html(), time.monotonic()
        self._handle = DisplayHandle()  # type: ignore[no-untyped-call]
        self._handle.display(HTML(self._displayed_html))  # type: ignore[no-untyped-call]

    def _update_static_view(self, min_interval_s: float = 0) -> None:
        """Replace the displayed static view if it has changed and the last update is at least this long ago."""
        if self._handle is None or time.monotonic() - self._updated_s < min_interval_s:
            return
        from IPython.display import HTML

        self._updated_s = time.monotonic()
        html = self.static_html()
        if html != self._displayed_html:
            self._displayed_html = html
            self._handle.update(HTML(html))  # type: ignore[no-untyped-call]
