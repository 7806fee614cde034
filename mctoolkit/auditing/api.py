"""audit: say what is wrong with the sessions of a capture, what it does to the reports, and what to ask for.

``results`` is what it returns, ``groups`` puts findings of one cause together, ``frames`` and ``pages`` show them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from mctoolkit.auditing import Auditor, TrackingPlanCheck
from mctoolkit.auditing.baseline import Baseline
from mctoolkit.auditing.groups import Group
from mctoolkit.auditing.result import Audit
from mctoolkit.captures import read_requests

if TYPE_CHECKING:
    from mctoolkit.models.captured_request import CapturedRequest
    from mctoolkit.validation.tracking_plan import TrackingPlan

__all__ = ["Audit", "Group", "audit"]


def audit(
    *sources: object,
    baseline: str | Path | Baseline | None = None,
    plan: str | Path | TrackingPlan | None = None,
    on_call: Callable[[CapturedRequest], object] | None = None,
) -> Audit:
    """Judge every session of one or more captures.

    Each body is checked, and each session is held against the rules in ``spec/data/session_rules.toml``. Nothing is sent.
    A capture is read as a stream: it may be larger than memory.

    Parameters
    ----------
    *sources : path, text, bytes, Journal, Sandbox, or a list of Exchange, Call, Event or dict
        What :func:`mctoolkit.captures.read_requests` takes: a HAR, a log with one JSON object a line, curl commands, a
        folder of these, a sandbox that a player was pointed at, ...
    baseline : str, Path or Baseline, optional
        Findings that are accepted; only others are reported.
    plan : str, Path or TrackingPlan, optional
        A company's own tracking plan, such as an Excel sheet; each breach is a warning that cites its row.
    on_call : callable, optional
        Called with each call of the capture, such as ``calls.append`` for :func:`mctoolkit.reporting.charts.timeline`: a capture
        need not be read again for it.

    Returns
    -------
    Audit
        What was found; it shows itself in a notebook.

    Raises
    ------
    InputError
        There is no such file, or it is none that can be read; the message says the next click.

    Examples
    --------
    >>> moment = 1509045334153
    >>> events = [
    ...     {"eventType": "ping", "playerTime": {"playhead": 0, "ts": moment}},
    ...     {"eventType": "sessionEnd", "playerTime": {"playhead": 1, "ts": moment + 1000}},
    ...     {"eventType": "ping", "playerTime": {"playhead": 2, "ts": moment + 2000}},
    ... ]
    >>> [(finding.rule, finding.level, finding.entries) for finding in audit(events).findings]
    [('ping-after-end', 'error', (3,))]
    """
    capture = read_requests(*sources)
    accepted = Baseline.read(baseline) if isinstance(baseline, str | Path) else baseline
    auditor = Auditor(_house_rules(plan))
    for call in capture:
        auditor.feed(call)
        if on_call is not None:
            on_call(call)
    found = Audit(auditor.finish(), capture.stats, capture.names)
    return found if accepted is None else found.without(accepted)


def _house_rules(plan: str | Path | TrackingPlan | None) -> TrackingPlanCheck | None:
    if plan is None:
        return None
    if isinstance(plan, str | Path):
        from mctoolkit.validation.tracking_plan import TrackingPlan  # few audits need what reads sheets

        plan = TrackingPlan.read(plan)
    check = plan.check
    return lambda body, player: check(body, platform=player or None)
