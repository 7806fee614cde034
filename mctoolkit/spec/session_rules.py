"""The session rules as typed, read-only objects; the data are in ``data/session_rules.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from mctoolkit._core.messages import Message
from mctoolkit.spec import loader
from mctoolkit.spec.search import unknown_name_error
from mctoolkit.spec.types import Level

__all__ = ["SessionRule", "rule", "rules"]


@dataclass(frozen=True, slots=True)
class SessionRule:
    """A rule about a whole session.

    Attributes
    ----------
    id : str
        The name: ``"ad-outside-break"``.
    level : {"error", "warning", "hint"}
        Refused, or missing in the reports; accepted, but the reports are wrong; allowed, worth checking.
    subject : str
        The module in ``mctoolkit.auditing.rules`` that checks it.
    source : str
        The page that states the rule.
    needs_start : bool
        Whether it cannot be applied to a session whose sessionStart, or a body, is missing in the capture.
    title : str
        Its short name for tables.
    messages : Mapping
        Its texts: ``"effect"``, ``"ask"``, and by variant what is wrong.
    """

    id: str
    level: Level
    subject: str
    source: str = field(compare=False)
    needs_start: bool = False
    title: str = field(default="", compare=False)
    messages: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    def message(self, variant: str, /, **values: object) -> Message:
        """Return one of ``messages`` with its values."""
        return Message(self.messages[variant], values)


@cache
def rules() -> Mapping[str, SessionRule]:
    """Return all session rules by id.

    Examples
    --------
    >>> rules()["ad-outside-break"].level
    'error'
    """
    blocks = loader.read("session_rules")
    return MappingProxyType({id_: SessionRule(id_, **block) for id_, block in blocks.items()})


def rule(id_: str) -> SessionRule:
    """Return a rule of the audit.

    Raises
    ------
    UsageError
        There is no such rule; the message suggests the nearest id.
    """
    found = rules().get(id_)
    if found is None:
        raise unknown_name_error("rule", id_, rules())
    return found
