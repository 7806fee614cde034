"""Tools for Adobe's Media Collection API: a form, validation, a client, a sandbox server, and the audit of captures.

Public names are loaded on first use, so that ``import mctoolkit`` is fast and does not load pandas, ipywidgets or
requests.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from mctoolkit._core.version import __version__ as __version__

if TYPE_CHECKING:
    from mctoolkit import captures
    from mctoolkit._core.clocks import ManualClock, seeded_ids
    from mctoolkit._core.errors import HostError, InputError, JournalError, MctoolkitError, SandboxError, UsageError
    from mctoolkit.auditing.api import Audit, audit
    from mctoolkit.client import profiles
    from mctoolkit.client.client import Client
    from mctoolkit.client.journal import Journal
    from mctoolkit.models.errors import NoResponse, NotSent
    from mctoolkit.models.event import Event
    from mctoolkit.models.example import example
    from mctoolkit.models.exchange import Exchange
    from mctoolkit.models.finding import Finding
    from mctoolkit.models.problem import Fix, Problem, Verdict
    from mctoolkit.reporting import charts, formats, tables
    from mctoolkit.reporting.diff import compare
    from mctoolkit.reporting.explain import explain
    from mctoolkit.sandbox import Sandbox
    from mctoolkit.simulation import mistakes, presets
    from mctoolkit.simulation.runner import simulate
    from mctoolkit.validation import validate
    from mctoolkit.validation.tracking_plan import TrackingPlan
    from mctoolkit.widgets import EventPad, QuizQuestion, SessionForm, guided_check, watch

__all__ = [
    "Audit",
    "Client",
    "Event",
    "EventPad",
    "Exchange",
    "Finding",
    "Fix",
    "HostError",
    "InputError",
    "Journal",
    "JournalError",
    "ManualClock",
    "MctoolkitError",
    "NoResponse",
    "NotSent",
    "Problem",
    "QuizQuestion",
    "Sandbox",
    "SandboxError",
    "SessionForm",
    "TrackingPlan",
    "UsageError",
    "Verdict",
    "audit",
    "captures",
    "charts",
    "compare",
    "example",
    "explain",
    "formats",
    "guided_check",
    "mistakes",
    "presets",
    "profiles",
    "seeded_ids",
    "simulate",
    "tables",
    "validate",
    "watch",
]

_MODULE_OF = {
    "Audit": "auditing.api",
    "Client": "client.client",
    "Event": "models.event",
    "EventPad": "widgets",
    "Exchange": "models.exchange",
    "Finding": "models.finding",
    "Fix": "models.problem",
    "HostError": "_core.errors",
    "InputError": "_core.errors",
    "Journal": "client.journal",
    "JournalError": "_core.errors",
    "ManualClock": "_core.clocks",
    "MctoolkitError": "_core.errors",
    "NoResponse": "models.errors",
    "NotSent": "models.errors",
    "Problem": "models.problem",
    "QuizQuestion": "widgets",
    "Sandbox": "sandbox",
    "SandboxError": "_core.errors",
    "SessionForm": "widgets",
    "TrackingPlan": "validation.tracking_plan",
    "UsageError": "_core.errors",
    "Verdict": "models.problem",
    "audit": "auditing.api",
    "compare": "reporting.diff",
    "example": "models.example",
    "explain": "reporting.explain",
    "guided_check": "widgets",
    "seeded_ids": "_core.clocks",
    "simulate": "simulation.runner",
    "validate": "validation",
    "watch": "widgets",
}

_SUBPACKAGES = {
    "captures": "captures",
    "charts": "reporting.charts",
    "formats": "reporting.formats",
    "mistakes": "simulation.mistakes",
    "presets": "simulation.presets",
    "profiles": "client.profiles",
    "tables": "reporting.tables",
}


def __getattr__(name: str) -> object:
    """Load a public name from its module on first use."""
    if name in _SUBPACKAGES:
        found: object = import_module(f"mctoolkit.{_SUBPACKAGES[name]}")
    elif name in _MODULE_OF:
        found = getattr(import_module(f"mctoolkit.{_MODULE_OF[name]}"), name)
    else:
        raise AttributeError(f"module 'mctoolkit' has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
