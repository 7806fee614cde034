"""One HTML file that tells a person who does not know the API what is wrong with a player, and what to ask for.

It needs nothing else: no network, no other file, no program but a browser. Its one script copies the text of a ticket.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from mctoolkit._core import clocks, messages
from mctoolkit._core.html import Markup, details, join, shorten, style, table
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit._core.version import __version__
from mctoolkit.auditing.api import Audit, Group
from mctoolkit.models import masking
from mctoolkit.models.captured_request import CapturedRequest
from mctoolkit.models.finding import TICKET_LABELS, AuditedSession, Finding, in_words
from mctoolkit.models.severity import LEVEL_EFFECTS, LEVEL_LABELS, Level
from mctoolkit.reporting import charts
from mctoolkit.reporting.charts import hms
from mctoolkit.reporting.formats.html_assets import SCRIPT, SHEET

__all__ = ["html_report"]

MOST_LISTED: Final = 200
"""Rows of the list of sessions."""

MOST_PLACES: Final = 20
"""How many findings of one rule are named."""


_COLUMNS = {
    "session": Message("Session"),
    "programme": Message("Programme"),
    "player": Message("Player"),
    "started": Message("Started"),
    "lasted": Message("Lasted"),
    "events": Message("Events"),
    "verdict": Message("Verdict"),
}
_COUNTS = {
    "title": Message("What the player told the Media Collection API"),
    "why": Message(
        "A player tells Adobe's reports what a viewer does by small messages, called "
        "events. Adobe takes almost any event without complaint; whether a viewing makes "
        "sense as a whole shows up weeks later, in the reports. This page looks at each "
        "viewing (a session) as a whole."
    ),
    "in_short": Message("In short"),
    "nothing_judged": Message("There was no session to judge."),
    "all_in_order": Message("Nothing was found that would spoil the reports."),
    "most_urgent": Message("Start with number 1 below: the gravest stand first."),
    "sessions": Message("Sessions"),
    "sessions_caption": Message("Each session and its verdict"),
    "findings": Message("What was found, and what to ask"),
    "no_findings": Message("Nothing: every session is in order."),
    "where": Message("Where"),
    "also": Message("Also in:"),
    "copy": Message("Copy for the ticket"),
    "copied": Message("Copied"),
    "ticket": Message("The text of the ticket"),
    "timelines": Message("Session by session"),
    "timelines_note": Message(
        "Each picture shows one session from left to right. The numbers in it are those "
        "of the findings above. The table under each picture says the same in words."
    ),
    "not_judged": Message("What could not be read or judged"),
    "all_read": Message("Everything could be read, and every session is whole."),
    "about": Message("About this page"),
    "limits": Message(
        "The verdicts follow Adobe's public documentation. What Adobe's own servers do "
        "with an event beyond it is not known, and the sums here may differ from the "
        "reports."
    ),
    "pipeline_capture": Message("capture"),
    "pipeline_all": Message("all rules"),
    "pipeline_nothing": Message("nothing could be judged"),
}


def html_report(audit: Audit, calls: Iterable[CapturedRequest] = ()) -> str:
    """Return an audit as one HTML page that needs nothing else.

    Parameters
    ----------
    audit : Audit
        What :func:`mctoolkit.audit` returns.
    calls : iterable of CapturedRequest, optional
        The calls of the capture once more, such as :func:`mctoolkit.captures.read_requests` gives them, for the pictures
        of the sessions; without them there are none. Of at most 20 sessions the events are held in memory.

    Returns
    -------
    str
        The page, to be written as UTF-8. Identifiers of people and tenants, and the hosts of tenants, are hidden.
    """
    pictures = charts.timelines(audit, calls)
    parts = [
        _head(audit),
        _sessions(audit.sessions, {drawn.session.key for drawn in pictures}),
        _findings(audit),
        _timelines(pictures),
        _not_judged(audit),
        _about(),
    ]
    allowed = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    page = Markup(
        '<!DOCTYPE html>\n<html lang="{}">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        "script-src 'sha256-{}'; base-uri 'none'; form-action 'none'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{}</title>\n{}{}'
        '<style>{}</style>\n</head>\n<body class="mct mct-report">\n{}\n<script>{}</script>\n</body>\n</html>\n'
    ).format(
        messages.language(),
        Markup(allowed),
        _("What the player told the Media Collection API"),
        style(),
        charts.timeline_style(),
        Markup(SHEET),
        join(parts, "\n"),
        Markup(SCRIPT),
    )
    return _encodable(masking.mask_host(str(page)))


# --- the parts -------------------------------------------------------------------------------------------------------


def _head(audit: Audit) -> Markup:
    now = clocks.in_words(clocks.default_clock().now_ms()) or ""
    made = _("Made on {date} by mctoolkit {version}, a practice tool that is not Adobe's.").format(
        date=now, version=__version__
    )
    found = {finding.level for finding in audit.findings}
    meanings = [
        Markup("<li>{} {}</li>").format(_level(level), str(effect))
        for level, effect in LEVEL_EFFECTS.items()
        if level in found
    ]
    return Markup(
        '<header><h1>{}</h1><p class="mct-quiet">{}</p><p>{}</p></header>\n'
        '<main>\n<section aria-labelledby="short"><h2 id="short">{}</h2>{}{}</section>'
    ).format(
        _("What the player told the Media Collection API"),
        made,
        _(
            "A player tells Adobe's reports what a viewer does by small messages, called events. "
            "Adobe takes almost any event without complaint; whether a viewing makes sense as a "
            "whole shows up weeks later, in the reports. This page looks at each viewing (a session) "
            "as a whole."
        ),
        _("In short"),
        join(Markup("<p>{}</p>").format(sentence) for sentence in _in_short(audit)),
        Markup("<ul>{}</ul>").format(join(meanings)) if meanings else "",
    )


def _in_short(audit: Audit) -> Iterator[str]:
    yield audit.summary
    if not audit.sessions:
        yield _("There was no session to judge.")
    elif not audit.findings:
        yield _("Nothing was found that would spoil the reports.")
    else:
        good = sum(session.ok for session in audit.sessions)
        words = in_words(audit.findings)
        yield _("{good} of {number} in order. Found: {message}.").format(
            number=len(audit.sessions), good=good, message=words
        )
    if audit.findings and not audit.ok:
        yield _("Start with number 1 below: the gravest stand first.")
    if audit.resolved:
        yield _("Accepted in the baseline, but not found any more: {rules}. Take it out there.").format(
            rules=", ".join(audit.resolved)
        )


def _sessions(sessions: Sequence[AuditedSession], drawn: set[str]) -> Markup:
    if not sessions:
        return Markup("")
    listed = sorted(sessions, key=lambda session: session.ok)[:MOST_LISTED] if len(sessions) > MOST_LISTED else sessions
    header = [
        str(_COLUMNS[name]) for name in ("session", "programme", "player", "started", "lasted", "events", "verdict")
    ]
    rows = [
        (
            Markup('<a href="#session-{}">{}</a>').format(_anchor(session.key), _short(session))
            if session.key in drawn
            else _short(session),
            shorten(session.media_id, 60),
            shorten(session.player, 40),
            (clocks.in_words(session.started_ms) or "") if session.started_ms is not None else "",
            hms(session.lasted_ms / 1000) if session.lasted_ms is not None else "",
            str(session.events),
            Markup('<span class="{}">{}</span>').format("mct-good" if session.ok else "mct-bad", session.verdict),
        )
        for session in listed
    ]
    more = len(sessions) - len(listed)
    rest = (
        Markup("<p>{}</p>").format(
            _("... and {number} more sessions without problems, not listed here.").format(number=more)
        )
        if more
        else ""
    )
    return _section("sessions", join([table(_("Each session and its verdict"), header, rows), rest]))


def _findings(audit: Audit) -> Markup:
    if not audit.sessions:
        return Markup("")
    if not audit.groups:
        return _section("findings", Markup("<p>{}</p>").format(_("Nothing: every session is in order.")))
    return _section("findings", join(_group(number, group) for number, group in enumerate(audit.groups, 1)))


def _group(number: int, group: Group) -> Markup:
    first = group.first
    if first.response is not None:
        said = (
            _("{status} (it does not look at the order)").format(status=204)
            if first.response == 204
            else str(first.response)
        )
        response = Markup("<p><b>{}:</b> {}</p>").format(_("The API answered"), said)
    else:
        response = Markup("")
    asked = [response] + [
        Markup("<p><b>{}:</b> {}</p>").format(str(TICKET_LABELS[name]), getattr(first, name))
        for name in ("effect", "ask")
        if getattr(first, name)
    ]
    places = [Markup("<li>{}</li>").format(_place(finding, group)) for finding in group.findings[:MOST_PLACES]]
    if len(group.findings) > MOST_PLACES:
        more = _("... and {number} more.").format(number=len(group.findings) - MOST_PLACES)
        places.append(Markup("<li>{}</li>").format(more))
    return Markup(
        '<article class="mct-finding" aria-labelledby="finding-{0}"><h3 id="finding-{0}"><span class="mct-number">{0}'
        '</span> {1} {2}</h3>{3}<p><b>{4}:</b></p><ul>{5}</ul>{6}<p class="mct-quiet">{7}</p></article>'
    ).format(
        number,
        _level(first.level),
        first.message,
        join(asked),
        _("Where"),
        join(places),
        _ticket(number, group),
        _("Rule {rule}. Source: {source}").format(rule=first.rule, source=first.source),
    )


def _place(finding: Finding, group: Group) -> str:
    """Return where a finding is: session, entries, time; and what it says where that is not what the heading says."""
    parts = [_short_id(finding.session_id) if finding.session_id else "", finding.where, finding.time_in_words]
    place = ", ".join(part for part in parts if part)
    return f"{place}: {finding.message}" if finding.message != group.first.message else place


def _ticket(number: int, group: Group) -> Markup:
    text = group.first.ticket()
    others = group.findings[1:MOST_PLACES]
    if others:
        text += "\n" + "\n".join([_("Also in:"), *(f"- {_place(other, group)}" for other in others)])
    button = Markup(
        '<button type="button" class="mct-take" data-take="ticket-{}" data-done="{}" hidden>{}</button>'
        ' <span role="status" class="mct-quiet"></span>'
    ).format(number, _("Copied"), _("Copy for the ticket"))
    written = details(_("The text of the ticket"), Markup('<pre id="ticket-{}">{}</pre>').format(number, text))
    return Markup('<div class="mct-ticket">{}{}</div>').format(button, written)


def _timelines(pictures: charts.Timelines) -> Markup:
    if not pictures:
        return Markup("")
    parts = [
        Markup("<p>{}</p>").format(
            _(
                "Each picture shows one session from left to right. The numbers in it are those of the "
                "findings above. The table under each picture says the same in words."
            )
        )
    ]
    for drawn in pictures:
        picture = drawn.to_html(with_findings=False)
        parts.append(Markup('<div id="session-{}">{}</div>').format(_anchor(drawn.session.key), picture))
    if pictures.left_out:
        parts.append(
            Markup("<p>{}</p>").format(
                _("{number} more sessions have no picture here; those with findings come first.").format(
                    number=pictures.left_out
                )
            )
        )
    return _section("timelines", join(parts))


def _not_judged(audit: Audit) -> Markup:
    items = [*audit.advice, *map(str, audit.tally.unreadable_entries[1:])]  # the advice names the first
    partial = [
        _("{session}: its beginning is not in the capture, so some rules could not be applied.").format(
            session=_short(session)
        )
        for session in audit.sessions
        if not session.has_start
    ] + [
        _("{session}: it was still going on when the capture ended. That is no fault of the player.").format(
            session=_short(session)
        )
        for session in audit.sessions
        if not session.closed
    ]
    items += partial[:MOST_PLACES]
    if len(partial) > MOST_PLACES:
        items.append(_("... and {number} more sessions that are not whole.").format(number=len(partial) - MOST_PLACES))
    if not items:
        return _section(
            "not_judged", Markup("<p>{}</p>").format(_("Everything could be read, and every session is whole."))
        )
    return _section(
        "not_judged", Markup("<ul>{}</ul>").format(join(Markup("<li>{}</li>").format(item) for item in items))
    )


def _about() -> Markup:
    sentences = (
        _(
            "Names of viewers, companies and hosts are hidden as {hidden}. Programmes, ads, players "
            "and session ids are shown."
        ).format(hidden=masking.HIDDEN),
        _(
            "The verdicts follow Adobe's public documentation. What Adobe's own servers do with an "
            "event beyond it is not known, and the sums here may differ from the reports."
        ),
    )
    return join([_section("about", join(Markup("<p>{}</p>").format(each) for each in sentences)), Markup("</main>")])


def _section(name: str, content: Markup) -> Markup:
    return Markup('<section aria-labelledby="{0}"><h2 id="{0}">{1}</h2>{2}</section>').format(
        name, str(_COUNTS[name]), content
    )


def _level(level: Level) -> Markup:
    tone = "mct-tip" if level == "hint" else "mct-bad"
    return Markup('<span class="mct-word {}">{}</span>').format(tone, str(LEVEL_LABELS[level]))


def _short(session: AuditedSession) -> str:
    name = _short_id(session.session_id or session.key)
    return f"{session.capture}: {name}" if session.capture else name


def _short_id(session_id: str) -> str:
    return shorten(session_id, 13)


def _anchor(key: str) -> str:
    """Return a part of an address for any key: one may hold blanks or marks."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:12]


def _encodable(page: str) -> str:
    """Return the page so that it can be written as UTF-8: half a surrogate pair cannot."""
    return page.encode("utf-8", "replace").decode("utf-8")
