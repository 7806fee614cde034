"""The line on top of the form: ready or not, how many problems, and the way to each."""

from __future__ import annotations

from mctoolkit import texts
from mctoolkit.drafts import Draft
from mctoolkit.markup import Markup, join
from mctoolkit.problems import Problem, Verdict
from mctoolkit.widgets.bridge import slug
from mctoolkit.widgets.outline import status_text, unplaced

__all__ = ["status_html"]

_PROBLEMS_NAMED = 3
"""How many problems the line names; the others stand at their fields."""


def status_html(draft: Draft, verdict: Verdict) -> str:
    """Build the line; its buttons are worked by the bridge."""
    word, rest = status_text(draft, verdict)
    named = [_named(draft, verdict, problem) for problem in verdict.problems[:_PROBLEMS_NAMED]]
    return str(
        Markup('<div class="mct"><span class="mct-word {}">{}</span>{} {}</div>').format(
            "mct-good" if verdict.ok else "mct-bad", word, rest, join(named, " ")
        )
    )


def _named(draft: Draft, verdict: Verdict, problem: Problem) -> Markup:
    """Name a problem, with the way to its field where it has one."""
    if problem in unplaced(draft, verdict):
        return Markup("<span>{}</span>").format(problem.where)
    field = next((field for field in draft.fields if field.place == problem.place), None)
    return Markup('<button type="button" class="mct-go" data-mct-go="{}">{}</button>').format(
        slug(problem.place), texts.say("form.go_to", what=field.label if field else problem.where)
    )
