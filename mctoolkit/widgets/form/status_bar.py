"""The status line of the form: valid or not, the number of problems, and a button to each."""

from __future__ import annotations

import re

from mctoolkit._core.html import Markup, join
from mctoolkit._core.messages import gettext as _
from mctoolkit.models.draft import Draft
from mctoolkit.models.problem import Problem, Verdict
from mctoolkit.widgets.common.browser import JSON_TEXT, UNPLACED, slug
from mctoolkit.widgets.form.text_repr import status_text

__all__ = ["find_place_name", "link_to", "status_html"]

_MAX_LINKS = 3
"""How many problems the line links to; the others are shown at their fields."""


def status_html(draft: Draft, verdict: Verdict) -> str:
    """Build the status line; ``browser.js`` handles its buttons."""
    word, rest = status_text(draft, verdict)
    if len(verdict.problems) == 1:  # room for its message
        problem = verdict.problems[0]
        rest += f": {_first_sentence(problem.message)}" if verdict.errors else f" {problem.message}"
        links = [link_to(draft, problem)]
    else:
        links = [_named_link(draft, problem) for problem in verdict.problems[:_MAX_LINKS]]
    return str(
        Markup('<div class="mct"><span class="mct-word {}">{}</span>{} {}</div>').format(
            "mct-good" if verdict.ok else "mct-bad", word, rest, join(links, " ")
        )
    )


def link_to(draft: Draft, problem: Problem) -> Markup:
    """Make the button that goes to a problem."""
    return _link(draft, problem, _("Go there"))


def find_place_name(draft: Draft, problem: Problem) -> str:
    """Return the name of the place that shows a problem: a field, the JSON text or the list of unplaced problems."""
    if problem.line is not None:
        return JSON_TEXT
    known = {field.place for field in draft.fields} | {("customMetadata", label) for label in draft.labels}
    return slug(problem.place) if problem.place in known else UNPLACED


def _named_link(draft: Draft, problem: Problem) -> Markup:
    field = next((field for field in draft.fields if field.place == problem.place), None)
    return _link(draft, problem, _("Go to: {what}").format(what=field.label if field else problem.where))


def _link(draft: Draft, problem: Problem, label: str) -> Markup:
    name = find_place_name(draft, problem)
    return Markup('<button type="button" class="mct-go" data-mct-go="{}">{}</button>').format(name, label)


def _first_sentence(text: str) -> str:
    return re.split(r"(?<!\.)\.(?: |$)", text, maxsplit=1)[0] + "."  # "{ ... }" does not end a sentence
