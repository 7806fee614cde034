"""Finding and AuditedSession: what is wrong with a session, where, what it does to the reports and whom to ask what."""

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
"""How many numbers of entries a finding names; ``count`` counts all."""

TICKET_LABELS = {
    "session": Message("Session"),
    "where": Message("Where"),
    "when": Message("First seen"),
    "response": Message("The API answered"),
    "effect": Message("In the reports"),
    "ask": Message("Ask the player team"),
    "rule": Message("Rule"),
    "source": Message("Source"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One cause of trouble in one session, with every event that it concerns.

    Attributes
    ----------
    rule : str
        The id of the rule: one of ``spec/data/session_rules.toml``, one of ``spec/data/rules.toml`` for what is wrong with a
        single body, or one of a company's own.
    level : {"error", "warning", "hint"}
        Refused or lost; accepted, but the reports are wrong; allowed, worth checking.
    text : Message or str
        What is wrong and where; ``words`` shows it in the language in use.
    effect_text, ask_text : Message or str
        What it does to the reports, and what to ask of the people who make the player; shown by ``effect`` and ``ask``.
    source : str
        The page that makes it a rule.
    session_id : str or None
        The session; None where it has no id, or where no session is concerned.
    entries : tuple of int
        The numbers of the first entries of the capture concerned, 20 at most.
    count : int
        How many entries are concerned in all.
    at_ms : int or None
        When the first of them was sent, in milliseconds since 1970.
    place : str
        The place in the body as one would index it, or empty.
    capture : str
        The name of the file, where there are several; otherwise empty.
    response : int or None
        The status with which the API answered the first of them.
    session_key : str
        What stands for the session in the capture: its id, or ``#12`` for a sessionStart in entry 12 without one.

    Examples
    --------
    >>> finding = Finding("ad-outside-break", "warning", "An ad began outside a break.", entries=(12, 15), count=2)
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
        """What is wrong and where, in plain words."""
        return str(self.text)

    @property
    def effect(self) -> str:
        """What it does to the reports."""
        return str(self.effect_text)

    @property
    def ask(self) -> str:
        """What to ask of the people who make the player."""
        return str(self.ask_text)

    @property
    def cause(self) -> tuple[Level, str, str]:
        """What it has in common with the findings of its group: level, rule and place."""
        return self.level, self.rule, self.place

    @property
    def is_problem(self) -> bool:
        """Whether it is an error or a warning."""
        return self.level != "hint"

    @property
    def level_in_words(self) -> str:
        """The level as people read it."""
        return str(LEVEL_LABELS[self.level])

    @property
    def time_in_words(self) -> str:
        """When the first of its entries was sent, in UTC and, where it differs, here; empty when nobody knows."""
        return (clocks.format_timestamp(self.at_ms) or "") if self.at_ms is not None else ""

    @property
    def where(self) -> str:
        """The entries of the capture, in words; empty when it concerns none."""
        if not self.entries:
            return ""
        words = ngettext("Entry {numbers}", "Entries {numbers}", len(self.entries)).format(
            numbers=", ".join(map(str, self.entries))
        )
        if self.count > len(self.entries):
            words += " " + _("(the first of {count})").format(count=self.count)
        return _("{entries} of {capture}").format(entries=words, capture=self.capture) if self.capture else words

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as JSON values, for machines."""
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
        """Return the finding as text for a ticket: what, where, its effect, what to do, rule and source; masked."""
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
    """One session of a capture, and what was found in it.

    Attributes
    ----------
    key : str
        What tells it from the others of the capture: its id, or ``#12`` for a sessionStart in entry 12 without one.
    session_id : str or None
        Its id, where it has one.
    started_ms, last_ms : int or None
        When its first and its last event were sent, in milliseconds since 1970.
    events : int
        How many requests it has.
    entry : int
        The entry of the capture with which it begins.
    has_start : bool
        Whether its sessionStart is in the capture. Without it, some rules cannot be applied.
    closed : str
        ``"end"``, ``"idle"``, ``"playhead"``; or empty for one that was still open when the capture ended.
    media_id, player : str
        What was played on which player, where the capture says so.
    capture : str
        The name of the file, where there are several.
    findings : tuple of Finding
        The gravest first.
    without_body : int
        Of how many of its requests the capture lacks the body, so that nothing can be told of them.
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
        """From the first event to the last."""
        if self.started_ms is None or self.last_ms is None:
            return None
        return self.last_ms - self.started_ms

    @property
    def ok(self) -> bool:
        """Whether there is neither an error nor a warning."""
        return not any(finding.is_problem for finding in self.findings)

    @property
    def verdict(self) -> str:
        """What was found, in words: ``"2 errors, 1 hint"``, ``"in order"``, or that nothing could be judged."""
        if self.without_body and not self.findings:
            whole = self.without_body == self.events
            return (
                _("not judged: the capture has no bodies")
                if whole
                else ngettext(
                    "in order, as far as can be told: {number} body is missing",
                    "in order, as far as can be told: {number} bodies are missing",
                    self.without_body,
                ).format(number=self.without_body)
            )
        return in_words(self.findings)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values, its findings too."""
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
    """Return findings with the gravest first, and those of one level in the order of their first entries."""
    return tuple(sorted(findings, key=lambda f: (rank(f.level), f.entries[:1] or (0,), f.rule, f.place)))


def in_words(findings: Iterable[Finding]) -> str:
    """Return the number of findings of each level as text.

    Examples
    --------
    >>> in_words([Finding("x", "hint", "."), Finding("y", "error", ".")]), in_words([])
    ('1 error, 1 hint', 'in order')
    """
    return summarize(finding.level for finding in findings) or _("in order")
