"""A question to check oneself by: a wrong answer gets a hint, a second one the answer."""

from __future__ import annotations

from typing import Any

import ipywidgets

from mctoolkit._core.html import Markup, join, style
from mctoolkit._core.messages import gettext as _
from mctoolkit.spec import catalog, loader
from mctoolkit.widgets.form.static_html import HIDE_PICTURE, sleeping

__all__ = ["Question"]

_HIDDEN = Markup("<style>{}</style>").format(Markup(HIDE_PICTURE))


class Question:
    """One question with its choices, from ``spec/data/questions.toml``.

    Parameters
    ----------
    name : str
        Which question, such as ``"where-is-the-id"``.

    Raises
    ------
    UsageError
        There is no such question.

    Examples
    --------
    >>> question = Question("where-is-the-id")
    >>> question.choose("Server")
    "Not this one. Open 'All headers, one by one' in the answer, and look for your session id."
    >>> question.choose("Location")
    'Right. The id stands in Location, behind /sessions/.'
    """

    def __init__(self, name: str) -> None:
        questions = loader.read("questions")
        if name not in questions:
            raise catalog.unknown_name_error("question", name, questions)
        self._words: dict[str, str] = questions[name]
        self._wrong = 0
        choices = self._words["choices"].split("|")
        self._right = choices[0]
        self.choices = sorted(choices)
        self._radio = ipywidgets.RadioButtons(
            options=self.choices, value=None, description=self._words["ask"], layout={"width": "auto"}
        )
        self._radio.add_class("mct-question")
        self._radio.observe(lambda change: self._show(self.choose(change["new"])), names="value")
        self._told = ipywidgets.HTML(f"{style()}{_HIDDEN}")
        self.widget = ipywidgets.VBox([self._radio, self._told])

    def choose(self, choice: str) -> str:
        """Take an answer, and return what is said to it."""
        if choice == self._right:
            return self._words["right"]
        self._wrong += 1
        return self._words["hint" if self._wrong == 1 else "answer"]

    def _show(self, words: str) -> None:
        shown = Markup('{}{}<div class="mct" role="status">{}</div>').format(style(), _HIDDEN, words)
        self._told.value = str(shown)

    def __repr__(self) -> str:
        return "\n".join([self._words["ask"], *(f"  ( ) {choice}" for choice in self.choices)])

    def _ipython_display_(self) -> None:
        """Leave two outputs: the question, and the picture of it that a notebook without a kernel shows."""
        from IPython.display import HTML, display

        display(self._repr_mimebundle_(), raw=True)  # type: ignore[no-untyped-call]
        choices = join(Markup("<li>{}</li>").format(choice) for choice in self.choices)
        picture = Markup("<p>{}</p><ul>{}</ul>").format(self._words["ask"], choices)
        asleep = _("A question to check yourself. Click in the cell above it and press Shift+Enter, then choose.")
        display(HTML(sleeping(asleep, picture)))  # type: ignore[no-untyped-call]

    def _repr_mimebundle_(self, **options: Any) -> Any:
        shown = self.widget._repr_mimebundle_(**options)
        bundle = shown[0] if isinstance(shown, tuple) else shown
        return {**bundle, "text/plain": repr(self)}
