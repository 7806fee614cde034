"""The HTML view of a finding."""

from __future__ import annotations

from mctoolkit._core.html import Markup, details
from mctoolkit._core.messages import gettext as _
from mctoolkit.models.finding import Finding

__all__ = ["finding_html"]


def finding_html(finding: Finding) -> Markup:
    """Return the message of a finding, its effect, what to ask, and its text for a ticket."""
    where = ", ".join(part for part in (finding.where, finding.time_in_words) if part)
    effect = Markup("<p>{}: {}</p>").format(_("In the reports"), finding.effect) if finding.effect else ""
    ask = Markup("<p>{}: {}</p>").format(_("Ask the player team"), finding.ask) if finding.ask else ""
    return Markup('<p><span class="mct-word {}">{}</span>{} <span class="mct-quiet">{}</span></p>{}{}{}').format(
        "mct-bad" if finding.is_problem else "mct-tip",
        finding.level_in_words,
        finding.message,
        where,
        effect,
        ask,
        details(_("Text for the ticket"), Markup("<pre>{}</pre>").format(finding.ticket())),
    )
