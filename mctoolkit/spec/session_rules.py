"""The rules of a session as typed, read-only objects; the data lie beside this file in ``session_rules.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from mctoolkit._core.messages import Message
from mctoolkit.spec import catalog, loader

__all__ = ["SessionRule", "rule", "rules"]


@dataclass(frozen=True, slots=True)
class SessionRule:
    """What an audit looks at in a whole session.

    Attributes
    ----------
    id : str
        Its name: ``"ad-outside-break"``.
    level : {"error", "warning", "hint"}
        Refused or lost; accepted, but the reports are wrong; allowed, worth checking.
    subject : str
        The module of ``mctoolkit.auditing`` that looks at it.
    source : str
        The page that makes it a rule.
    needs_start : bool
        Whether it cannot be told of a session of which the capture lacks the beginning, or a body.
    title : str
        Its name in a few words.
    messages : Mapping
        The texts of its messages: ``"effect"``, ``"ask"``, and what is wrong, by variant.
    """

    id: str
    level: catalog.Level
    subject: str
    source: str = field(compare=False)
    needs_start: bool = False
    title: str = field(default="", compare=False)
    messages: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    def message(self, variant: str, /, **values: object) -> Message:
        """Return what an audit says where the rule is broken: one of ``messages`` with its values."""
        return Message(self.messages[variant], values)


@cache
def rules() -> Mapping[str, SessionRule]:
    """Return every rule of a session by its id.

    Examples
    --------
    >>> rules()["ad-outside-break"].level
    'error'
    """
    blocks = loader.read("session_rules")
    return MappingProxyType({id_: SessionRule(id_, **block) for id_, block in blocks.items()})


def rule(id_: str) -> SessionRule:
    """Return one rule.

    Raises
    ------
    UsageError
        There is no such rule.
    """
    found = rules().get(id_)
    if found is None:
        raise catalog.no_such("rule", id_, rules())
    return found
