"""Baseline: accepted findings in a file next to a player's code, so that CI fails on new ones only."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mctoolkit._core.errors import InputError, error_reason
from mctoolkit._core.messages import gettext as _
from mctoolkit.models.finding import AuditedSession, Finding

__all__ = ["Baseline"]

ANY = "*"
"""Matches every player or place."""

_RENAMED_RULES = {"house-rule": "tracking-plan"}
"""The rules whose ids differ in files of version 0.1.0."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """Accepted findings by rule, place in the body and player, which do not change from capture to capture.

    Attributes
    ----------
    entries : tuple of (str, str, str)
        Rule, place, player; ``"*"`` as place or player matches all.

    Examples
    --------
    >>> baseline = Baseline((("ts-equal", "*", "web"),))
    >>> baseline.accepts(Finding("ts-equal", "warning", "."), "web")
    ('ts-equal', '*', 'web')
    >>> baseline.accepts(Finding("ts-equal", "warning", "."), "tv") is None
    True
    """

    entries: tuple[tuple[str, str, str], ...]

    def accepts(self, finding: Finding, player: str) -> tuple[str, str, str] | None:
        """Return the entry that accepts a finding of a player, or None."""
        for place in (finding.place, ANY):
            for name in (player, ANY):
                entry = (finding.rule, place, name)
                if entry in self.entries:
                    return entry
        return None

    @classmethod
    def from_sessions(cls, sessions: Iterable[AuditedSession]) -> Baseline:
        """Return the baseline that accepts all findings of these sessions."""
        return cls(tuple(sorted({(f.rule, f.place, session.player) for session in sessions for f in session.findings})))

    def union(self, other: Baseline) -> Baseline:
        """Return the baseline that accepts what either of the two accepts."""
        return Baseline(tuple(sorted({*self.entries, *other.entries})))

    @classmethod
    def read(cls, path: str | Path) -> Baseline:
        """Read a JSON file, as :meth:`write` makes it, or the same in TOML.

        Raises
        ------
        InputError
            The file does not exist or is not a baseline.
        """
        try:
            text = Path(path).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = error_reason(error)
            raise InputError(_("Cannot read the baseline {path}: {reason}.").format(path=path, reason=reason)) from None
        try:
            value: Any = tomllib.loads(text) if Path(path).suffix.lower() == ".toml" else json.loads(text)
        except (ValueError, RecursionError) as error:
            raise InputError(
                _(
                    "The baseline {path} is neither JSON nor TOML: {reason}. Create a new one with --write-baseline."
                ).format(path=path, reason=error)
            ) from None
        accepted = value.get("accepted") if isinstance(value, dict) else None
        if not isinstance(accepted, list):
            raise InputError(
                _('The baseline {path} has no list "accepted". Create a new one with --write-baseline.').format(
                    path=path
                )
            )
        return cls(tuple(_entry(block, number, path) for number, block in enumerate(accepted, 1)))

    def write(self, path: str | Path) -> None:
        """Write a JSON file, one line per entry, in a fixed order.

        Raises
        ------
        InputError
            The file cannot be written.
        """
        lines = [
            json.dumps({"rule": rule, "place": place, "player": player}, ensure_ascii=False)
            for rule, place, player in sorted(self.entries)
        ]
        listed = ",\n".join(f"    {line}" for line in lines)
        text = f'{{\n  "accepted": [\n{listed}\n  ]\n}}\n' if lines else '{\n  "accepted": []\n}\n'
        try:
            Path(path).write_text(text, encoding="utf-8")
        except OSError as error:
            reason = error_reason(error)
            raise InputError(
                _("Cannot write the baseline {path}: {reason}.").format(path=path, reason=reason)
            ) from None


def _entry(block: object, number: int, path: str | Path) -> tuple[str, str, str]:
    if isinstance(block, dict):
        rule, place, player = block.get("rule"), block.get("place", ANY), block.get("player", ANY)
        if isinstance(rule, str) and rule and isinstance(place, str) and isinstance(player, str):
            return _RENAMED_RULES.get(rule, rule), place, player
    raise InputError(
        _(
            'Entry {number} of the baseline {path} has no rule. Write it as {{"rule": ..., "place": ..., '
            '"player": ...}}.'
        ).format(path=path, number=number)
    )
