"""Finding and AuditedSession: the results of an audit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mctoolkit._core import clocks, display
from mctoolkit._core.messages import Message, ngettext
from mctoolkit._core.messages import gettext as _
from mctoolkit.models import masking
from mctoolkit.models.severity import LEVEL_LABELS, Level, rank, summarize

__all__ = ["MOST_ENTRIES", "TICKET_LABELS", "AuditedSession", "Finding", "in_words", "ranked"]

MOST_ENTRIES = 20
"""The maximum number of entries that a finding lists; ``count`` counts all."""

TICKET_LABELS = {
    "session": Message("Session"),
    "where": Message("Where"),
    "when": Message("First seen"),
    "response": Message("Response"),
    "effect": Message("In the reports"),
    "ask": Message("Ask the player team"),
    "rule": Message("Rule"),
    "source": Message("Source"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One violation of a rule in a session, with all events that it concerns.

    Attributes
    ----------
    rule : str
        The id of the rule: from ``spec/data/session_rules.toml``, from ``spec/data/rules.toml`` for a single body, or
        from a tracking plan.
    level : {"error", "warning", "hint"}
        Refused or lost; accepted, but the reports are wrong; allowed, worth checking.
    text : Message or str
        The message; ``message`` is its translation.
    effect_text, ask_text : Message or str
        The effect on the reports, and the request to the player team; ``effect`` and ``ask`` are their translations.
    source : str
        The documentation page of the rule.
    session_id : str or None
        The session id; None if the session has none, or if the finding is not about a session.
    entries : tuple of int
        The numbers of the first entries concerned, at most 20.
    count : int
        The number of entries concerned.
    at_ms : int or None
        The time of the first entry, in milliseconds since 1970.
    place : str
        The place in the body like an index, or empty.
    capture : str
        The file name if there are several files; otherwise empty.
    response : int or None
        The HTTP status of the first entry.
    session_key : str
        The session id, or ``#12`` for a sessionStart without one in entry 12.

    Examples
    --------
    >>> finding = Finding("ad-outside-break", "warning", "An ad started outside a break.", entries=(12, 15), count=2)
    >>> finding.where
    'Entries 12, 15'
    >>> finding.to_dict()["entries"]
    [12, 15]
    """

    rule: str
    level: Level
    text: str | Message
    effect_text: str | Message = ""
    ask_text: str | Message = ""
    source: str = ""
    session_id: str | None = None
    entries: tuple[int, ...] = ()
    count: int = 1
    at_ms: int | None = None
    place: str = ""
    capture: str = ""
    response: int | None = None
    session_key: str = ""

    @property
    def message(self) -> str:
        """The message: what is wrong, and where."""
        return str(self.text)

    @property
    def effect(self) -> str:
        """The effect on the reports."""
        return str(self.effect_text)

    @property
    def ask(self) -> str:
        """The request to the player team."""
        return str(self.ask_text)

    @property
    def cause(self) -> tuple[Level, str, str]:
        """The level, rule and place, by which findings are grouped."""
        return self.level, self.rule, self.place

    @property
    def is_problem(self) -> bool:
        """Whether it is an error or a warning."""
        return self.level != "hint"

    @property
    def level_in_words(self) -> str:
        """The label of the level."""
        return str(LEVEL_LABELS[self.level])

    @property
    def time_in_words(self) -> str:
        """The time of the first entry in UTC, and in local time if it differs; empty if unknown."""
        return (clocks.format_timestamp(self.at_ms) or "") if self.at_ms is not None else ""

    @property
    def where(self) -> str:
        """The entries as text: ``"Entries 12, 15"``; empty without entries."""
        if not self.entries:
            return ""
        text = ngettext("Entry {numbers}", "Entries {numbers}", len(self.entries)).format(
            numbers=", ".join(map(str, self.entries))
        )
        if self.count > len(self.entries):
            text += " " + _("(the first of {count})").format(count=self.count)
        return _("{entries} of {capture}").format(entries=text, capture=self.capture) if self.capture else text

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as JSON values."""
        return {
            "rule": self.rule,
            "level": self.level,
            "session": self.session_id or self.session_key or None,
            "capture": self.capture,
            "entries": list(self.entries),
            "count": self.count,
            "at_ms": self.at_ms,
            "place": self.place,
            "response": self.response,
            "message": self.message,
            "effect": self.effect,
            "ask": self.ask,
            "source": self.source,
        }

    def ticket(self) -> str:
        """Return the finding as text for a ticket, with the namespaces of hosts hidden."""
        facts = {
            "session": self.session_id or self.session_key,
            "where": self.where,
            "when": self.time_in_words,
            "response": str(self.response) if self.response is not None else "",
            "effect": self.effect,
            "ask": self.ask,
            "rule": self.rule,
            "source": self.source,
        }
        lines = [f"{self.level_in_words}: {self.message}"]
        lines += [f"{TICKET_LABELS[name]!s}: {value}" for name, value in facts.items() if value]
        return masking.mask_host("\n".join(lines))

    def __str__(self) -> str:
        return self.ticket()

    def _repr_html_(self) -> str:
        return display.to_html(self)


@dataclass(frozen=True, slots=True)
class AuditedSession:
    """One session of a capture with its findings.

    Attributes
    ----------
    key : str
        The session id, or ``#12`` for a sessionStart without one in entry 12.
    session_id : str or None
        The session id, if it has one.
    started_ms, last_ms : int or None
        The times of the first and the last event, in milliseconds since 1970.
    events : int
        The number of requests.
    entry : int
        The number of its first entry in the capture.
    has_start : bool
        Whether the capture has its sessionStart. Some rules need it.
    closed : str
        ``"end"``, ``"idle"``, ``"playhead"``; empty if it was open at the end of the capture.
    media_id, player : str
        The ``media.id`` and the name of the player; empty if unknown.
    capture : str
        The file name, if there are several files.
    findings : tuple of Finding
        The findings, most severe first.
    without_body : int
        The number of requests whose body is not in the capture. They cannot be audited.
    """

    key: str
    session_id: str | None
    started_ms: int | None
    last_ms: int | None
    events: int
    entry: int
    has_start: bool
    closed: str
    media_id: str
    player: str
    capture: str
    findings: tuple[Finding, ...]
    without_body: int = 0

    @property
    def lasted_ms(self) -> int | None:
        """The time from the first event to the last, in milliseconds."""
        if self.started_ms is None or self.last_ms is None:
            return None
        return self.last_ms - self.started_ms

    @property
    def ok(self) -> bool:
        """Whether there is neither an error nor a warning."""
        return not any(finding.is_problem for finding in self.findings)

    @property
    def verdict(self) -> str:
        """The counts of the findings: ``"2 errors, 1 hint"``, ``"in order"``, or that there was nothing to audit."""
        if self.without_body and not self.findings:
            if self.without_body == self.events:
                return _("not audited: the capture has no bodies")
            return ngettext(
                "in order, but {number} body is missing",
                "in order, but {number} bodies are missing",
                self.without_body,
            ).format(number=self.without_body)
        return in_words(self.findings)

    def to_dict(self) -> dict[str, Any]:
        """Return the session and its findings as JSON values."""
        return {
            "session": self.session_id or self.key,
            "key": self.key,
            "capture": self.capture,
            "started_ms": self.started_ms,
            "lasted_ms": self.lasted_ms,
            "events": self.events,
            "entry": self.entry,
            "has_start": self.has_start,
            "without_body": self.without_body,
            "closed": self.closed,
            "media_id": self.media_id,
            "player": self.player,
            "ok": self.ok,
            "findings": [finding.to_dict() for finding in self.findings],
        }


def ranked(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings sorted by level, most severe first, then by their first entries."""
    return tuple(sorted(findings, key=lambda f: (rank(f.level), f.entries[:1] or (0,), f.rule, f.place)))


def in_words(findings: Iterable[Finding]) -> str:
    """Return the number of findings of each level as text.

    Examples
    --------
    >>> in_words([Finding("x", "hint", "."), Finding("y", "error", ".")]), in_words([])
    ('1 error, 1 hint', 'in order')
    """
    return summarize(finding.level for finding in findings) or _("in order")
