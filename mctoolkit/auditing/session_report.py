"""What is reported of a session: its causes of trouble so far, kept when the session is over."""

from __future__ import annotations

from mctoolkit._core.messages import Message
from mctoolkit.models.captured_request import CapturedRequest
from mctoolkit.models.finding import MOST_ENTRIES, AuditedSession, Finding, ranked
from mctoolkit.models.session import Closing
from mctoolkit.models.severity import Level
from mctoolkit.spec import session_rules

__all__ = ["Cause", "SessionReport"]


class Cause:
    """One cause of trouble so far: what to say, and the entries concerned."""

    __slots__ = (
        "ask",
        "at_ms",
        "count",
        "effect",
        "level",
        "message",
        "numbers",
        "place",
        "response",
        "rule",
        "source",
    )

    def __init__(
        self,
        rule: str,
        level: Level,
        words: str | Message,
        effect: str | Message,
        ask: str | Message,
        source: str,
        place: str,
        at_ms: int | None,
    ) -> None:
        self.rule = rule
        self.level = level
        self.message = words
        self.effect = effect
        self.ask = ask
        self.source = source
        self.place = place
        self.at_ms = at_ms
        self.response: int | None = None
        self.numbers: tuple[int, ...] = ()
        self.count = 0

    def concerns(self, number: int) -> None:
        """Count one more entry."""
        if self.count < MOST_ENTRIES and self.numbers[-1:] != (number,):
            self.numbers += (number,)
        self.count += 1


class SessionReport:
    """What is reported of one session; it stays when the session is over.

    Attributes
    ----------
    causes : dict or None
        By rule and place; None for a session in which nothing was found.
    closing : Closing or None
        Set when the session is over and no longer watched.
    """

    __slots__ = (
        "capture",
        "causes",
        "closing",
        "entry",
        "events",
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

    def __init__(self, call: CapturedRequest, key: str, has_start: bool) -> None:
        self.key = key
        self.session_id = call.session_id
        self.capture = call.source
        self.entry = call.number
        self.has_start = has_start
        self.started_ms: int | None = None
        self.last_ms: int | None = None
        self.events = 0
        self.media_id = ""
        self.player = ""
        self.causes: dict[tuple[str, str], Cause] | None = None
        self.closing: Closing | None = None
        self.why_closed = ""
        self.without_body = 0

    def cause(self, rule: str, key: str = "") -> Cause | None:
        """Return what was found by a rule at a place, or None."""
        return self.causes.get((rule, key)) if self.causes else None

    def add(self, cause: Cause, key: str, number: int, response: int | None) -> None:
        """Keep a new cause."""
        if self.causes is None:
            self.causes = {}
        self.causes[cause.rule, key] = cause
        cause.response = response
        cause.concerns(number)

    def drop(self, rule: str, since: int = 0) -> None:
        """Forget what was found by a rule, in entries from a number on: it follows from another cause."""
        cause = self.cause(rule)
        if self.causes and cause is not None and cause.numbers[0] >= since:
            del self.causes[rule, ""]

    def replace(self, rule: str, better: str, **values: object) -> None:
        """Say of what was found by a rule what another one says, of the same entries."""
        known = self.cause(rule)
        if known is None:
            return
        self.drop(rule)
        for number in known.numbers:
            self.note(better, number, known.at_ms, known.response, "", "default", "", **values)
        made = self.cause(better)
        if made is not None:
            made.count += known.count - len(known.numbers)

    def note(
        self,
        rule: str,
        number: int,
        at_ms: int | None,
        response: int | None = None,
        key: str = "",
        variant: str = "default",
        place: str = "",
        **values: object,
    ) -> None:
        """Count an entry for a rule of ``spec/data/session_rules.toml``; the first one makes the words."""
        known = self.cause(rule, key)
        if known is not None:
            known.concerns(number)
            return
        fact = session_rules.rule(rule)
        words, effect, ask = (fact.message(name, **values) for name in (variant, "effect", "ask"))
        self.add(Cause(rule, fact.level, words, effect, ask, fact.source, place, at_ms), key, number, response)

    def judged(self) -> AuditedSession:
        """Return what was found as it is reported."""
        found = [
            Finding(
                cause.rule,
                cause.level,
                cause.message,
                cause.effect,
                cause.ask,
                cause.source,
                self.session_id,
                cause.numbers,
                cause.count,
                cause.at_ms,
                cause.place,
                self.capture,
                cause.response,
                self.key,
            )
            for cause in (self.causes or {}).values()
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
