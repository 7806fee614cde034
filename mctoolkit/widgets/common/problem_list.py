"""Problems where they stand: a line each, with the button that mends it. The bridge works the buttons."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mctoolkit._core.html import Markup, join
from mctoolkit.models.problem import Fix, Problem, Verdict
from mctoolkit.models.severity import LEVEL_LABELS
from mctoolkit.reporting.html.verdict import level_class

__all__ = ["mend_of", "problem_lines"]


def problem_lines(problems: Iterable[Problem], words: Callable[[Problem], str] = lambda one: one.message) -> Markup:
    """Build a line of HTML for each problem: its level, what is wrong, and the button that mends it.

    Parameters
    ----------
    problems : iterable of Problem
        What to tell.
    words : callable, optional
        Says what is wrong; as the problem has it by default.
    """
    return join(_line(problem, words(problem)) for problem in problems)


def mend_of(verdict: Verdict, name: str) -> Fix | None:
    """Return the fix that a button has named, or None where what it mends is not wrong any more."""
    return next((p.fix for p in verdict.problems if p.fix is not None and _name(p, p.fix) == name), None)


def _line(problem: Problem, words: str) -> Markup:
    mend = Markup("")
    if problem.fix is not None:
        mend = Markup('<button type="button" class="mct-mend" data-mct-mend="{}">{}</button>').format(
            _name(problem, problem.fix), problem.fix.label
        )
    return Markup('<div class="mct-told {}"><span><b>{}:</b> {}</span>{}</div>').format(
        level_class(problem), str(LEVEL_LABELS[problem.level]), words, mend
    )


def _name(problem: Problem, fix: Fix) -> str:
    return f"{problem.rule} {problem.place!r} {fix.label}"
