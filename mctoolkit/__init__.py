"""Explore Adobe's Media Collection API: a form, a checker in plain words, a client, and a sandbox on this computer.

The public names are loaded on first use, so that ``import mctoolkit`` stays quick and imports no pandas, ipywidgets
or requests.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mctoolkit._core.clocks import HandClock, seeded_ids
    from mctoolkit._core.errors import (
        JournalError,
        MctoolkitError,
        MisuseError,
        NoAnswer,
        NotSent,
        SandboxError,
        TargetError,
        UnreadableInput,
    )
    from mctoolkit.auditing.api import Audit, audit
    from mctoolkit.client.client import Client
    from mctoolkit.client.journal import Journal
    from mctoolkit.models.draft import Draft
    from mctoolkit.models.event import Event
    from mctoolkit.models.exchange import Exchange
    from mctoolkit.models.finding import Finding
    from mctoolkit.models.problem import Fix, Problem, Verdict
    from mctoolkit.reporting.diff import compare
    from mctoolkit.reporting.explain import explain
    from mctoolkit.sandbox import Sandbox
    from mctoolkit.simulation.runner import play
    from mctoolkit.validation import validate
    from mctoolkit.validation.tracking_plan import Plan
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
    "Audit": "auditing.api",
    "Client": "client.client",
    "Draft": "models.draft",
    "Event": "models.event",
    "EventPad": "widgets",
    "Exchange": "models.exchange",
    "Finding": "models.finding",
    "Fix": "models.problem",
    "HandClock": "_core.clocks",
    "Journal": "client.journal",
    "JournalError": "_core.errors",
    "MctoolkitError": "_core.errors",
    "MisuseError": "_core.errors",
    "NoAnswer": "_core.errors",
    "NotSent": "_core.errors",
    "Plan": "validation.tracking_plan",
    "Problem": "models.problem",
    "Question": "widgets",
    "Sandbox": "sandbox",
    "SandboxError": "_core.errors",
    "SessionForm": "widgets",
    "TargetError": "_core.errors",
    "UnreadableInput": "_core.errors",
    "Verdict": "models.problem",
    "audit": "auditing.api",
    "compare": "reporting.diff",
    "explain": "reporting.explain",
    "guided_check": "widgets",
    "play": "simulation.runner",
    "seeded_ids": "_core.clocks",
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
