"""Problems as lines of HTML, each with the button that applies its fix. ``browser.js`` handles the buttons."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mctoolkit._core.html import Markup, join
from mctoolkit.models.problem import Fix, Problem, Verdict
from mctoolkit.models.severity import LEVEL_LABELS
from mctoolkit.reporting.html.verdict import level_class

__all__ = ["find_fix", "problem_lines"]


def problem_lines(
    problems: Iterable[Problem], format_message: Callable[[Problem], str] = lambda problem: problem.message
) -> Markup:
    """Build a line of HTML for each problem: its level, its message and its fix button.

    Parameters
    ----------
    problems : iterable of Problem
        The problems to show.
    format_message : callable, optional
        Returns the text for a problem; its message by default.
    """
    return join(_line(problem, format_message(problem)) for problem in problems)


def find_fix(verdict: Verdict, name: str) -> Fix | None:
    """Return the fix that a button names, or None if its problem is already fixed."""
    return next((p.fix for p in verdict.problems if p.fix is not None and _fix_name(p, p.fix) == name), None)


def _line(problem: Problem, message: str) -> Markup:
    button = Markup("")
    if problem.fix is not None:
        button = Markup('<button type="button" class="mct-fix" data-mct-fix="{}">{}</button>').format(
            _fix_name(problem, problem.fix), problem.fix.label
        )
    return Markup('<div class="mct-problem {}"><span><b>{}:</b> {}</span>{}</div>').format(
        level_class(problem), str(LEVEL_LABELS[problem.level]), message, button
    )


def _fix_name(problem: Problem, fix: Fix) -> str:
    return f"{problem.rule} {problem.place!r} {fix.label}"
