"""Rules of the audit of sessions. The data are in ``spec/data/session_rules.toml``."""

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
    """A rule of the audit of sessions.

    Attributes
    ----------
    id : str
        The name: ``"ad-outside-break"``.
    level : {"error", "warning", "hint"}
        ``"error"``: data are rejected or lost. ``"warning"``: reports are wrong. ``"hint"``: worth knowing.
    subject : str
        The module of ``mctoolkit.auditing.rules`` that checks it.
    source : str
        The documentation of the rule.
    needs_start : bool
        Whether the rule needs a session with its start and all of its bodies.
    title : str
        The rule in a few words.
    messages : Mapping
        The texts of the messages: ``"effect"``, ``"ask"``, and the violation by variant.
    """

    id: str
    level: Level
    subject: str
    source: str = field(compare=False)
    needs_start: bool = False
    title: str = field(default="", compare=False)
    messages: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    def message(self, variant: str, /, **values: object) -> Message:
        """Return one of the messages with its values."""
        return Message(self.messages[variant], values)


@cache
def rules() -> Mapping[str, SessionRule]:
    """Return all rules of the audit by id.

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
        There is no such rule.
    """
    found = rules().get(id_)
    if found is None:
        raise unknown_name_error("rule", id_, rules())
    return found
