"""What is reported of a session: its findings so far, kept when the session is closed."""

from __future__ import annotations

from dataclasses import dataclass, field

from mctoolkit._core.messages import Message
from mctoolkit.models.captured_request import CapturedRequest
from mctoolkit.models.finding import MOST_ENTRIES, AuditedSession, Finding, ranked
from mctoolkit.models.session import Closing
from mctoolkit.models.severity import Level
from mctoolkit.spec import session_rules

__all__ = ["FindingBuilder", "SessionReport"]


@dataclass(slots=True)
class FindingBuilder:
    """A finding while its entries are still being counted; see :class:`mctoolkit.models.finding.Finding`.

    Attributes
    ----------
    numbers : tuple of int
        The first entries concerned, 20 at most.
    count : int
        The number of entries concerned.
    spans : list of (int, int)
        For a finding about a part of the session: the first and the last entry of each such part.
    """

    rule: str
    level: Level
    message: str | Message
    effect: str | Message
    ask: str | Message
    source: str
    place: str
    at_ms: int | None
    response: int | None
    numbers: tuple[int, ...] = ()
    count: int = 0
    spans: list[tuple[int, int]] = field(default_factory=list)

    def add(self, number: int) -> None:
        """Count one more entry."""
        if self.count < MOST_ENTRIES and self.numbers[-1:] != (number,):
            self.numbers += (number,)
        self.count += 1


class SessionReport:
    """What is reported of one session; it is kept when the session is closed.

    Attributes
    ----------
    findings : dict or None
        By rule and key; None while nothing was found.
    closing : Closing or None
        Set when the session is closed and its events are no longer checked.
    """

    __slots__ = (
        "capture",
        "closing",
        "entry",
        "events",
        "findings",
        "has_start",
        "key",
        "last_ms",
        "media_id",
        "player",
        "session_id",
        "started_ms",
        "why_closed",
        "without_body",
    )

    def __init__(self, request: CapturedRequest, key: str, has_start: bool) -> None:
        self.key = key
        self.session_id = request.session_id
        self.capture = request.source
        self.entry = request.number
        self.has_start = has_start
        self.started_ms: int | None = None
        self.last_ms: int | None = None
        self.events = 0
        self.media_id = ""
        self.player = ""
        self.findings: dict[tuple[str, str], FindingBuilder] | None = None
        self.closing: Closing | None = None
        self.why_closed = ""
        self.without_body = 0

    def find(self, rule: str, key: str = "") -> FindingBuilder | None:
        """Return the finding of a rule, or None."""
        return self.findings.get((rule, key)) if self.findings else None

    def add(self, finding: FindingBuilder, key: str, number: int) -> None:
        """Add a finding with its first entry."""
        if self.findings is None:
            self.findings = {}
        self.findings[finding.rule, key] = finding
        finding.add(number)

    def flag(
        self,
        rule: str,
        number: int,
        at_ms: int | None,
        response: int | None = None,
        /,
        key: str = "",
        variant: str = "default",
        place: str = "",
        **values: object,
    ) -> FindingBuilder:
        """Report that an entry violates a session rule; later entries are counted with the first.

        Parameters
        ----------
        rule : str
            The id of a rule in ``spec/data/session_rules.toml``.
        number, at_ms, response : int
            The entry, when it was sent, and the status of its response.
        key : str
            Separates the findings of one rule, such as the name of a parameter.
        variant : str
            Which message of the rule applies.
        place : str
            The place in the body.
        **values
            The values in the texts of the rule, taken from the first entry.
        """
        finding = self.find(rule, key)
        if finding is not None:
            finding.add(number)
            return finding
        known = session_rules.rule(rule)
        message, effect, ask = (known.message(name, **values) for name in (variant, "effect", "ask"))
        finding = FindingBuilder(rule, known.level, message, effect, ask, known.source, place, at_ms, response)
        self.add(finding, key, number)
        return finding

    def flag_entries_of(self, finding: FindingBuilder, rule: str, /, **values: object) -> FindingBuilder:
        """Report a rule for the entries of another finding, which the rule explains."""
        made = self.flag(rule, finding.numbers[0], finding.at_ms, finding.response, "", "default", "", **values)
        made.numbers, made.count = finding.numbers, finding.count
        return made

    def withdraw(self, rule: str) -> None:
        """Remove a finding that turned out to be wrong."""
        if self.findings:
            self.findings.pop((rule, ""), None)

    def to_session(self) -> AuditedSession:
        """Return the session with its findings, the most severe first."""
        found = [
            Finding(
                finding.rule,
                finding.level,
                finding.message,
                finding.effect,
                finding.ask,
                finding.source,
                self.session_id,
                finding.numbers,
                finding.count,
                finding.at_ms,
                finding.place,
                self.capture,
                finding.response,
                self.key,
            )
            for finding in (self.findings or {}).values()
        ]
        return AuditedSession(
            key=self.key,
            session_id=self.session_id,
            started_ms=self.started_ms,
            last_ms=self.last_ms,
            events=self.events,
            entry=self.entry,
            has_start=self.has_start,
            closed=self.why_closed,
            media_id=self.media_id,
            player=self.player,
            capture=self.capture,
            findings=ranked(found),
            without_body=self.without_body,
        )
