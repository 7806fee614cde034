"""The HTML view of an event."""

from __future__ import annotations

from mctoolkit._core.html import Markup
from mctoolkit._core.messages import gettext as _
from mctoolkit.models import masking
from mctoolkit.models.event import Event

__all__ = ["event_html"]


def event_html(event: Event) -> Markup:
    """Return the body of an event with identifiers hidden."""
    return Markup('<p class="mct-quiet">{}</p><pre>{}</pre>').format(
        _("{type}, identifiers hidden").format(type=event.type or _("A body without eventType")),
        masking.mask_text(event.to_bytes()),
    )
