"""The line on top of the form: ready or not, how many problems, and the way to each."""

from __future__ import annotations

import re

from mctoolkit._core.html import Markup, join
from mctoolkit._core.messages import gettext as _
from mctoolkit.models.draft import Draft
from mctoolkit.models.problem import Problem, Verdict
from mctoolkit.widgets.common.browser import STRAYS, TEXT, slug
from mctoolkit.widgets.form.text_repr import status_text

__all__ = ["status_html", "way_to", "where_shown"]

_PROBLEMS_NAMED = 3
"""How many problems the line names; the others stand at their fields."""


def status_html(draft: Draft, verdict: Verdict) -> str:
    """Build the line; the bridge works its buttons."""
    word, said = status_text(draft, verdict)
    rest = said
    if len(verdict.problems) == 1:  # then there is room for its words
        rest += (
            f": {_first_sentence(verdict.problems[0].message)}" if verdict.errors else f" {verdict.problems[0].message}"
        )
        named = [way_to(draft, verdict.problems[0])]
    else:
        named = [_named(draft, problem) for problem in verdict.problems[:_PROBLEMS_NAMED]]
    return str(
        Markup('<div class="mct"><span class="mct-word {}">{}</span>{} {}</div>').format(
            "mct-good" if verdict.ok else "mct-bad", word, rest, join(named, " ")
        )
    )


def way_to(draft: Draft, problem: Problem) -> Markup:
    """Make the button that goes to where a problem stands; the bridge works it."""
    return _way(draft, problem, _("Go there"))


def _named(draft: Draft, problem: Problem) -> Markup:
    """Name a problem, with the way to it."""
    field = next((field for field in draft.fields if field.place == problem.place), None)
    return _way(draft, problem, _("Go to: {what}").format(what=field.label if field else problem.where))


def _way(draft: Draft, problem: Problem, words: str) -> Markup:
    """Make the button that goes to a field, to the place of a slip in the JSON, or to what stands at no field."""
    name = where_shown(draft, problem)
    return Markup('<button type="button" class="mct-go" data-mct-go="{}">{}</button>').format(name, words)


def where_shown(draft: Draft, problem: Problem) -> str:
    """Return the name by which the bridge finds what a problem is about: a field, a label, the text, or the strays."""
    if problem.line is not None:
        return TEXT
    known = {field.place for field in draft.fields} | {("customMetadata", label) for label in draft.labels}
    return slug(problem.place) if problem.place in known else STRAYS


def _first_sentence(words: str) -> str:
    return re.split(r"(?<!\.)\.(?: |$)", words, maxsplit=1)[0] + "."  # "{ ... }" ends no sentence
