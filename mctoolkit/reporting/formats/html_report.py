"""Write an audit as one HTML file, for readers who do not know the API.

The file needs no network and no other file. Its only script copies the text of a ticket.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from mctoolkit._core import clocks, messages
from mctoolkit._core.html import Markup, details, join, shorten, style, table
from mctoolkit._core.messages import gettext as _
from mctoolkit._core.version import __version__
from mctoolkit.auditing.api import Audit, Group
from mctoolkit.models import masking
from mctoolkit.models.captured_request import CapturedRequest
from mctoolkit.models.finding import TICKET_LABELS, AuditedSession, Finding, in_words
from mctoolkit.models.severity import LEVEL_EFFECTS, LEVEL_LABELS, Level
from mctoolkit.reporting import charts
from mctoolkit.reporting.charts.labels import format_duration, short_id
from mctoolkit.reporting.formats.html_assets import SCRIPT, STYLE_SHEET

__all__ = ["to_html_report"]

MAX_SESSIONS: Final = 200
"""Rows of the table of sessions."""

MAX_PLACES: Final = 20
"""Findings of one group that are listed."""


def to_html_report(audit: Audit, requests: Iterable[CapturedRequest] = ()) -> str:
    """Return an audit as one self-contained HTML page.

    Parameters
    ----------
    audit : Audit
        The result of :func:`mctoolkit.audit`.
    requests : iterable of CapturedRequest, optional
        The requests of the same capture, from :func:`mctoolkit.captures.read_requests`. The page then has a timeline
        of the first 20 sessions, those with findings first. Only the events of these are held in memory.

    Returns
    -------
    str
        The page; write it as UTF-8. The identifiers of viewers and companies, and the hosts of companies, are hidden.

    Examples
    --------
    >>> from mctoolkit import audit
    >>> body = {"eventType": "adStart", "playerTime": {"playhead": 0, "ts": 1509045334153}}
    >>> to_html_report(audit([body]))[:15]
    '<!DOCTYPE html>'
    """
    timelines = charts.timelines(audit, requests)
    parts = [
        _header(audit),
        _sessions(audit.sessions, {timeline.session.key for timeline in timelines}),
        _findings(audit),
        _timelines(timelines),
        _not_audited(audit),
        _about(),
    ]
    script_hash = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    page = Markup(
        '<!DOCTYPE html>\n<html lang="{}">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        "script-src 'sha256-{}'; base-uri 'none'; form-action 'none'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{}</title>\n{}{}'
        '<style>{}</style>\n</head>\n<body class="mct mct-report">\n{}\n<script>{}</script>\n</body>\n</html>\n'
    ).format(
        messages.language(),
        Markup(script_hash),
        _("Audit of Media Collection API sessions"),
        style(),
        charts.timeline_style(),
        Markup(STYLE_SHEET),
        join(parts, "\n"),
        Markup(SCRIPT),
    )
    # A lone surrogate in a captured body cannot be written as UTF-8.
    return masking.mask_host(str(page)).encode("utf-8", "replace").decode("utf-8")


def _header(audit: Audit) -> Markup:
    made = _("Made on {date} with mctoolkit {version}, which is not a product of Adobe.").format(
        date=clocks.format_timestamp(clocks.default_clock().now_ms()) or "", version=__version__
    )
    introduction = _(
        "A player reports what a viewer does as events. The API accepts almost every event. Whether a session as a "
        "whole makes sense shows only weeks later, in the reports. This report checks each session as a whole."
    )
    levels = {finding.level for finding in audit.findings}
    meanings = [
        Markup("<li>{} {}</li>").format(_level(level), str(effect))
        for level, effect in LEVEL_EFFECTS.items()
        if level in levels
    ]
    summary = join(Markup("<p>{}</p>").format(sentence) for sentence in _summary(audit))
    legend = Markup("<ul>{}</ul>").format(join(meanings)) if meanings else ""
    return Markup('<header><h1>{}</h1><p class="mct-quiet">{}</p><p>{}</p></header>\n<main>\n{}').format(
        _("Audit of Media Collection API sessions"),
        made,
        introduction,
        _section("summary", _("Summary"), join([summary, legend])),
    )


def _summary(audit: Audit) -> Iterator[str]:
    yield audit.summary
    if not audit.sessions:
        yield _("The capture contains no session.")
    elif not audit.findings:
        yield _("No findings.")
    else:
        good = sum(session.ok for session in audit.sessions)
        yield _("{good} of {number} sessions in order. Found: {findings}.").format(
            number=len(audit.sessions), good=good, findings=in_words(audit.findings)
        )
    if audit.findings and not audit.ok:
        yield _("Findings are sorted by severity: start with number 1.")
    if audit.resolved:
        yield _("In the baseline, but no longer found: {rules}. Remove them from the baseline.").format(
            rules=", ".join(audit.resolved)
        )


def _sessions(sessions: Sequence[AuditedSession], with_timeline: set[str]) -> Markup:
    if not sessions:
        return Markup("")
    too_many = len(sessions) > MAX_SESSIONS
    listed = sorted(sessions, key=lambda session: session.ok)[:MAX_SESSIONS] if too_many else sessions
    header = (_("Session"), _("Content"), _("Player"), _("Started"), _("Duration"), _("Events"), _("Result"))
    rows = [
        (
            Markup('<a href="#session-{}">{}</a>').format(_anchor(session.key), _name(session))
            if session.key in with_timeline
            else _name(session),
            shorten(session.media_id, 60),
            shorten(session.player, 40),
            (clocks.format_timestamp(session.started_ms) or "") if session.started_ms is not None else "",
            format_duration(session.lasted_ms / 1000) if session.lasted_ms is not None else "",
            str(session.events),
            Markup('<span class="{}">{}</span>').format("mct-good" if session.ok else "mct-bad", session.verdict),
        )
        for session in listed
    ]
    parts = [table(_("Each session and its result"), header, rows)]
    if too_many:
        rest = _("{number} more sessions are not listed; sessions with problems come first.").format(
            number=len(sessions) - len(listed)
        )
        parts.append(Markup("<p>{}</p>").format(rest))
    return _section("sessions", _("Sessions"), join(parts))


def _findings(audit: Audit) -> Markup:
    if not audit.sessions:
        return Markup("")
    content = (
        join(_group(number, group) for number, group in enumerate(audit.groups, 1))
        if audit.groups
        else Markup("<p>{}</p>").format(_("Every session is in order."))
    )
    return _section("findings", _("Findings"), content)


def _group(number: int, group: Group) -> Markup:
    first = group.first
    facts = {"effect": first.effect, "ask": first.ask}
    if first.response is not None:
        status = str(first.response)
        # A reader who sees 204 beside an error needs to know why the API accepted it.
        accepted = _("{status} (the API does not check the order of events)").format(status=status)
        facts = {"response": accepted if first.response == 204 else status, **facts}
    paragraphs = join(
        Markup("<p><b>{}:</b> {}</p>").format(str(TICKET_LABELS[name]), text) for name, text in facts.items() if text
    )
    places = [_place(finding, group) for finding in group.findings[:MAX_PLACES]]
    if len(group.findings) > MAX_PLACES:
        places.append(_("... and {number} more.").format(number=len(group.findings) - MAX_PLACES))
    return Markup(
        '<article class="mct-finding" aria-labelledby="finding-{0}"><h3 id="finding-{0}"><span class="mct-number">{0}'
        '</span> {1} {2}</h3>{3}<p><b>{4}:</b></p>{5}{6}<p class="mct-quiet">{7}</p></article>'
    ).format(
        number,
        _level(first.level),
        first.message,
        paragraphs,
        str(TICKET_LABELS["where"]),
        _list(places),
        _ticket(number, group),
        _("Rule {rule}. Source: {source}").format(rule=first.rule, source=first.source),
    )


def _place(finding: Finding, group: Group) -> str:
    """Return session, entries and time of a finding, and its message if it differs from the heading."""
    parts = [short_id(finding.session_id) if finding.session_id else "", finding.where, finding.time_in_words]
    place = ", ".join(part for part in parts if part)
    return f"{place}: {finding.message}" if finding.message != group.first.message else place


def _ticket(number: int, group: Group) -> Markup:
    text = group.first.ticket()
    others = group.findings[1:MAX_PLACES]
    if others:
        text += "\n" + "\n".join([_("Also in:"), *(f"- {_place(other, group)}" for other in others)])
    button = Markup(
        '<button type="button" data-copy="ticket-{}" data-copied="{}" hidden>{}</button>'
        ' <span role="status" class="mct-quiet"></span>'
    ).format(number, _("Copied"), _("Copy ticket text"))
    written = details(_("Ticket text"), Markup('<pre id="ticket-{}">{}</pre>').format(number, text))
    return Markup('<div class="mct-ticket">{}{}</div>').format(button, written)


def _timelines(timelines: charts.Timelines) -> Markup:
    if not timelines:
        return Markup("")
    introduction = _(
        "Each timeline shows one session from left to right. Its numbers are those of the findings above. The table "
        "under each timeline contains the same information as text."
    )
    parts = [Markup("<p>{}</p>").format(introduction)]
    parts += [
        Markup('<div id="session-{}">{}</div>').format(
            _anchor(timeline.session.key), timeline.to_html(with_findings=False)
        )
        for timeline in timelines
    ]
    if timelines.omitted:
        rest = _("{number} more sessions have no timeline here; sessions with findings come first.").format(
            number=timelines.omitted
        )
        parts.append(Markup("<p>{}</p>").format(rest))
    return _section("timelines", _("Timelines"), join(parts))


def _not_audited(audit: Audit) -> Markup:
    items = [*audit.advice, *map(str, audit.stats.unreadable_entries[1:])]  # the advice contains the first
    incomplete = [
        _("{session}: its start is not in the capture, so some rules were not applied.").format(session=_name(session))
        for session in audit.sessions
        if not session.has_start
    ] + [
        _("{session}: the capture ends before the session does. This is not an error of the player.").format(
            session=_name(session)
        )
        for session in audit.sessions
        if not session.closed
    ]
    items += incomplete[:MAX_PLACES]
    if len(incomplete) > MAX_PLACES:
        items.append(_("... and {number} more incomplete sessions.").format(number=len(incomplete) - MAX_PLACES))
    everything = Markup("<p>{}</p>").format(_("Everything was read, and every session is complete."))
    return _section("not-audited", _("Not read or incomplete"), _list(items) if items else everything)


def _about() -> Markup:
    sentences = (
        _(
            "The names of viewers, companies and hosts are hidden as {hidden}. Content, ads, players and session ids "
            "are shown."
        ).format(hidden=masking.HIDDEN),
        _(
            "The findings follow Adobe's public documentation. How Adobe's servers process an event beyond that is not "
            "known, and the totals may differ from the reports."
        ),
    )
    content = join(Markup("<p>{}</p>").format(sentence) for sentence in sentences)
    return join([_section("about", _("About this report"), content), Markup("</main>")])


def _section(id_: str, heading: str, content: Markup) -> Markup:
    return Markup('<section aria-labelledby="{0}"><h2 id="{0}">{1}</h2>{2}</section>').format(id_, heading, content)


def _list(items: Iterable[str]) -> Markup:
    return Markup("<ul>{}</ul>").format(join(Markup("<li>{}</li>").format(item) for item in items))


def _level(level: Level) -> Markup:
    tone = "mct-tip" if level == "hint" else "mct-bad"
    return Markup('<span class="mct-word {}">{}</span>').format(tone, str(LEVEL_LABELS[level]))


def _name(session: AuditedSession) -> str:
    name = short_id(session.session_id or session.key)
    return f"{session.capture}: {name}" if session.capture else name


def _anchor(key: str) -> str:
    """Return a URL fragment for a session key, which may contain any character."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:12]
