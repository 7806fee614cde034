"""Explore Adobe's Media Collection API: a form, a checker in plain words, a client, and a sandbox on this computer.

The public names are loaded on first use, so that ``import mctoolkit`` stays quick and imports no pandas, ipywidgets
or requests.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mctoolkit.audits import Audit, audit
    from mctoolkit.client import Client
    from mctoolkit.clocks import HandClock, seeded_ids
    from mctoolkit.comparing import compare
    from mctoolkit.drafts import Draft
    from mctoolkit.errors import (
        JournalError,
        MctoolkitError,
        MisuseError,
        NoAnswer,
        NotSent,
        SandboxError,
        TargetError,
        UnreadableInput,
    )
    from mctoolkit.events import Event
    from mctoolkit.exchanges import Exchange
    from mctoolkit.explaining import explain
    from mctoolkit.findings import Finding
    from mctoolkit.journal import Journal
    from mctoolkit.plans import Plan
    from mctoolkit.problems import Fix, Problem, Verdict
    from mctoolkit.runner import play
    from mctoolkit.sandbox import Sandbox
    from mctoolkit.validation import validate
    from mctoolkit.widgets import EventPad, Question, SessionForm, guided_check, watch

__all__ = [
    "Audit",
    "Client",
    "Draft",
    "Event",
    "EventPad",
    "Exchange",
    "Finding",
    "Fix",
    "HandClock",
    "Journal",
    "JournalError",
    "MctoolkitError",
    "MisuseError",
    "NoAnswer",
    "NotSent",
    "Plan",
    "Problem",
    "Question",
    "Sandbox",
    "SandboxError",
    "SessionForm",
    "TargetError",
    "UnreadableInput",
    "Verdict",
    "audit",
    "compare",
    "explain",
    "guided_check",
    "play",
    "seeded_ids",
    "validate",
    "watch",
]

__version__ = "0.1.0"

_HOMES = {
    "Audit": "audits",
    "Client": "client",
    "Draft": "drafts",
    "Event": "events",
    "EventPad": "widgets",
    "Exchange": "exchanges",
    "Finding": "findings",
    "Fix": "problems",
    "HandClock": "clocks",
    "Journal": "journal",
    "JournalError": "errors",
    "MctoolkitError": "errors",
    "MisuseError": "errors",
    "NoAnswer": "errors",
    "NotSent": "errors",
    "Plan": "plans",
    "Problem": "problems",
    "Question": "widgets",
    "Sandbox": "sandbox",
    "SandboxError": "errors",
    "SessionForm": "widgets",
    "TargetError": "errors",
    "UnreadableInput": "errors",
    "Verdict": "problems",
    "audit": "audits",
    "compare": "comparing",
    "explain": "explaining",
    "guided_check": "widgets",
    "play": "runner",
    "seeded_ids": "clocks",
    "validate": "validation",
    "watch": "widgets",
}


def __getattr__(name: str) -> object:
    """Load a public name from its module on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module 'mctoolkit' has no attribute {name!r}")
    found = getattr(import_module(f"mctoolkit.{_HOMES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
