"""The HTML view of a verdict, and of a list of problems."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mctoolkit._core.html import Markup, join
from mctoolkit._core.messages import gettext as _
from mctoolkit.models.problem import Problem, Verdict
from mctoolkit.models.severity import LEVEL_LABELS

__all__ = ["level_class", "problem_list", "verdict_html"]


def verdict_html(verdict: Verdict) -> Markup:
    """Return the summary of a verdict and the list of its problems."""
    return Markup('<p class="mct-head"><span class="mct-word {}">{}</span>{}</p>{}').format(
        "mct-good" if verdict.ok else "mct-bad",
        _("OK") if verdict.ok else _("Problem"),
        verdict.headline,
        problem_list(verdict.problems),
    )


def level_class(problem: Problem) -> str:
    """Return the CSS class that gives a problem the color of its level."""
    return "mct-bad" if problem.level == "error" else "mct-tip"


def problem_list(problems: Sequence[Problem], after: Callable[[Problem], str] = lambda _: "") -> Markup:
    """Return a list of problems: level, place, message and fix of each.

    Parameters
    ----------
    problems : sequence of Problem
        The problems, in order.
    after : callable, optional
        Returns what follows each item, such as a link to its field: Markup, or text to be escaped.
    """
    if not problems:
        return Markup("")
    items = join(
        Markup('<li><span class="{}"><b>{}</b></span> <code>{}</code>: {}{}{}</li>').format(
            level_class(problem),
            str(LEVEL_LABELS[problem.level]),
            problem.where,
            problem.message,
            Markup(' <span class="mct-quiet">{}</span>').format(_("Fix: {label}").format(label=problem.fix.label))
            if problem.fix
            else "",
            after(problem),
        )
        for problem in problems
    )
    return Markup("<ul>{}</ul>").format(items)
