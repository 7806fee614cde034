"""Quiz questions in the notebooks: the first wrong choice shows a hint, the second one the solution."""

from __future__ import annotations

import ipywidgets

from mctoolkit._core.html import Markup, join, style
from mctoolkit._core.messages import gettext as _
from mctoolkit.spec import catalog, loader
from mctoolkit.widgets.common.static_view import HIDE_STATIC_VIEW, NotebookOutput, static_view

__all__ = ["QuizQuestion"]

_HIDE_STATIC_VIEW = Markup("<style>{}</style>").format(Markup(HIDE_STATIC_VIEW))


class QuizQuestion(NotebookOutput):
    """A question with its choices, from ``spec/data/questions.toml``.

    Parameters
    ----------
    name : str
        Name of the question, such as ``"where-is-the-id"``.

    Raises
    ------
    UsageError
        The question does not exist.

    Examples
    --------
    >>> question = QuizQuestion("where-is-the-id")
    >>> question.choose("Location").startswith("Right.")
    True
    """

    def __init__(self, name: str) -> None:
        questions = loader.read("questions")
        if name not in questions:
            raise catalog.unknown_name_error("question", name, questions)
        self._texts: dict[str, str] = questions[name]
        self._wrong_choices = 0
        choices = self._texts["choices"].split("|")
        self._right = choices[0]
        self.choices = sorted(choices)
        self._radio = ipywidgets.RadioButtons(
            options=self.choices, value=None, description=self._texts["ask"], layout={"width": "auto"}
        )
        self._radio.add_class("mct-question")
        self._radio.observe(lambda change: self._show_feedback(self.choose(change["new"])), names="value")
        self._feedback = ipywidgets.HTML(f"{style()}{_HIDE_STATIC_VIEW}")
        self.widget = ipywidgets.VBox([self._radio, self._feedback])

    def choose(self, choice: str) -> str:
        """Choose one of :attr:`choices` and return the feedback."""
        if choice == self._right:
            return self._texts["right"]
        self._wrong_choices += 1
        return self._texts["hint" if self._wrong_choices == 1 else "answer"]

    def _show_feedback(self, text: str) -> None:
        html = Markup('{}{}<div class="mct" role="status">{}</div>').format(style(), _HIDE_STATIC_VIEW, text)
        self._feedback.value = str(html)

    def text_version(self) -> str:
        """Return the question and its choices."""
        return "\n".join([self._texts["ask"], *(f"  ( ) {choice}" for choice in self.choices)])

    def static_html(self) -> str:
        """Return the static view, which a notebook shows without a kernel."""
        choices = join(Markup("<li>{}</li>").format(choice) for choice in self.choices)
        content = Markup("<p>{}</p><ul>{}</ul>").format(self._texts["ask"], choices)
        return static_view(_("Quiz question. Click in the cell above and press Shift+Enter, then choose."), content)
